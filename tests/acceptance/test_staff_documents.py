"""What staff does for a customer in the browser: an order, and an invoice written by hand that the customer then pays."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from billing.models import Invoice, Order, PaymentConfirmation
from catalog.models import Product
from tests import factories
from tests.acceptance.steps import confirm_payment, picture, sign_in
from tests.acceptance.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def owner(shop, language):
    return factories.user(language=language)


@pytest.fixture
def customer(owner, language):
    return factories.customer(owner, name="PT Kenanga Raya", language=language)


@pytest.fixture
def staff(make_visitor, customer, language):
    """Everything that the colleague in billing may do here."""
    visitor = make_visitor()
    names = (
        "add_order",
        "view_order",
        "add_invoice",
        "change_invoice",
        "view_invoice",
        "verify_payment",
        "see_reports",
    )
    person = factories.staff(*[f"billing.{name}" for name in names], "accounts.view_customer", language=language)
    sign_in(visitor, person)
    return visitor


@pytest.fixture
def buyer(make_visitor, owner, customer):
    visitor = make_visitor()
    sign_in(visitor, owner)
    return visitor


def follow(visitor: Visitor, label: str) -> None:
    """To one of Django's own pages, on which axe's styles meet the policy; ``test_admin_pages`` looks at those."""
    with visitor.page.expect_navigation():
        visitor.find_button(label).click()


def test_staff_order_for_a_customer_who_finds_the_invoice(staff, buyer, customer):
    staff.visit(reverse("admin:billing_order_new"))
    staff.fill("q", "kenanga")
    staff.press("Cari")
    staff.press("Pesankan", exact=False)
    product = Product.objects.get(group__slug="cloud-hosting", slug="bisnis")
    staff.page.locator("[name=add]").select_option(str(product.pk))
    staff.find_button("Tambah").click()
    staff.page.locator("[name=item-0-cycle]").select_option("monthly")
    staff.page.locator("[name=item-0-domain]").select_option("own")
    staff.page.locator("[name=item-0-own_name]").fill("kenanga.example.com")
    staff.page.locator("[name=terms-po_number]").fill("PO-77")
    expect(staff.page.locator("[name=total]")).to_have_value("94350")
    follow(staff, "Pesan untuk pelanggan")
    order = Order.objects.get()
    assert (order.customer, order.invoice.total, order.po_number) == (customer, 94_350, "PO-77")
    buyer.visit(order.invoice.get_absolute_url())
    expect(buyer.page.locator("h1")).to_contain_text(order.invoice.number)


def test_an_invoice_is_written_issued_paid_by_the_customer_and_accepted(staff, buyer, customer, tmp_path):
    staff.visit(f"{reverse('admin:billing_invoice_new')}?customer={customer.pk}")
    staff.press("Buat tagihan", exact=False)
    staff.fill("line-0-description", "Pelatihan")
    staff.fill("line-0-quantity", "2")
    staff.fill("line-0-unit_price", "1.500.000")
    staff.fill("around-notes", "Sesuai pembicaraan di telepon.")
    expect(staff.page.locator("#invoice-sums")).to_contain_text("Rp3.330.000")
    follow(staff, "Simpan konsep")
    staff.press("Terbitkan")
    follow(staff, "Terbitkan")
    invoice = Invoice.objects.get()
    buyer.visit(invoice.get_absolute_url())
    expect(buyer.page.get_by_text("Sesuai pembicaraan di telepon.")).to_be_visible()
    confirm_payment(buyer, picture(tmp_path))
    confirmation = PaymentConfirmation.objects.get()
    staff.visit(reverse("admin:billing_desk_confirmation", args=[confirmation.pk]))
    staff.press("Terima")
    buyer.visit(invoice.get_absolute_url())
    buyer.sees("Lunas")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.total) == ("paid", 3_330_000)


@pytest.mark.drawing
def test_the_pages_of_reports_have_no_finding(staff, customer):
    for name in ("reports", "report_revenue", "report_recurring", "report_receivables", "dunning"):
        staff.visit(reverse(f"admin:{name}"))
