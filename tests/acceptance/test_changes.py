"""Changing a service in a real browser, from both sides: the customer chooses and pays, staff verifies and sees it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from billing.models import PaymentMethod, Service, ServiceChange
from catalog.cycles import Cycle
from catalog.models import Product
from catalog.selection import Selection
from tests import factories
from tests.acceptance import steps
from tests.billing.years import active_order

pytestmark = pytest.mark.django_db(transaction=True)


def plan(name: str, price: int) -> Product:
    made = factories.product(name_id=name, name_en=name, prices={Cycle.MONTHLY: price}, taxable=False)
    factories.quantity_option(made, prices={Cycle.MONTHLY: 10_000}, minimum=1, maximum=50)
    return made


@pytest.fixture
def larger(shop) -> Product:
    return plan("Plan L", 500_000)


@pytest.fixture
def service(shop, larger) -> Service:
    """Ordered and paid today, with two users: Rp320.000 a month."""
    small = plan("Plan S", 300_000)
    small.changes_to.add(larger)
    customer = factories.customer(factories.user(name="Sari Wulandari"))
    chosen = {small: Selection(Cycle.MONTHLY, options={"users": 2})}
    return active_order(
        customer, timezone.localdate(), selections=chosen, method=PaymentMethod.objects.first()
    ).services.get()


@pytest.fixture
def owner(service) -> User:
    return service.customer.users.get()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_customer_moves_to_a_larger_plan_and_staff_verifies_the_payment(
    make_visitor, owner, service, larger, tmp_path, scripts
):
    visitor = make_visitor(scripts=scripts)
    steps.sign_in(visitor, owner)
    visitor.visit(service.get_absolute_url())
    visitor.press("Ubah layanan")
    visitor.choose("product", str(larger.pk))
    visitor.press("Tampilkan pilihannya")
    summary = visitor.page.locator("#summary")
    # The whole month lies ahead: 500.000 + 2 × 10.000 less 320.000.
    expect(summary).to_contain_text("Rp200.000")
    visitor.page.locator("input[type=number][name=users]").fill("7")
    if scripts:
        expect(summary).to_contain_text("Rp250.000")
        visitor.check()
    else:
        visitor.press("Hitung ulang")
        expect(summary).to_contain_text("Rp250.000")
    visitor.press("Ubah layanan", within=summary)
    made = ServiceChange.objects.get()
    expect(visitor.page.locator("#pay")).to_contain_text("Rp250.000")
    steps.confirm_payment(visitor, steps.picture(tmp_path))

    staff = make_visitor()
    permissions = ("verify_payment", "view_paymentconfirmation", "view_service", "view_servicechange", "view_invoice")
    steps.sign_in(staff, factories.staff(*(f"billing.{name}" for name in permissions)))
    staff.visit("/admin/billing/servicechange/")
    expect(staff.page.get_by_text("Plan S → Plan L")).to_be_visible()
    for address in (f"/admin/billing/servicechange/{made.pk}/change/", f"/admin/billing/service/{service.pk}/change/"):
        # Not held to axe: for the stylesheet that Django's own imports another it writes an inline style of its own.
        staff.page.goto(address)
        expect(staff.page.get_by_text("Plan S → Plan L").first).to_be_visible()
    staff.visit("/admin/billing/paymentconfirmation/desk/")
    staff.press(made.invoice.number)
    staff.press("Terima")

    visitor.visit(service.get_absolute_url())
    expect(visitor.page.get_by_role("heading", name="Plan L", level=1)).to_be_visible()
    service.refresh_from_db()
    assert (service.product, service.recurring_net) == (larger, 570_000)


def test_a_customer_takes_a_change_back(make_visitor, owner, service, larger):
    visitor = make_visitor()
    steps.sign_in(visitor, owner)
    visitor.visit(f"{service.get_absolute_url()}change/?product={larger.pk}")
    visitor.press("Ubah layanan", within=visitor.page.locator("#summary"))
    visitor.visit("/client/services/")
    visitor.sees("Perubahan menunggu pembayaran")
    visitor.visit(service.get_absolute_url())
    visitor.press("Batalkan perubahan")
    visitor.visit(f"{service.get_absolute_url()}change/")
    assert ServiceChange.objects.get().cancelled_at is not None
