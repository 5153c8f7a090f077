"""A8, A8b, A9: confirming a payment by ticket and asking about a service, as the customer does it."""

import re

import pytest
from playwright.sync_api import expect

from billing.models import Invoice, PaymentConfirmation
from tests import factories
from tests.acceptance import steps
from tests.tickets import desk
from tickets.models import Department, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent(shop):
    return factories.user(is_staff=True, is_superuser=True, name="Damar Dukungan")


@pytest.fixture
def desks(agent) -> dict[str, Department]:
    """The departments of the guide: Billing Support, and Technical Support with its number of old."""
    billing = factories.department(
        agent, slug="billing", name_id="Penagihan", name_en="Billing Support", handles_payments=True
    )
    technical = factories.department(
        agent,
        slug="technical",
        name_id="Dukungan Teknis",
        name_en="Technical Support",
        handles_services=True,
        legacy_number=4,
    )
    return {"billing": billing, "technical": technical}


@pytest.fixture
def ordered(make_visitor, desks):
    """A newcomer who just ordered hosting, on the invoice's page."""

    def order(*, scripts: bool = True):
        visitor = make_visitor(scripts=scripts)
        steps.put_hosting_in_the_cart(visitor)
        steps.complete_order_as_newcomer(visitor)
        return visitor

    return order


def fill_in_ticket(visitor, **fields: str) -> None:
    for name, value in {"subject": "Sudah transfer", "body": "Bukti **terlampir**."}.items():
        visitor.fill(name, fields.get(name, value))


def fill_in_transfer(visitor) -> None:
    visitor.fill("transfer-amount", "94.350")
    visitor.fill("transfer-sender_bank", "BCA")


def send(visitor, label: str) -> None:
    """Sent with its progress shown where there are scripts; the page changes when the upload is through."""
    visitor.find_button(label).click()


def has_ticket(visitor) -> Ticket:
    expect(visitor.page).to_have_url(re.compile(r"/client/tickets/T-\w+/$"))
    expect(visitor.page.locator(".message-mine").first).to_be_visible()
    visitor.check()
    return Ticket.objects.get()


def sends_proof(visitor, tmp_path) -> Ticket:
    fill_in_transfer(visitor)
    fill_in_ticket(visitor)
    visitor.page.locator("[name=files]").set_input_files(steps.picture(tmp_path))
    send(visitor, "Kirim tiket")
    return has_ticket(visitor)


def confirms(ticket: Ticket, invoice: Invoice) -> None:
    confirmation = PaymentConfirmation.objects.get()
    assert (confirmation.invoice, ticket.invoice, ticket.department.slug) == (invoice, invoice, "billing")
    assert ticket.confirmations.get().confirmation == confirmation
    assert ticket.messages.get().attachments.get().name == "bukti-transfer.png"


def test_a8_the_payment_is_confirmed_by_a_ticket_to_billing_support(ordered, tmp_path):
    visitor = ordered()
    invoice = Invoice.objects.get()
    visitor.visit("/client/tickets/")
    visitor.press("Buka tiket")
    page = visitor.page
    page.get_by_label(re.compile(visitor.say("Tagihan terkait"))).select_option(invoice.slug)
    expect(page.locator("#transfer-title")).to_have_count(0)
    visitor.choose("department", "billing")
    expect(page.locator("#transfer-title")).to_be_visible()
    visitor.check()
    # Another department has no use for the transfer.
    visitor.choose("department", "technical")
    expect(page.locator("#transfer-title")).to_have_count(0)
    visitor.choose("department", "billing")
    ticket = sends_proof(visitor, tmp_path)
    confirms(ticket, invoice)
    visitor.sees("Menunggu Verifikasi")
    expect(page.locator(".alert").last).to_contain_text(
        {"id": "Perkiraan jawaban", "en": "Expected answer"}[visitor.language]
    )


def test_a8_without_scripts_a_button_shows_the_fields_of_the_transfer(ordered, tmp_path):
    visitor = ordered(scripts=False)
    invoice = Invoice.objects.get()
    visitor.visit("/client/tickets/new/")
    visitor.choose("department", "billing")
    visitor.page.locator("[name=invoice]").select_option(invoice.slug)
    visitor.fill("body", "Sudah saya ketik")
    visitor.press("Perbarui")
    expect(visitor.page.locator("[name=body]")).to_have_value("Sudah saya ketik")
    confirms(sends_proof(visitor, tmp_path), invoice)


