"""A10: the billing team decides the payment in the ticket, support activates, and the customer gets the login details."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import OutboxEmail, Shop
from billing.models import Invoice, Order, Service
from catalog.models import Product
from tests import factories
from tests.acceptance import steps
from tickets.models import CannedReply, Ticket

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


def looks_again(visitor) -> None:
    """Back from another tab: what is asked for every few seconds is asked for at once."""
    visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_open_inbox_shows_a_new_ticket_by_itself(buyer, make_visitor, agent, billing):
    staff = make_visitor()
    steps.sign_in(staff, agent)
    staff.visit("/admin/tickets/ticket/inbox/")
    factories.ticket(Ticket.objects.get().customer, department=billing, subject="Baru saja masuk")
    looks_again(staff)
    expect(staff.page.get_by_role("link", name="Baru saja masuk")).to_be_visible()
    staff.check()


def test_two_staff_see_each_other_and_what_was_written_is_kept(buyer, make_visitor, agent, billing):
    address = f"/admin/tickets/ticket/{Ticket.objects.get().pk}/thread/"
    CannedReply.objects.create(title="Salam", department=billing, body_id="Halo {nama}.", body_en="Hello {nama}.")
    colleague = factories.user(is_staff=True, is_superuser=True, name="Rina")
    first, second = make_visitor(), make_visitor()
    steps.sign_in(first, agent)
    steps.sign_in(second, colleague)
    for staff in (first, second):
        staff.visit(address)
    second.page.locator("#reply textarea").fill("Saya yang jawab.")
    expect(second.page.locator("#presence")).to_contain_text("Damar Dukungan")
    looks_again(first)
    words = {"id": "Rina sedang menulis", "en": "Rina is writing"}[first.language]
    expect(first.page.locator("#presence")).to_contain_text(words)
    # A canned reply comes where the cursor is, filled in for the customer.
    first.find_button("Balasan siap pakai").click()
    first.page.get_by_role("link", name="Salam").click()
    reply = first.page.locator("#reply textarea")
    expect(reply).to_have_value(re.compile("Sari Wulandari"))
    kept = reply.input_value()
    first.check()
    # The colleague is faster, and the one who was slower still has the text after a reload.
    second.press("Kirim balasan")
    looks_again(first)
    first.visit(address)
    expect(reply).to_have_value(kept)
    expect(first.page.get_by_text("Saya yang jawab.").first).to_be_visible()
