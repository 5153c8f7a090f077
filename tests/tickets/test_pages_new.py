"""The form for a new ticket: what it offers, what it fills in, what it sends and what it refuses."""

import uuid

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from billing.models import PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing.shop import picture
from tests.billing_pages.shop import pay, service_of
from tests.tickets import desk
from tests.tickets.conftest import NOW
from tickets.models import Priority, Ticket

NEW = "/client/tickets/new/"
QUERIES_OF_FORM = 8
MOST_QUERIES = 12


@pytest.fixture
def account(db):
    return factories.bank_account()


@pytest.fixture
def invoice(customer, account):
    """Rp150.000, unpaid."""
    return shop.unpaid_invoice(customer)


def typed(where, **changes) -> dict:
    """A filled-in form, as a browser posts it."""
    fields = {
        "submission_key": str(uuid.uuid4()),
        "department": where.slug,
        "priority": "2",
        "subject": "Situs lambat",
        "body": "Sejak pagi.",
    }
    return {**fields, **changes}


def transferred(invoice, **changes) -> dict:
    fields = {
        "invoice": invoice.slug,
        "transfer-amount": "150.000",
        "transfer-bank_account": str(invoice.payment_method.bank_accounts.get().pk),
        "transfer-sender_bank": "Mandiri",
        "transfer-sender_name": "PT Contoh",
        "transfer-sender_number": "",
        "transfer-transferred_on": timezone.localdate().isoformat(),
    }
    return {**fields, **changes}


def form_of(client, address: str = NEW):
    return client.get(address).context["form"]


def test_q2_departments_are_offered_each_with_its_promise(signed_in, support, billing):
    factories.department(active=False, name_id="Ditutup")
    with time_machine.travel(NOW, tick=False):
        html = signed_in.get(NEW).content.decode()
    assert html.count("Perkiraan jawaban: hari ini sebelum 12.00 WIB") == 2
    assert "Dukungan Teknis" in html
    assert "Ditutup" not in html


def test_a9_services_and_invoices_offered_are_the_customers_own(signed_in, support, invoice, stranger):
    foreign = shop.unpaid_invoice(stranger.customers.get())
    form = form_of(signed_in).message
    assert list(form.fields["service"].rows.values()) == [service_of(invoice)]
    assert list(form.fields["invoice"].rows.values()) == [invoice]
    asked = form_of(signed_in, f"{NEW}?invoice={foreign.slug}&service={service_of(foreign).pk}").message
    assert list(asked.fields["service"].rows.values()) == [service_of(invoice)]
    assert (asked.chosen("invoice"), asked.chosen("service")) == (None, None)


def test_a_technician_is_offered_no_invoices(client, technician, support, invoice):
    client.force_login(technician)
    form = form_of(client, f"{NEW}?invoice={invoice.slug}").message
    assert "invoice" not in form.fields
    assert "service" in form.fields


def test_invoices_to_pay_come_before_those_that_are_paid(signed_in, support, customer, account):
    unpaid = shop.unpaid_invoice(customer)
    paid = pay(shop.unpaid_invoice(customer))
    assert list(form_of(signed_in).message.fields["invoice"].rows.values()) == [unpaid, paid]


def test_a8b_a_direct_link_chooses_department_and_invoice(signed_in, support, billing, invoice):
    form = form_of(signed_in, f"{NEW}?department=penagihan&invoice={invoice.slug}").message
    assert (form.chosen("department"), form.chosen("invoice")) == (billing, invoice)


def test_a_question_about_an_invoice_goes_to_the_department_for_payments(signed_in, support, billing, invoice):
    assert form_of(signed_in, f"{NEW}?invoice={invoice.slug}").message.chosen("department") == billing


def test_questions_about_services_and_orders_go_where_staff_says(signed_in, billing, invoice):
    services = factories.department(handles_services=True)
    orders = factories.department(handles_orders=True)
    service = service_of(invoice)
    form = form_of(signed_in, f"{NEW}?service={service.pk}").message
    assert (form.chosen("department"), form.chosen("service")) == (services, service)
    assert form_of(signed_in, f"{NEW}?topic=orders").message.chosen("department") == orders


@pytest.mark.parametrize(
    "query", ["department=lain", "invoice=lain&service=0", "service=" + "9" * 30, "topic=x&customer=y"]
)
def test_a_link_that_names_nothing_of_ours_fills_in_nothing(signed_in, support, query):
    form = form_of(signed_in, f"{NEW}?{query}").message
    assert form.chosen("department") is None


def test_another_of_ones_customers_is_asked_for_by_its_invoice(signed_in, owner, support, billing, account):
    other = factories.customer(owner, name="CV Melati")
    theirs = shop.unpaid_invoice(other)
    response = signed_in.get(f"{NEW}?invoice={theirs.slug}")
    assert "Untuk CV Melati." in response.content.decode()
    signed_in.post(NEW, typed(billing, customer=other.pk, invoice=theirs.slug))
    assert (Ticket.objects.get().customer, Ticket.objects.get().invoice) == (other, theirs)


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/tickets/new/?department=billing&invoice=inv-1&evil=1", f"{NEW}?department=billing&invoice=inv-1"),
        ("/tickets/new/?department=%3cb%3e", NEW),
        ("/submitticket.php?step=2&deptid=4", f"{NEW}?department=dukungan"),
        ("/submitticket.php?step=2&deptid=9", NEW),
        ("/submitticket.php", NEW),
    ],
)
def test_a8b_short_and_old_links_lead_to_the_form(client, db, address, leads_to):
    factories.department(slug="dukungan", legacy_number=4)
    assert client.get(address).url == leads_to


