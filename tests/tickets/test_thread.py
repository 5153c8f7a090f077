"""A ticket's page for staff: who reads it, what it shows, replies and notes, and two who write at once."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OutboxEmail
from tests import factories
from tests.billing.shop import picture, unpaid_invoice
from tests.staff.desk import service_to_activate
from tests.tickets.desk import answer, ask, fresh, open_one
from tests.tickets.staff import inbox, note, page, reply, text, thread, told
from tickets.models import CannedReply, Message, Presence, StaffNote, Ticket

pytestmark = pytest.mark.django_db
SENTINEL = "RAHASIA-DAPUR-7731"


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


@pytest.fixture
def at_work(client, support_staff):
    client.force_login(support_staff)
    return client


def kinds(response) -> list[tuple[str, str]]:
    return [(entry.kind, entry.body) for entry in response.context["entries"]]


def state(ticket: Ticket) -> tuple[str, int, int]:
    ticket = fresh(ticket)
    return ticket.status, ticket.messages.count(), ticket.notes.count()


def test_the_thread_tells_customer_staff_and_notes_apart_in_words(at_work, ticket, support_staff):
    answer(ticket, support_staff, "Sedang kami periksa.")
    note(at_work, ticket, "Cek server 4.")
    shown = thread(at_work, ticket)
    assert kinds(shown) == [
        ("customer", "Sejak semalam situs kami **tidak dapat dibuka**."),
        ("staff", "Sedang kami periksa."),
        ("note", "Cek server 4."),
    ]
    assert "Catatan internal, tidak terlihat pelanggan" in text(shown)
    assert "<strong>tidak dapat dibuka</strong>" in text(shown)


def test_what_customers_write_runs_nothing_on_the_staffs_page(at_work, customer, support):
    ticket = open_one(
        customer, support, subject="<img src=x>", body="<script>alert(1)</script> [x](javascript:alert(1))"
    )
    shown = text(thread(at_work, ticket))
    assert "<script>alert" not in shown
    assert "<img src=x>" not in shown
    assert 'href="javascript' not in shown


@pytest.mark.parametrize(
    "name", ["thread", "reply", "note", "presence", "canned", "arrange", "merge", "split", "more", "confirm"]
)
def test_a_ticket_of_another_department_is_not_found(client, ticket, billing_staff, name):
    client.force_login(billing_staff)
    before = state(ticket)
    for answered in (client.get(page(name, ticket)), client.post(page(name, ticket))):
        assert answered.status_code == 404
    assert client.post(page("act", ticket, "close")).status_code == 404
    assert state(ticket) == before


def test_whoever_only_looks_sees_the_thread_without_forms_and_writes_nothing(client, ticket, support):
    reader = factories.staff("tickets.view_ticket")
    support.staff.add(reader)
    client.force_login(reader)
    shown = thread(client, ticket)
    assert shown.status_code == 200
    assert "Kirim balasan" not in text(shown)
    before = state(ticket)
    assert [reply(client, ticket).status_code, note(client, ticket).status_code] == [403, 403]
    assert state(ticket) == before


def test_a_reply_answers_the_customer_and_takes_the_ticket(at_work, ticket, support_staff):
    answered = reply(at_work, ticket, "Sudah kami perbaiki.")
    message = Message.objects.get(body="Sudah kami perbaiki.")
    assert answered.url == f"{page('thread', ticket)}#message-{message.pk}"
    ticket = fresh(ticket)
    assert (ticket.status, ticket.assignee, ticket.answer_due_at) == ("answered", support_staff, None)
    assert OutboxEmail.objects.filter(template="tickets/ticket_replied").count() == 1


def test_a_reply_carries_files_and_leaves_the_ticket_as_chosen(at_work, ticket):
    reply(at_work, ticket, "Lihat gambar.", then="on_hold", files=[picture(), picture(name="dua.png")])
    message = Message.objects.get(body="Lihat gambar.")
    assert [one.name for one in message.attachments.all()] == ["bukti.png", "dua.png"]
    assert fresh(ticket).status == "on_hold"


def test_the_reply_may_lead_to_the_next_customer_who_waits(at_work, ticket, customer, support):
    following = open_one(customer, support, subject="Berikutnya")
    assert reply(at_work, ticket, go="next").url == page("thread", following)
    assert reply(at_work, following, go="next").url == reverse("admin:tickets_inbox")


@pytest.mark.parametrize(
    "fields",
    [{"body": " "}, {"then": "open"}, {"body": "Berkas", "files": [picture(name="program.exe")]}, {"key": "x"}],
)
def test_a_reply_that_cannot_be_sent_is_kept_on_the_page_and_nothing_moves(at_work, ticket, fields):
    before = state(ticket)
    answered = reply(at_work, ticket, **fields)
    assert answered.status_code == 422
    assert "<title>Kesalahan:" in text(answered)
    assert state(ticket) == before


def test_the_same_form_sent_twice_is_one_reply(at_work, ticket):
    newest, key = ticket.messages.get().pk, uuid.uuid4()
    first = reply(at_work, ticket, "Sekali saja.", key=key, seen=newest)
    second = reply(at_work, ticket, "Sekali saja.", key=key, seen=newest)
    assert first.url == second.url
    assert Message.objects.filter(body="Sekali saja.").count() == 1


def test_whoever_was_slower_reads_the_new_message_above_the_text_that_was_kept(at_work, ticket, support):
    colleague = factories.staff("tickets.answer_ticket", name="Rina Rekan")
    support.staff.add(colleague)
    seen = ticket.messages.get().pk
    answer(ticket, colleague, "Sudah saya balas.")
    before = state(ticket)
    answered = reply(at_work, ticket, "Balasan saya.", seen=seen)
    assert answered.status_code == 422
    words = text(answered)
    assert "Rina Rekan menulis pesan baru" in words
    assert [entry.body for entry in answered.context["newer"]] == ["Sudah saya balas."]
    assert words.rindex("Sudah saya balas.") < words.index("Balasan saya.")
    assert state(ticket) == before
    # Sent again from that page, it has been read.
    form = answered.context["reply"]
    reply(at_work, ticket, form["body"].value(), seen=form["seen"].value(), key=form["key"].value())
    assert [one.body for one in fresh(ticket).messages.order_by("pk")][1:] == ["Sudah saya balas.", "Balasan saya."]


def test_two_staff_with_the_same_page_open_send_one_reply(ticket, support, support_staff):
    colleague = factories.staff("tickets.answer_ticket", name="Rina Rekan")
    support.staff.add(colleague)
    seen = ticket.messages.get().pk
    statuses = []
    for person in (support_staff, colleague):
        client = Client()
        client.force_login(person)
        statuses.append(reply(client, ticket, f"Dari {person.name}", seen=seen).status_code)
    assert statuses == [302, 422]
    assert [one.author for one in fresh(ticket).messages.filter(from_staff=True)] == [support_staff]


def test_q3_a_note_is_in_no_page_or_email_of_the_customer(at_work, ticket, owner):
    note(at_work, ticket, SENTINEL)
    reply(at_work, ticket, "Jawaban kami.")
    assert StaffNote.objects.get().body == SENTINEL
    assert SENTINEL in text(thread(at_work, ticket))
    visitor = Client()
    visitor.force_login(owner)
    for address in ("/client/", ticket.get_absolute_url(), "/client/tickets/", "/client/emails/"):
        assert SENTINEL not in text(visitor.get(address, follow=True))
    for email in OutboxEmail.objects.all():
        assert SENTINEL not in f"{email.subject}{email.text_body}{email.html_body}{email.arguments}"


def test_an_empty_note_is_refused(at_work, ticket):
    before = state(ticket)
    assert note(at_work, ticket, " ").status_code == 422
    assert state(ticket) == before


def ping(client: Client, ticket: Ticket, **fields: object):
    return client.post(page("presence", ticket), fields, headers={"HX-Request": "true"})


def test_colleagues_see_who_is_writing_and_hear_it_once(at_work, ticket, support):
    colleague = factories.staff("tickets.answer_ticket", name="Rina")
    support.staff.add(colleague)
    seen = ticket.messages.get().pk
    other = Client()
    other.force_login(colleague)
    ping(other, ticket, writing="1", seen=seen)
    answered = ping(at_work, ticket, seen=seen)
    assert "Rina sedang menulis" in text(answered)
    assert ping(at_work, ticket, seen=seen, shown=answered.context["shown"]).status_code == 204
    ping(other, ticket, seen=seen)
    assert "Rina juga membuka tiket ini" in text(ping(at_work, ticket, seen=seen))
    assert Presence.objects.count() == 2


def test_a_new_message_is_told_while_the_page_is_open(at_work, ticket):
    seen = ticket.messages.get().pk
    assert "Ada pesan baru" not in text(ping(at_work, ticket, seen=seen))
    ask(ticket)
    assert "Ada pesan baru dari" in text(ping(at_work, ticket, seen=seen))


def test_a_canned_reply_comes_filled_in_by_either_way(at_work, ticket, support):
    chosen = CannedReply.objects.create(title="Salam", department=support, body_id="Halo {nama}, tiket {nomor_tiket}.")
    words = f"Halo {ticket.opened_by}, tiket {ticket.number}."
    assert words in text(at_work.get(page("canned", ticket)))
    assert words in text(at_work.get(page("canned", ticket), headers={"HX-Request": "true"}))
    assert thread(at_work, ticket, canned=chosen.pk).context["reply"]["body"].value() == words


def test_a_canned_reply_of_another_department_is_not_offered(at_work, ticket, billing):
    other = CannedReply.objects.create(title="Tagihan", department=billing, body_id="Tagihan Anda.")
    assert "Tagihan Anda." not in text(at_work.get(page("canned", ticket)))
    assert thread(at_work, ticket, canned=other.pk).status_code == 404


def test_attachments_are_shown_to_the_department_only(at_work, customer, support, billing_staff):
    ticket = open_one(customer, support, files=[picture()])
    attachment = ticket.messages.get().attachments.get()
    address = reverse("admin:tickets_attachment", args=[attachment.pk])
    answered = at_work.get(address)
    assert (answered.status_code, answered["Content-Type"]) == (200, "image/png")
    assert "sandbox" in answered["Content-Security-Policy"]
    assert "attachment" in at_work.get(address, {"download": 1})["Content-Disposition"]
    stranger = Client()
    stranger.force_login(billing_staff)
    assert stranger.get(address).status_code == 404


def test_the_customer_card_shows_what_the_person_may_see(client, customer, support, support_staff):
    service = service_to_activate(customer)
    invoice = unpaid_invoice(customer)
    ticket = open_one(customer, support, service=service)
    client.force_login(support_staff)
    plain = text(thread(client, ticket))
    assert customer.name in plain
    assert invoice.number not in plain
    more = ("view_service", "view_invoice", "change_service")
    helper = factories.staff("tickets.answer_ticket", *[f"billing.{name}" for name in more])
    support.staff.add(helper)
    client.force_login(helper)
    whole = text(thread(client, ticket))
    assert invoice.number in whole
    assert f"{reverse('admin:billing_activate', args=[service.pk])}?next={page('thread', ticket)}" in whole


def test_after_activating_from_a_ticket_staff_is_back_in_it(client, customer, support):
    service = service_to_activate(customer)
    ticket = open_one(customer, support, service=service)
    client.force_login(factories.staff("billing.change_service"))
    address = reverse("admin:billing_activate", args=[service.pk], query={"next": page("thread", ticket)})
    assert client.post(address, {"without_login": "on"}).url == page("thread", ticket)
    elsewhere = service_to_activate(customer)
    address = reverse("admin:billing_activate", args=[elsewhere.pk], query={"next": "https://jahat.example/"})
    assert client.post(address, {"without_login": "on"}).url == reverse("admin:billing_activations")


def test_other_tickets_are_those_of_the_persons_departments(at_work, ticket, customer, support, billing):
    open_one(customer, support, subject="Pernah bertanya")
    open_one(customer, billing, subject="Soal tagihan rahasia")
    more = text(at_work.get(page("more", ticket)))
    assert "Pernah bertanya" in more
    assert "Soal tagihan rahasia" not in more
    assert "<html" not in text(at_work.get(page("more", ticket), headers={"HX-Request": "true"}))


def test_a_merged_tickets_page_leads_to_where_everything_is_now(at_work, ticket, customer, support):
    old = factories.ticket(customer, department=support, status="closed", merged_into=ticket)
    answered = thread(at_work, old)
    assert answered.url == page("thread", ticket)
    assert old.number in told(answered)[0]


@pytest.mark.parametrize("count", [1, 3])
def test_the_thread_costs_the_same_for_one_and_three(
    client, customer, support, support_staff, django_assert_num_queries, count
):
    service = service_to_activate(customer)
    ticket = open_one(customer, support, service=service, files=[picture()])
    for number in range(count):
        ask(ticket, body=f"pesan {number}", files=[picture(name=f"{number}.png")])
        factories.ticket(customer, department=support)
        unpaid_invoice(customer)
    helper = factories.staff(
        "tickets.answer_ticket", "billing.view_service", "billing.view_invoice", "billing.change_service"
    )
    support.staff.add(helper)
    client.force_login(helper)
    note(client, ticket)
    thread(client, ticket)
    with django_assert_num_queries(12):
        thread(client, ticket)


def test_the_form_of_the_model_leads_to_the_thread(at_work, ticket):
    address = reverse("admin:tickets_ticket_change", args=[ticket.pk])
    assert at_work.get(address).url == page("thread", ticket)


def test_the_start_page_and_the_header_count_the_waiting_tickets(at_work, ticket, customer, billing):
    open_one(customer, billing, subject="Bukan milik departemen ini")
    home = text(at_work.get(reverse("admin:index")))
    assert ticket.subject in home
    assert "Bukan milik departemen ini" not in home
    assert [link.count for link in inbox(at_work).context["work_links"] if str(link.label) == "Tiket"] == [1]
