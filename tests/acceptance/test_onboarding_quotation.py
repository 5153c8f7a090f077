"""M5 from both sides: staff quotes a lead from the catalog, the customer sends the signed paper, staff receives it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from onboarding.models import Case, Quotation
from tests import factories
from tests.acceptance import steps
from tests.onboarding.walk import fresh, product_with_onboarding, walk_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(shop):
    return factories.user(is_staff=True, is_superuser=True, name="Bima Bos")


@pytest.fixture
def owner(shop, language):
    return factories.user(name="Sari Wulandari", language=language)


@pytest.fixture
def lead(owner) -> Case:
    product = product_with_onboarding(name_id="Jurnal Plus", name_en="Jurnal Plus", prices={"monthly": 200_000})
    factories.quantity_option(product, prices={"monthly": 12_500}, minimum=1, maximum=50)
    case = factories.onboarding_case(factories.customer(owner, name="PT Sinar Kopi"), owner, product)
    return walk_to("quotation", case)


def test_m5_a_quotation_is_priced_sent_signed_on_paper_and_received(make_visitor, lead, owner, boss, tmp_path):
    staff = make_visitor()
    steps.sign_in(staff, boss)
    staff.visit(reverse("admin:onboarding_quotation_edit", args=[lead.pk]))
    total = staff.page.locator(".lines .total dd")
    expect(total).to_have_text("Rp212.500")
    users = staff.page.locator("[name=item-0-users]")
    users.fill("10")
    # The price follows by itself.
    users.press("Tab")
    expect(total).to_have_text("Rp325.000")
    staff.check()
    staff.press("Kirim penawaran")
    quotation = Quotation.objects.get()
    expect(staff.page.locator("h1")).to_contain_text(quotation.number)

    customer = make_visitor()
    steps.sign_in(customer, owner)
    customer.visit(quotation.document.get_absolute_url())
    customer.page.locator("#sign summary").click()
    customer.page.locator("[name=uploaded-file]").set_input_files(steps.picture(tmp_path))
    customer.page.locator("[name=uploaded-agree]").check()
    customer.check()
    customer.find_button("Unggah berkas").click()
    expect(customer.page.locator("h1 + .tag")).to_have_text(customer.say("Ditandatangani"))
    assert fresh(quotation).order is None

    staff.visit(reverse("admin:onboarding_document", args=[quotation.document_id]))
    staff.press("Diterima")
    expect(staff.page.locator(".tag").first).to_have_text(staff.say("Diterima"))
    order = fresh(quotation).order
    assert (order.placed_by, order.invoice.total) == (owner, quotation.total)
    customer.visit(lead.get_absolute_url())
    customer.sees("Buka tagihan")


def test_m5_the_editor_works_without_scripts(make_visitor, lead, boss):
    staff = make_visitor(scripts=False)
    steps.sign_in(staff, boss)
    staff.page.goto(reverse("admin:onboarding_quotation_edit", args=[lead.pk]))
    users, total = staff.page.locator("[name=item-0-users]"), staff.page.locator(".lines .total dd")
    users.fill("10")
    # Enter prices again and sends nothing.
    users.press("Enter")
    expect(total).to_have_text("Rp325.000")
    assert not Quotation.objects.exists()
    staff.page.click("button[value=send]")
    expect(staff.page.locator("h1")).to_contain_text("QT-")
    assert Quotation.objects.get().total == 325_000
