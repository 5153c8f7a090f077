"""What customers read by email: new ticket, reply, decision, closing; threaded, answerable, and never a staff note (Q3)."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import delivery, mailbox, outbox
from accounts.models import Membership, OutboxEmail
from accounts.roles import Role
from billing import confirmations
from tests import factories
from tests.billing.shop import picture, place, rupiah, unpaid_invoice
from tests.tickets.desk import answer, ask, emails, fresh, open_one, open_with_payment, text_file, told
from tickets import addresses, arranging, closing, escalation, merging, notices, replies
from tickets.models import EscalationRule, StaffNote, Ticket

pytestmark = pytest.mark.django_db

SENTINEL = "RAHASIA-STAF-7431"
OURS = [one.template for one in outbox.all_registered() if one.template.startswith("tickets/")]
FOR_CUSTOMERS = [template for template in OURS if template != "tickets/ticket_escalated"]


@pytest.fixture(autouse=True)
def _from(settings):
    settings.DEFAULT_FROM_EMAIL = "Toko <no-reply@toko.example>"
    settings.BASE_URL = "https://toko.example"


@pytest.fixture
def inbound(settings):
    settings.TICKETS_INBOUND_DOMAIN = "balas.toko.example"


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support, files=[picture(name="layar.png"), text_file("galat.log")])


def rendered(template: str, language: str = "id") -> outbox.Rendered:
    row = emails(template)[-1]
    return outbox.render(row.template, row.arguments, language, reveal=True)


def sent() -> list[mail.EmailMessage]:
    """Every email of the outbox, delivered."""
    mail.outbox.clear()
    OutboxEmail.objects.update(status="queued", attempts=0)
    for row in OutboxEmail.objects.order_by("pk"):
        assert delivery.deliver(row.pk)
    return mail.outbox


# Words


def test_a_new_ticket_is_acknowledged_with_the_promise(customer, support):
    order = place(customer, factories.product(name_id="Hosting Bisnis"))
    ticket = open_one(customer, support, service=order.services.get(), invoice=order.invoice, files=[text_file()])
    email = rendered("ticket_opened")
    assert email.subject == f"[{ticket.number}] Situs tidak dapat dibuka"
    for part in (email.text, email.html):
        for words in ("Perkiraan jawaban:", "Dukungan Teknis", "Hosting Bisnis", order.invoice.number, "galat.log"):
            assert words in part
        assert f"https://toko.example/client/tickets/{ticket.number}/" in part
    assert "**tidak dapat dibuka**" in email.text
    assert "<strong>tidak dapat dibuka</strong>" in email.html


def test_an_answer_is_emailed_with_its_words_and_the_writers_name(ticket, support_staff):
    answer(ticket, support_staff, body="Token **kedaluwarsa** <script>alert(1)</script>")
    email = rendered("ticket_replied")
    assert email.subject == f"Re: [{ticket.number}] Situs tidak dapat dibuka"
    assert "Damar Dukungan menjawab tiket Anda" in email.text
    assert "<strong>kedaluwarsa</strong>" in email.html
    assert "<script" not in email.html
    assert "tandai selesai" not in email.text + email.html


def test_an_answer_that_closes_says_so(ticket, support_staff):
    answer(ticket, support_staff, then="closed")
    assert "balas dalam 14 hari" in rendered("ticket_replied").text


def test_staff_without_a_name_is_the_team_and_no_address_is_shown(ticket, support):
    nameless = factories.staff("tickets.answer_ticket", name="", email="damar@toko.example")
    support.staff.add(nameless)
    answer(ticket, nameless)
    email = rendered("ticket_replied")
    assert "Tim kami menjawab" in email.text
    assert "damar@" not in email.text + email.html


def test_a_decision_gives_its_reason(customer, billing, billing_staff):
    ticket = open_with_payment(unpaid_invoice(customer), billing)
    confirmation = ticket.confirmations.get().confirmation
    confirmations.reject(confirmation=confirmation, reason="Jumlah <b>kurang</b>", actor=billing_staff)
    email = rendered("payment_decided")
    assert "Jumlah <b>kurang</b>" in email.text
    assert "<b>kurang</b>" not in email.html


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("template", FOR_CUSTOMERS)
def test_every_email_is_complete_in_both_languages(
    ticket, customer, support, support_staff, billing, billing_staff, template, language
):
    answer(ticket, support_staff)
    merging.merge(ticket=open_one(customer, support), into=fresh(ticket), actor=support_staff)
    closing.close(ticket=fresh(ticket), actor=support_staff)
    paying = open_with_payment(unpaid_invoice(customer), billing)
    confirmation = paying.confirmations.get().confirmation
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=billing_staff)
    email = rendered(template.removeprefix("tickets/"), language)
    assert "[T-" in email.subject
    # "Open the ticket" stands on the button, its address in both.
    assert ("Buka tiket" in email.html) == (language == "id")
    assert "/client/tickets/T-" in email.text
    assert not re.search(r"[{%]%|{{|%}", email.text + email.html)
    assert outbox.preview(template, language) is not None


# Who


def test_everybody_who_took_part_is_told_of_an_answer(ticket, owner, technician, bookkeeper, support_staff):
    ask(ticket, owner)
    factories.message(ticket, technician)
    answer(ticket, support_staff)
    assert told("ticket_replied") == [owner, technician]


@pytest.mark.parametrize("change", ["left", "became a viewer", "closed account"])
def test_who_may_not_read_tickets_any_more_is_not_told(customer, support, support_staff, technician, change):
    ticket = open_one(customer, support, technician)
    if change == "left":
        Membership.objects.filter(user=technician).delete()
    elif change == "became a viewer":
        Membership.objects.filter(user=technician).update(role=Role.VIEWER)
    else:
        technician.is_active = False
        technician.save()
    message = answer(ticket, support_staff)
    assert (emails("ticket_replied"), message.told) == ([], [])


def test_each_reader_gets_the_own_language(customer, support, support_staff, owner):
    owner.language = "en"
    owner.save()
    ticket = open_one(customer, support)
    answer(ticket, support_staff)
    assert [row.language for row in [*emails("ticket_opened"), *emails("ticket_replied")]] == ["en", "en"]


def test_v5_one_row_for_each_person_and_message(ticket, owner, technician, support_staff):
    factories.message(ticket, technician)
    message = answer(ticket, support_staff)
    notices.replied(message, closed=False)
    keys = [row.key for row in emails("ticket_replied")]
    assert keys == [f"message:{message.pk}:user:{owner.pk}", f"message:{message.pk}:user:{technician.pk}"]
    assert fresh(message).told == [owner.pk, technician.pk]


def test_my_emails_shows_a_ticket_to_its_addressee_and_to_who_sees_all(
    customer, support, support_staff, owner, technician, bookkeeper
):
    ticket = open_one(customer, support, technician)
    answer(ticket, support_staff)
    OutboxEmail.objects.update(status="sent", sent_at=ticket.created_at)

    def read_by(person) -> int:
        membership = Membership.objects.get(user=person)
        return mailbox.readable_by(person, membership).filter(template__startswith="tickets/").count()

    assert [read_by(owner), read_by(technician), read_by(bookkeeper)] == [2, 2, 0]


# Threads


def test_emails_of_a_ticket_are_one_thread(ticket, support_staff, owner):
    answer(ticket, support_staff)
    ask(ticket, channel="email", email_message_id="<abc@pelanggan.example>")
    answer(ticket, support_staff, body="Terakhir", then="closed")
    opened, replied, closing_reply = sent()
    ids = [one.extra_headers["Message-ID"] for one in (opened, replied, closing_reply)]
    root = f"<{ticket.number.lower()}@toko.example>"
    assert opened.extra_headers["References"] == opened.extra_headers["In-Reply-To"] == root
    assert replied.extra_headers["References"] == f"{root} {ids[0]}"
    assert replied.extra_headers["In-Reply-To"] == ids[0]
    assert closing_reply.extra_headers["References"] == f"{root} {ids[0]} {ids[1]} <abc@pelanggan.example>"
    assert closing_reply.extra_headers["In-Reply-To"] == "<abc@pelanggan.example>"
    assert len(set(ids)) == 3


def test_a_merged_ticket_stays_in_the_thread_that_people_have(ticket, customer, support, support_staff):
    into = open_one(customer, support)
    merging.merge(ticket=ticket, into=into, actor=support_staff)
    references = sent()[-1].extra_headers["References"].split()
    assert f"<{ticket.number.lower()}@toko.example>" in references
    assert f"<{into.number.lower()}@toko.example>" in references


def test_an_email_id_that_is_none_goes_into_no_header(ticket, support_staff):
    ask(ticket, channel="email", email_message_id="<a@b>\r\nBcc: korban@example.com")
    answer(ticket, support_staff)
    references = sent()[-1].extra_headers["References"]
    assert "Bcc" not in references
    assert "\n" not in references


def test_answers_go_to_an_address_that_nobody_can_make_up(ticket, support_staff, inbound):
    answer(ticket, support_staff)
    [address] = {one.reply_to[0] for one in sent()}
    local, domain = address.split("@")
    assert domain == "balas.toko.example"
    assert local.startswith(f"reply+{ticket.number.lower()}.")
    assert len(local) <= 64
    assert addresses.ticket_of(address) == addresses.ticket_of(f"Toko <{address.upper()}>") == ticket
    assert "langsung membalas email ini" in sent()[-1].alternatives[0].content


def test_forged_addresses_lead_nowhere(ticket, customer, support, inbound):
    other = open_one(customer, support)
    right = addresses.reply_address(ticket)
    signature = right.split(".")[1].split("@")[0]
    for forged in (
        right.replace(signature, "a" * 16),
        right.replace(ticket.number.lower(), other.number.lower()),
        right.replace("balas.toko.example", "jahat.example"),
        right.replace("reply+", ""),
        f"reply+{ticket.number.lower()}@balas.toko.example",
        "halo@toko.example",
        "",
    ):
        assert addresses.ticket_of(forged) is None


def test_a_shop_that_takes_in_no_email_is_answered_at_its_own_address(ticket, settings):
    settings.TICKETS_INBOUND_DOMAIN = ""
    [opened] = sent()
    assert opened.reply_to == ["halo@example.co.id"]
    assert addresses.ticket_of("reply+t-22222222.aaaaaaaaaaaaaaaa@") is None
    assert "langsung membalas" not in opened.body + opened.alternatives[0].content


# What staff notes for itself


def test_q3_a_staff_note_is_in_no_email(ticket, customer, support, support_staff, billing, billing_staff, inbound):
    paying = open_with_payment(unpaid_invoice(customer), billing)
    replies.add_note(ticket=ticket, actor=support_staff, body=SENTINEL)
    replies.add_note(ticket=paying, actor=billing_staff, body=f"**{SENTINEL}**")
    answer(ticket, support_staff)
    ask(ticket)
    arranging.set_priority(ticket=fresh(ticket), priority=4, actor=support_staff)
    part = merging.split(ticket=fresh(ticket), messages=[ticket.messages.first()], subject="Lain", actor=support_staff)
    merging.merge(ticket=fresh(part), into=fresh(ticket), actor=support_staff)
    closing.close(ticket=fresh(ticket), actor=support_staff)
    confirmation = paying.confirmations.get().confirmation
    confirmations.reject(confirmation=confirmation, reason="Buram", actor=billing_staff)
    EscalationRule.objects.create(name="Lama", waiting_minutes=1, notify_user=support_staff)
    waiting = open_one(customer, support)
    replies.add_note(ticket=waiting, actor=support_staff, body=SENTINEL)
    escalation.escalate(timezone.now() + timedelta(days=9))
    assert StaffNote.objects.filter(ticket__in=Ticket.objects.all(), body__contains=SENTINEL).count() == 3
    out = sent()
    assert {row.template for row in OutboxEmail.objects.all()} >= set(OURS)
    for one in out:
        assert SENTINEL not in one.message().as_string()
        assert SENTINEL not in one.subject + one.body + "".join(part.content for part in one.alternatives)
    for row in OutboxEmail.objects.all():
        assert SENTINEL not in row.subject + row.text_body + row.html_body + str(row.arguments)
    for template in OURS:
        for language in ("id", "en"):
            shown = outbox.preview(template, language)
            assert SENTINEL not in shown.text + shown.html