def test_a8b_whoever_must_sign_in_first_finds_everything_still_filled_in(client, db):
    response = client.get(f"{NEW}?department=billing&invoice=inv-1")
    assert response.url == "/accounts/login/?next=/client/tickets/new/%3Fdepartment%3Dbilling%26invoice%3Dinv-1"


def test_a_sent_form_is_a_ticket_and_leads_to_it(signed_in, customer, support, invoice):
    with time_machine.travel(NOW, tick=False):
        response = signed_in.post(
            NEW, typed(support, service=service_of(invoice).pk, priority="3", files=[desk.text_file(), picture()])
        )
        page = signed_in.get(response.url).content.decode()
    ticket = Ticket.objects.get()
    assert response.url == ticket.get_absolute_url()
    assert (ticket.customer, ticket.service, ticket.invoice) == (customer, service_of(invoice), None)
    assert (ticket.priority, ticket.language, ticket.subject) == (Priority.HIGH, "id", "Situs lambat")
    assert ticket.messages.get().attachments.count() == 2
    assert f"Tiket {ticket.number} sudah kami terima. Perkiraan jawaban: hari ini sebelum 12.00 WIB" in page


def test_the_same_form_sent_again_makes_no_second_ticket_and_shows_the_same_page(signed_in, support):
    form = typed(support)
    first, second = signed_in.post(NEW, form), signed_in.post(NEW, form)
    assert first.url == second.url == Ticket.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"department": ""}, "Pilih departemen."),
        ({"department": "tutup"}, "tutup"),
        ({"subject": " "}, "Isi judul singkat."),
        ({"subject": "a\nb"}, "Isi dalam satu baris"),
        ({"body": "  "}, "Tulis pesan Anda."),
        ({"priority": "9"}, "9"),
        ({"service": "999"}, "999"),
        ({"files": [desk.text_file("x.exe", b"MZ\x00")]}, "bukan jenis berkas yang diterima"),
        ({"files": [desk.text_file(f"{number}.txt") for number in range(6)]}, "paling banyak 5 berkas"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(signed_in, support, invoice, changes, words):
    factories.department(slug="tutup", active=False)
    response = signed_in.post(NEW, typed(support, **changes))
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Kesalahan:" in html
    assert words in html.split("data-error-summary")[1].split("</div>")[0]
    assert Ticket.objects.count() == 0


def test_what_was_typed_stays_when_something_is_wrong(signed_in, support):
    html = signed_in.post(NEW, typed(support, subject="", body="Panjang & penting")).content.decode()
    assert "Panjang &amp; penting" in html
    assert 'value="dukungan" checked' in html


def test_another_customers_invoice_is_refused_however_it_is_posted(signed_in, billing, stranger, account):
    foreign = shop.unpaid_invoice(stranger.customers.get())
    response = signed_in.post(NEW, typed(billing, invoice=foreign.slug, customer=stranger.customers.get().pk))
    # This customer has no invoices at all: the form asks about none, and the ticket is about none.
    assert response.status_code == 302
    assert Ticket.objects.get().invoice is None
    assert Ticket.objects.get().customer != foreign.customer


def test_more_tickets_than_the_limit_are_refused_in_words(signed_in, support, monkeypatch):
    monkeypatch.setattr("accounts.limits.allow", lambda *_parts: False)
    response = signed_in.post(NEW, typed(support))
    assert response.status_code == 422
    assert "Terlalu banyak pesan" in response.content.decode()
    assert Ticket.objects.count() == 0


def test_a8_a_payment_department_and_an_unpaid_invoice_ask_about_the_transfer(signed_in, support, billing, invoice):
    query = f"?invoice={invoice.slug}"
    assert "Sudah transfer? Konfirmasi sekaligus" in signed_in.get(NEW + query).content.decode()
    for other in (f"{query}&department=dukungan", "?department=penagihan"):
        assert "Sudah transfer?" not in signed_in.get(NEW + other).content.decode()
    pay(invoice)
    assert "Sudah transfer?" not in signed_in.get(NEW + query).content.decode()


def test_a8_the_button_without_scripts_shows_the_transfer_and_keeps_what_was_typed(signed_in, billing, invoice):
    form = typed(billing, invoice=invoice.slug, refresh="1", subject="", body="Belum selesai")
    form["transfer-amount"] = "12.500"
    response = signed_in.post(NEW, form)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Sudah transfer?" in html
    assert "Belum selesai" in html
    assert 'value="12.500"' in html
    assert form["submission_key"] in html
    assert "data-error-summary" not in html
    assert Ticket.objects.count() == 0


def test_k6_a_filled_in_transfer_is_a_confirmation_attached_to_the_ticket(signed_in, billing, invoice, owner):
    response = signed_in.post(NEW, typed(billing, **transferred(invoice), files=[picture()]))
    ticket = Ticket.objects.get()
    assert response.url == ticket.get_absolute_url()
    confirmation = ticket.confirmations.get().confirmation
    assert (confirmation.invoice, confirmation.amount, confirmation.submitted_by) == (invoice, 150_000, owner)
    page = signed_in.get(response.url).content.decode()
    assert "Konfirmasi pembayaran Rp150.000" in page
    assert "Menunggu Verifikasi" in page
    assert "Kami periksa paling lambat" in page


def test_k6_an_empty_transfer_is_a_question_only(signed_in, billing, invoice):
    form = form_of(signed_in, f"{NEW}?invoice={invoice.slug}").transfer
    untouched = {field.html_name: field.value() or "" for field in form}
    untouched["transfer-transferred_on"] = untouched["transfer-transferred_on"].isoformat()
    signed_in.post(NEW, typed(billing, invoice=invoice.slug, **untouched))
    assert Ticket.objects.get().invoice == invoice
    assert PaymentConfirmation.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"transfer-amount": ""}, "id_transfer-amount"),
        ({"transfer-sender_bank": ""}, "id_transfer-sender_bank"),
        ({"transfer-transferred_on": "2999-01-01"}, "id_transfer-transferred_on"),
        ({"files": []}, "id_files"),
        ({"files": [desk.text_file()]}, "id_files"),
    ],
)
def test_k1_a_transfer_that_lacks_something_opens_and_confirms_nothing(signed_in, billing, invoice, changes, field):
    form = {"files": [picture()], **typed(billing, **transferred(invoice)), **changes}
    response = signed_in.post(NEW, form)
    assert response.status_code == 422
    assert f'href="#{field}"' in response.content.decode()
    assert (Ticket.objects.count(), PaymentConfirmation.objects.count()) == (0, 0)


