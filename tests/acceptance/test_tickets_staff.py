"""A10: the billing team decides the payment in the ticket, support activates, and the customer gets the login details."""

import pytest
from playwright.sync_api import expect

from accounts.models import OutboxEmail, Shop
from billing.models import Invoice, Order, Service
from catalog.models import Product
from tests import factories
from tests.acceptance import steps
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "rahasia-melati-9"


@pytest.fixture
def agent(shop):
    """Who answers for the payments, verifies them and activates services."""
    Shop.current()
    Shop.objects.update(login_details_in_email=True)
    return factories.user(is_staff=True, is_superuser=True, name="Damar Dukungan")


@pytest.fixture
def billing(agent):
    return factories.department(
        agent, slug="billing", name_id="Penagihan", name_en="Billing Support", handles_payments=True
    )


@pytest.fixture
def buyer(make_visitor, billing, tmp_path):
    """A newcomer who ordered what staff activates and sent the proof of the transfer by ticket."""
    Product.objects.filter(slug="bisnis", group__slug="cloud-hosting").update(activation=Product.Activation.BY_STAFF)
    visitor = make_visitor()
    steps.put_hosting_in_the_cart(visitor)
    steps.complete_order_as_newcomer(visitor)
    visitor.press("Tanya tagihan ini")
    visitor.fill("transfer-amount", "94.350")
    visitor.fill("transfer-sender_bank", "BCA")
    visitor.fill("subject", "Sudah transfer")
    visitor.fill("body", "Bukti terlampir.")
    visitor.page.locator("[name=files]").set_input_files(steps.picture(tmp_path))
    visitor.find_button("Kirim tiket").click()
    expect(visitor.page.locator(".message-mine").first).to_be_visible()
    return visitor


def test_a10_the_payment_is_verified_in_the_ticket_and_the_login_details_are_emailed(buyer, make_visitor, agent):
    staff = make_visitor()
    steps.sign_in(staff, agent)
    staff.visit("/admin/tickets/ticket/inbox/")
    staff.press("Sudah transfer", exact=False)
    staff.press("Terima")
    invoice, service = Invoice.objects.get(), Service.objects.get(parent=None)
    assert (invoice.status, Order.objects.get().status, service.status) == ("paid", "active", "pending")
    staff.press("Aktifkan", exact=False)
    staff.fill("url", "https://panel.example.com")
    staff.fill("username", "sari")
    staff.fill("password", SECRET)
    staff.press("Aktifkan dan beri tahu pelanggan")
    # Back in the ticket that it was activated from.
    expect(staff.page.locator("#reply")).to_be_visible()
    service.refresh_from_db()
    assert service.status == Service.Status.ACTIVE
    email = OutboxEmail.objects.get(template="billing/service_active")
    assert (email.to, email.status) == (steps.BUYER["account-email"], OutboxEmail.Status.SENT)
    # The decision stands in the ticket, for the customer too.
    buyer.visit(Ticket.objects.get().get_absolute_url())
    buyer.sees({"id": "sudah kami terima", "en": "received"}[buyer.language])
    buyer.visit(invoice.get_absolute_url())
    buyer.sees("Lunas")


def test_a10_a_reply_reaches_the_customer_and_a_note_does_not(buyer, make_visitor, agent):
    ticket = Ticket.objects.get()
    staff = make_visitor()
    steps.sign_in(staff, agent)
    staff.visit(f"/admin/tickets/ticket/{ticket.pk}/thread/")
    staff.page.locator(".note-card summary").click()
    staff.page.locator(".note-card textarea").fill("CATATAN-RAHASIA jangan dibaca pelanggan")
    staff.press("Simpan catatan")
    staff.page.locator("#reply textarea").first.fill("Terima kasih, kami periksa.")
    staff.press("Kirim balasan")
    buyer.visit("/client/tickets/")
    buyer.press("Sudah transfer", exact=False)
    expect(buyer.page.get_by_text("Terima kasih, kami periksa.")).to_be_visible()
    expect(buyer.page.get_by_text("CATATAN-RAHASIA")).to_have_count(0)
    assert "CATATAN-RAHASIA" not in buyer.page.content()


def test_the_inbox_is_worked_from_the_keyboard(buyer, make_visitor, agent):
    staff = make_visitor()
    steps.sign_in(staff, agent)
    staff.visit("/admin/tickets/ticket/inbox/")
    page = staff.page
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#reply")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#reply textarea").first).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("[data-keys-help]")).to_be_visible()
    staff.check()
