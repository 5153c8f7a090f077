"""The page of one ticket: what its customer reads there, and what the customer does with it."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.roles import Role
from billing import confirmations
from tests import factories
from tests.billing import shop
from tests.billing.shop import picture
from tests.billing_pages.shop import service_of
from tests.tickets import desk
from tests.tickets.conftest import NOW
from tickets import closing, merging, replies
from tickets.models import Attachment, Message, Ticket

QUERIES_OF_PAGE = 10
SENTINEL = "RAHASIA-STAF-7731"


@pytest.fixture
def ticket(customer, support):
    return desk.open_one(customer, support)


@pytest.fixture
def closed(ticket, support_staff):
    desk.answer(ticket, support_staff)
    closing.close(ticket=ticket, actor=support_staff)
    return desk.fresh(ticket)


def page(client, ticket, query: str = "") -> str:
    return client.get(ticket.get_absolute_url() + query).content.decode()


def act(client, ticket, action: str, **fields):
    return client.post(f"{ticket.get_absolute_url()}{action}/", fields)


def reply(client, ticket, body: str = "Masih sama.", **fields):
    return act(client, ticket, "reply", **{"submission_key": str(uuid.uuid4()), "body": body, **fields})


def test_messages_stand_oldest_first_with_their_writers(signed_in, ticket, support_staff):
    desk.answer(ticket, support_staff, body="Kami periksa.\nSebentar ya.")
    html = page(signed_in, ticket)
    thread = html.split('<ol class="thread"')[1].split("</ol>")[0]
    first, second = thread.split("<li ")[1], thread.split("<li ")[-1]
    assert "<b>Anda</b>" in first
    assert "<strong>tidak dapat dibuka</strong>" in first
    assert "<b>Damar Dukungan</b>" in second
    assert "Tim dukungan" in second
    # Lines end where their writer ended them.
    assert "Kami periksa.<br>\nSebentar ya." in second


def test_markdown_of_either_side_cannot_harm(signed_in, ticket, support_staff):
    desk.ask(ticket, body="<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://a.example/y.png)")
    desk.answer(ticket, support_staff, body='<img src="x" onerror="alert(2)">')
    thread = page(signed_in, ticket).split('<ol class="thread"')[1].split("</ol>")[0]
    for harm in ("<script", "<img", 'href="javascript'):
        assert harm not in thread


def test_pesan_baru_stands_above_what_staff_wrote_since_the_last_visit_and_only_once(signed_in, ticket, support_staff):
    page(signed_in, ticket)
    desk.answer(ticket, support_staff, body="Jawaban pertama")
    html = page(signed_in, ticket)
    assert html.index('class="divider" id="new"') < html.index("Jawaban pertama")
    assert html.index("Sejak semalam") < html.index('class="divider" id="new"')
    assert 'id="new"' not in page(signed_in, ticket)


def test_looking_without_fetching_the_page_reads_nothing(signed_in, ticket, support_staff):
    desk.answer(ticket, support_staff)
    signed_in.head(ticket.get_absolute_url())
    assert 'id="new"' in page(signed_in, ticket)


def test_k7_the_page_says_when_the_answer_is_expected(signed_in, customer, support, support_staff):
    with time_machine.travel(NOW, tick=False):
        ticket = desk.open_one(customer, support)
        assert "Perkiraan jawaban: hari ini sebelum 12.00 WIB" in page(signed_in, ticket)
        desk.answer(ticket, support_staff)
        assert "Perkiraan jawaban" not in page(signed_in, ticket)


def test_the_page_links_to_the_service_and_the_invoice(client, owner, technician, customer, support):
    invoice = shop.unpaid_invoice(customer)
    ticket = desk.open_one(customer, support, service=service_of(invoice), invoice=invoice)
    client.force_login(owner)
    html = page(client, ticket)
    assert f'href="{service_of(invoice).get_absolute_url()}"' in html
    assert f'href="{invoice.get_absolute_url()}"' in html


def test_a_reply_is_written_and_its_page_is_the_tickets(signed_in, ticket):
    response = reply(signed_in, ticket, files=[desk.text_file()])
    message = ticket.messages.last()
    assert response.url == f"{ticket.get_absolute_url()}#message-{message.pk}"
    assert (message.body, message.attachments.count()) == ("Masih sama.", 1)


def test_the_same_reply_sent_again_is_one_message(signed_in, ticket):
    key = str(uuid.uuid4())
    first, second = (reply(signed_in, ticket, submission_key=key) for _time in range(2))
    assert first.url == second.url
    assert ticket.messages.count() == 2


@pytest.mark.parametrize(
    "fields", [{"body": " "}, {"submission_key": "x"}, {"files": [desk.text_file("a.zip", b"PK\x03\x04")]}]
)
def test_a_reply_that_is_not_right_says_so_and_writes_nothing(signed_in, ticket, fields):
    response = reply(signed_in, ticket, **{"body": "Sudah saya ketik", **fields})
    assert response.status_code == 422
    assert "data-error-summary" in response.content.decode()
    assert ticket.messages.count() == 1


def test_the_page_names_the_messages_that_arrived_so_that_drafts_are_forgotten(signed_in, ticket):
    key = str(uuid.uuid4())
    reply(signed_in, ticket, submission_key=key)
    received = page(signed_in, ticket).split('data-received="')[1].split('"')[0].split()
    assert received == [key, str(ticket.submission_key)]


def test_q1_the_customer_closes_and_opens_again(signed_in, ticket):
    act(signed_in, ticket, "close")
    assert desk.fresh(ticket).status == Ticket.Status.CLOSED
    html = page(signed_in, ticket)
    assert "Tiket ini selesai" in html
    assert "Buka lagi" in html
    act(signed_in, ticket, "reopen")
    assert desk.fresh(ticket).status == Ticket.Status.CUSTOMER_REPLY


def test_q1_a_reply_to_a_ticket_that_is_long_closed_begins_a_new_one(signed_in, closed):
    Ticket.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - timedelta(days=15))
    html = page(signed_in, closed)
    assert "Balasan Anda membuka tiket baru yang bersambung." in html
    assert "Buka lagi" not in html
    response = reply(signed_in, closed)
    new = Ticket.objects.get(continues=closed)
    assert response.url.startswith(new.get_absolute_url())
    assert f'Lanjutan dari <a href="{closed.get_absolute_url()}"' in page(signed_in, new)
    assert f'Dilanjutkan di <a href="{new.get_absolute_url()}"' in page(signed_in, closed)


def test_q1_a_long_closed_ticket_is_not_opened_again_by_its_button(signed_in, closed):
    Ticket.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - timedelta(days=15))
    act(signed_in, closed, "reopen")
    assert desk.fresh(closed).status == Ticket.Status.CLOSED
    assert "terlalu lama ditutup" in page(signed_in, closed)


def test_q4_a_closed_ticket_is_rated_once(signed_in, closed):
    act(signed_in, closed, "rate", good="1", comment="Cepat")
    act(signed_in, closed, "rate", good="0", comment="Berubah pikiran")
    rated = desk.fresh(closed)
    assert (rated.rating, rated.rating_comment) == (Ticket.Rating.GOOD, "Cepat")
    html = page(signed_in, closed)
    assert "sudah Anda nilai" in html
    assert "Kirim penilaian" not in html
    assert "Penilaian Anda:" in html


def test_q4_an_open_ticket_is_not_rated(signed_in, ticket):
    assert "Kirim penilaian" not in page(signed_in, ticket)
    act(signed_in, ticket, "rate", good="1")
    assert desk.fresh(ticket).rating is None


def test_a_rating_that_says_nothing_is_asked_for_again(signed_in, closed):
    response = act(signed_in, closed, "rate")
    assert response.status_code == 422
    assert "<title>Kesalahan:" in response.content.decode()
    assert desk.fresh(closed).rating is None


def test_a_merged_ticket_leads_to_the_one_that_it_became_part_of(signed_in, customer, ticket, support, support_staff):
    into = desk.open_one(customer, support)
    merging.merge(ticket=ticket, into=into, actor=support_staff)
    response = signed_in.get(ticket.get_absolute_url(), follow=True)
    assert response.redirect_chain == [(into.get_absolute_url(), 302)]
    assert f"Tiket {ticket.number} sudah digabungkan" in response.content.decode()


def test_k6_the_page_shows_how_the_payment_stands(signed_in, customer, billing, billing_staff):
    factories.bank_account()
    ticket = desk.open_with_payment(shop.unpaid_invoice(customer), billing)
    assert "Kami periksa paling lambat" in page(signed_in, ticket)
    confirmation = ticket.confirmations.get().confirmation
    confirmations.reject(confirmation=confirmation, reason="Buktinya buram", actor=billing_staff)
    html = page(signed_in, ticket)
    assert "Alasan: Buktinya buram" in html
    assert "Ditolak" in html


@pytest.fixture
def rejected(customer, billing, billing_staff):
    """A ticket whose proof was refused."""
    factories.bank_account()
    ticket = desk.open_with_payment(shop.unpaid_invoice(customer), billing)
    confirmation = ticket.confirmations.get().confirmation
    confirmations.reject(confirmation=confirmation, reason="Buktinya buram", actor=billing_staff)
    return desk.fresh(ticket)


def transferred(ticket, **changes) -> dict:
    fields = {
        "transfer-amount": "150.000",
        "transfer-bank_account": str(ticket.invoice.payment_method.bank_accounts.get().pk),
        "transfer-sender_bank": "Mandiri",
        "transfer-sender_name": "PT Contoh",
        "transfer-sender_number": "",
        "transfer-transferred_on": timezone.localdate().isoformat(),
    }
    return {**fields, **changes}


def test_k4_a_rejected_payment_is_confirmed_again_in_the_same_ticket(signed_in, rejected):
    assert f"Konfirmasi pembayaran tagihan {rejected.invoice.number}" in page(signed_in, rejected)
    reply(signed_in, rejected, "Ini yang jelas.", files=[picture()], **transferred(rejected))
    states = [link.confirmation.status for link in rejected.confirmations.all()]
    assert states == ["rejected", "submitted"]
    assert "transfer-amount" not in page(signed_in, rejected)


def test_k1_a_transfer_that_lacks_something_writes_and_confirms_nothing(signed_in, rejected):
    before = rejected.messages.count()
    response = reply(signed_in, rejected, **transferred(rejected, **{"transfer-sender_bank": ""}))
    assert response.status_code == 422
    assert "<details open>" in response.content.decode()
    assert (rejected.messages.count(), rejected.confirmations.count()) == (before, 1)


def test_a_technician_confirms_no_payment_in_a_ticket(client, rejected, technician):
    service = service_of(rejected.invoice)
    Ticket.objects.filter(pk=rejected.pk).update(service=service, opened_by=technician)
    client.force_login(technician)
    assert "transfer-amount" not in page(client, rejected)
    reply(client, rejected, files=[picture()], **transferred(rejected))
    assert rejected.confirmations.count() == 1


def test_a_long_thread_begins_with_its_newest_messages(signed_in, ticket, monkeypatch):
    monkeypatch.setattr("tickets.views.thread.MESSAGES_SHOWN", 2)
    for number in range(3):
        desk.ask(ticket, body=f"Pesan ke-{number}")
    html = page(signed_in, ticket)
    assert "Tampilkan 2 pesan sebelumnya" in html
    assert "Sejak semalam" not in html
    assert "Pesan ke-2" in html
    assert "Sejak semalam" in page(signed_in, ticket, "?all=1")


def test_opener_colleagues_and_strangers_see_their_part(client, customer, ticket, bookkeeper, technician, stranger):
    admin = factories.member(customer, role=Role.ADMIN).user
    for person, status in (
        (ticket.opened_by, 200),
        (admin, 200),
        (bookkeeper, 403),
        (technician, 403),
        (stranger, 404),
    ):
        client.force_login(person)
        assert client.get(ticket.get_absolute_url()).status_code == status
        if status != 200:
            assert reply(client, ticket).status_code == status
            assert act(client, ticket, "close").status_code == status
    assert (ticket.messages.count(), desk.fresh(ticket).status) == (1, Ticket.Status.OPEN)


def test_who_became_a_viewer_reads_their_ticket_and_does_nothing_else(client, customer, support, bookkeeper):
    ticket = desk.open_one(customer, support, bookkeeper)
    customer.memberships.filter(user=bookkeeper).update(role=Role.VIEWER)
    client.force_login(bookkeeper)
    html = page(client, ticket)
    assert "Kirim balasan" not in html
    assert "Tutup tiket" not in html
    assert "Tulis pesan" not in html
    assert [reply(client, ticket).status_code, act(client, ticket, "close").status_code] == [403, 403]
    assert (ticket.messages.count(), desk.fresh(ticket).status) == (1, Ticket.Status.OPEN)


def test_q3_an_attachment_is_a_download_that_runs_nothing(signed_in, customer, support):
    ticket = desk.open_one(customer, support, files=[picture(name="galat.png")])
    attachment = Attachment.objects.get()
    address = f"{ticket.get_absolute_url()}attachments/{attachment.pk}/"
    assert address in page(signed_in, ticket)
    response = signed_in.get(address)
    assert response["Content-Disposition"] == 'attachment; filename="galat.png"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")


def test_q3_attachments_are_for_those_who_read_the_ticket(
    client, customer, support, support_staff, technician, stranger
):
    ticket = desk.open_one(customer, support, files=[desk.text_file()])
    address = f"{ticket.get_absolute_url()}attachments/{Attachment.objects.get().pk}/"
    elsewhere = factories.staff("tickets.view_ticket")
    visitors = ((ticket.opened_by, 200), (support_staff, 200), (technician, 403), (elsewhere, 404), (stranger, 404))
    for person, status in visitors:
        client.force_login(person)
        assert client.get(address).status_code == status


def test_q3_an_attachment_is_found_only_by_its_own_ticket(signed_in, customer, support):
    ticket = desk.open_one(customer, support, files=[desk.text_file()])
    other = desk.open_one(customer, support)
    attachment = Attachment.objects.get(message__ticket=ticket)
    assert signed_in.get(f"{other.get_absolute_url()}attachments/{attachment.pk}/").status_code == 404


def test_q3_files_of_a_merged_ticket_are_found_by_its_old_address(signed_in, customer, support, support_staff):
    ticket = desk.open_one(customer, support, files=[desk.text_file()])
    into = desk.open_one(customer, support)
    merging.merge(ticket=ticket, into=into, actor=support_staff)
    address = f"{ticket.get_absolute_url()}attachments/{Attachment.objects.get().pk}/"
    assert signed_in.get(address).status_code == 200


def test_q3_what_staff_notes_for_itself_is_on_no_page_of_the_customer(signed_in, ticket, support_staff):
    replies.add_note(ticket=ticket, actor=support_staff, body=f"Pelanggan sulit {SENTINEL}")
    desk.answer(ticket, support_staff)
    addresses = [
        "/client/",
        "/client/tickets/",
        f"/client/tickets/?q={SENTINEL}",
        ticket.get_absolute_url(),
        f"{ticket.get_absolute_url()}?all=1",
        "/client/emails/",
    ]
    pages = [signed_in.get(address).content.decode() for address in addresses]
    assert ticket.subject in pages[1]
    assert ticket.subject not in pages[2]
    pages[2] = pages[2].replace(f'value="{SENTINEL}"', "").replace(f"q%3D{SENTINEL}", "").replace(f"q={SENTINEL}", "")
    assert [address for address, html in zip(addresses, pages, strict=True) if SENTINEL in html] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_messages(
    signed_in, customer, billing, billing_staff, rows, django_assert_num_queries
):
    factories.bank_account()
    ticket = desk.open_with_payment(shop.unpaid_invoice(customer), billing)
    for _ in range(rows):
        desk.ask(ticket, files=[desk.text_file()])
        desk.answer(ticket, billing_staff)
    page(signed_in, ticket)
    with django_assert_num_queries(QUERIES_OF_PAGE):
        page(signed_in, ticket)


def test_system_messages_speak_for_the_shop(signed_in, ticket, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    assert Message.objects.filter(ticket=ticket, channel="system").count() == 1
    thread = page(signed_in, ticket).split('<ol class="thread"')[1].split("</ol>")[0]
    assert "Otomatis" in thread
    assert "Damar" not in thread