def test_k2_an_invoice_that_is_being_verified_asks_for_no_second_transfer(signed_in, billing, invoice):
    shop.confirm(invoice)
    html = signed_in.get(f"{NEW}?invoice={invoice.slug}").content.decode()
    assert "Sudah transfer?" not in html
    assert f"Konfirmasi pembayaran {invoice.number} sudah kami terima" in html


def test_people_without_a_customer_may_ask_the_public_departments(client, support):
    factories.department(audience="customers", name_id="Khusus pelanggan")
    person = factories.user()
    client.force_login(person)
    html = client.get(NEW).content.decode()
    assert "Khusus pelanggan" not in html
    client.post(NEW, typed(support))
    assert (Ticket.objects.get().customer, Ticket.objects.get().opened_by) == (None, person)


def test_a_role_that_may_not_ask_opens_nothing(client, viewer, support):
    client.force_login(viewer)
    assert client.post(NEW, typed(support)).status_code == 403
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_form_costs_the_same_for_any_number_of_choices(
    signed_in, customer, account, billing, rows, django_assert_num_queries
):
    invoices = [shop.unpaid_invoice(customer) for _ in range(rows)]
    address = f"{NEW}?invoice={invoices[0].slug}"
    signed_in.get(address)
    with django_assert_num_queries(QUERIES_OF_FORM):
        signed_in.get(address)


def test_sending_the_form_asks_the_database_little(signed_in, billing, invoice, django_assert_max_num_queries):
    signed_in.get(NEW)
    with django_assert_max_num_queries(MOST_QUERIES):
        signed_in.post(NEW, typed(billing, invoice=invoice.slug, refresh="1"))


@pytest.mark.parametrize(("role", "address"), [(Role.OWNER, NEW), (Role.VIEWER, "mailto:")])
def test_pages_of_billing_lead_to_the_form_whoever_may_ask(client, customer, invoice, billing, role, address):
    client.force_login(factories.member(customer, role=role).user)
    html = client.get(invoice.get_absolute_url()).content.decode()
    (link,) = [piece for piece in html.split("<a ") if "Tanya tagihan ini" in piece]
    assert f'href="{address}' in link
    if role == Role.OWNER:
        assert f"?invoice={invoice.slug}" in link


def test_a_service_leads_to_a_question_about_it(signed_in, invoice):
    service = service_of(invoice)
    html = signed_in.get(service.get_absolute_url()).content.decode()
    assert f'href="{reverse("tickets:new")}?service={service.pk}&amp;' in html


def test_a_page_that_is_missing_leads_to_a_ticket_that_names_it(signed_in, db):
    html = signed_in.get("/tidak-ada/").content.decode()
    assert "/client/tickets/new/?topic=services&amp;subject=Halaman+tidak+ditemukan" in html
    assert "tidak-ada" in html


def test_visitors_without_an_account_are_led_to_the_email_address(client, db):
    html = client.get("/tidak-ada/").content.decode()
    assert "mailto:halo@example.co.id?subject=Halaman%20tidak%20ditemukan" in html
    assert NEW not in html