def test_a8_the_question_about_an_invoice_arrives_filled_in(ordered):
    visitor = ordered()
    invoice = Invoice.objects.get()
    visitor.press("Tanya tagihan ini")
    expect(visitor.page.locator("[name=department][value=billing]")).to_be_checked()
    expect(visitor.page.locator("[name=invoice]")).to_have_value(invoice.slug)
    expect(visitor.page.locator("#transfer-title")).to_be_visible()


def test_a8b_a_direct_link_opens_the_form_with_the_department_chosen(ordered):
    visitor = ordered()
    invoice = Invoice.objects.get()
    visitor.visit(f"/tickets/new/?department=billing&invoice={invoice.slug}")
    expect(visitor.page.locator("[name=department][value=billing]")).to_be_checked()
    expect(visitor.page.locator("[name=invoice]")).to_have_value(invoice.slug)
    visitor.visit("/submitticket.php?step=2&deptid=4")
    expect(visitor.page.locator("[name=department][value=technical]")).to_be_checked()


def test_a8b_the_link_survives_signing_in(make_visitor, desks):
    visitor = make_visitor()
    person = factories.user(password="melati-putih-73", language=visitor.language)
    factories.customer(person)
    visitor.visit("/submitticket.php?step=2&deptid=4")
    visitor.fill("login", person.email)
    visitor.fill("password", "melati-putih-73")
    visitor.press("Masuk", within=visitor.page.locator("main"))
    expect(visitor.page.locator("[name=department][value=technical]")).to_be_checked()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a9_a_question_about_the_service_just_ordered_with_an_attachment(ordered, agent, tmp_path, scripts):
    visitor = ordered(scripts=scripts)
    service = Invoice.objects.get().order.services.get(parent=None)
    visitor.visit("/client/tickets/new/")
    visitor.choose("department", "technical")
    visitor.page.locator("[name=service]").select_option(str(service.pk))
    fill_in_ticket(visitor, subject="Kapan aktif?", body="Mohon kabar.\nTerima kasih.")
    visitor.page.locator("[name=files]").set_input_files(steps.picture(tmp_path))
    send(visitor, "Kirim tiket")
    ticket = has_ticket(visitor)
    assert (ticket.service, ticket.language) == (service, visitor.language)
    with visitor.page.expect_download() as download:
        visitor.page.locator(".attachment").click()
    assert download.value.suggested_filename == "bukti-transfer.png"

    desk.answer(ticket, agent, body="Hari ini juga.")
    visitor.visit("/client/")
    visitor.press("Baca", exact=False)
    expect(visitor.page.locator(".divider")).to_have_text(visitor.say("Pesan baru"))
    visitor.sees("Hari ini juga.")
    visitor.fill("body", "Baik, **terima kasih**.")
    send(visitor, "Kirim balasan")
    expect(visitor.page.locator(".message-mine")).to_have_count(2)
    expect(visitor.page.locator("[name=body]")).to_have_value("")
    visitor.check()
    visitor.press("Tutup tiket")
    visitor.choose("good", "1")
    visitor.press("Kirim penilaian")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.rating) == (Ticket.Status.CLOSED, Ticket.Rating.GOOD)
    visitor.press("Buka lagi")
    visitor.sees("Menunggu kami")


def test_a9_a_draft_stays_in_the_browser_until_it_is_sent_with_ctrl_enter(ordered, agent, desks):
    visitor = ordered()
    person = Invoice.objects.get().customer.users.get()
    ticket = desk.open_one(person.customers.get(), desks["technical"], person)
    visitor.visit(ticket.get_absolute_url())
    body = visitor.page.locator("[name=body]")
    body.fill("Masih saya tulis")
    visitor.visit("/client/tickets/")
    visitor.press(ticket.subject)
    expect(body).to_have_value("Masih saya tulis")
    body.press("Control+Enter")
    expect(visitor.page.locator(".message-mine")).to_have_count(2)
    expect(body).to_have_value("")
    visitor.visit(ticket.get_absolute_url())
    expect(body).to_have_value("")


def test_a9_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(ordered):
    visitor = ordered()
    visitor.visit("/client/tickets/new/")
    visitor.fill("body", "Tanpa departemen")
    send(visitor, "Kirim tiket")
    expect(visitor.page).to_have_title(re.compile("^" + re.escape(visitor.say("Kesalahan:"))))
    expect(visitor.page.locator("[data-error-summary]")).to_be_focused()
    expect(visitor.page.locator("[name=body]")).to_have_value("Tanpa departemen")
    visitor.check()
    assert Ticket.objects.count() == 0
