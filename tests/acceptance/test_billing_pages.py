"""The billing overview and the statement of account in a real browser."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from billing.models import Invoice, PaymentMethod, Service
from tests import factories
from tests.acceptance.steps import sign_in
from tests.billing import credited
from tests.billing.years import active_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(shop) -> Service:
    """Ordered and paid today, in the demo's shop."""
    customer = factories.customer(factories.user(name="Sari Wulandari"))
    return active_order(
        customer, timezone.localdate(), factories.product(), method=PaymentMethod.objects.first()
    ).services.get()


@pytest.fixture
def owner(service) -> User:
    return service.customer.users.get()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_customer_looks_ahead_and_takes_the_statement_along(make_visitor, owner, scripts):
    visitor = make_visitor(scripts=scripts)
    sign_in(visitor, owner)
    visitor.visit(reverse("billing:billing-overview"))
    visitor.press("Rekening koran")
    page = visitor.page
    page.locator("[name=first]").fill("2026-01-01")
    page.locator("[name=last]").fill("2025-01-01")
    visitor.press("Tampilkan")
    expect(page.locator("#id_last_error")).to_be_visible()
    page.locator("[name=last]").fill("2030-12-31")
    visitor.press("Tampilkan")
    for name in ("PDF", "CSV"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name).click()
        assert taken.value.suggested_filename == f"rekening-2026-01-01-2030-12-31.{name.lower()}"


def test_a_customer_ends_a_service_and_keeps_it_after_all(make_visitor, owner, service):
    visitor = make_visitor()
    sign_in(visitor, owner)
    visitor.visit(service.get_absolute_url())
    visitor.press("Berhenti berlangganan")
    visitor.page.locator("[name=reason]").select_option("price")
    visitor.press("Minta berhenti")
    visitor.press("Tetap berlangganan")
    service.refresh_from_db()
    assert service.ends_on is None


def test_a_customer_renews_early_and_gives_it_up(make_visitor, owner, service):
    visitor = make_visitor()
    sign_in(visitor, owner)
    visitor.visit(service.get_absolute_url())
    visitor.press("Perpanjang lebih awal")
    visitor.page.locator("[name=periods]").select_option("3")
    visitor.press("Buat tagihan")
    assert Invoice.objects.get(early=True).lines.count() == 3
    visitor.visit(service.get_absolute_url())
    visitor.press("Batalkan perpanjangan")
    assert Invoice.objects.get(early=True).status == "cancelled"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_service_is_handed_over_to_who_agrees(make_visitor, owner, service, scripts):
    giver = make_visitor(scripts=scripts)
    sign_in(giver, owner)
    giver.visit(service.get_absolute_url())
    giver.press("Pindahkan layanan")
    giver.press("Kirim tawaran")
    expect(giver.page.locator("#id_email_error")).to_be_visible()
    giver.page.locator("[name=email]").fill("penerima@example.com")
    giver.press("Kirim tawaran")
    receiver = factories.user(email="penerima@example.com")
    taken_by = factories.customer(receiver, name="PT Penerima")
    taker = make_visitor(scripts=scripts)
    sign_in(taker, receiver)
    [offer] = [one for one in mail.outbox if one.to == [receiver.email]]
    taker.visit(re.search(r"/client/transfers/[^/]+/", offer.body).group())
    taker.press("Setuju, ambil layanan")
    service.refresh_from_db()
    assert service.customer == taken_by


def test_funds_are_added_in_the_browser_and_a_credit_note_is_read(make_visitor, owner, service):
    visitor = make_visitor()
    sign_in(visitor, owner)
    visitor.visit(reverse("billing:credit"))
    visitor.press("Isi saldo")
    page = visitor.page
    page.locator("[name=amount]").fill("1.000")
    visitor.press("Buat tagihan")
    expect(page.locator("#id_amount_error")).to_be_visible()
    page.locator("[name=amount]").fill("200.000")
    visitor.press("Buat tagihan")
    added = Invoice.objects.get(kind="add_funds")
    expect(page.get_by_role("heading", level=1)).to_contain_text(added.number)
    visitor.press("Batalkan tagihan ini")
    visitor.sees("Tagihan dibatalkan. Tidak ada yang perlu Anda bayar.")
    added.refresh_from_db()
    assert added.status == "cancelled"

    note = credited.credit_note(service.order.invoice)
    visitor.visit(service.order.invoice.get_absolute_url())
    visitor.press(note.number)
    with page.expect_download() as taken:
        visitor.find_button("Unduh PDF").click()
    assert taken.value.suggested_filename == f"{note.slug}.pdf"
    visitor.press("Lihat saldo kredit")
    expect(page.get_by_text(note.number)).to_be_visible()
