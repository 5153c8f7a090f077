"""Customers write by email: what becomes a message, what is left to staff, and that nothing becomes two."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from accounts import delivery
from accounts.models import OutboxEmail
from billing import uploads
from tests import factories
from tests.billing.shop import picture
from tests.tickets import mails
from tests.tickets.desk import answer, fresh, open_one
from tests.tickets.mails import arrive, letter, to_ticket
from tickets import addresses, closing, inbound, tasks
from tickets.models import Attachment, InboundEmail, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _takes_email_in(settings):
    settings.TICKETS_INBOUND_DOMAIN = mails.DOMAIN


@pytest.fixture
def ticket(customer, support, support_staff):
    made = open_one(customer, support)
    answer(made, support_staff)
    return fresh(made)


def counts() -> tuple[int, int]:
    return Ticket.objects.count(), Message.objects.count()


def is_left_to_staff(row: InboundEmail, reason: str, before: tuple[int, int]) -> None:
    assert (row.outcome, counts()) == ("ignored", before)
    assert reason in row.reason
    assert default_storage.exists(row.raw.name)


def test_an_answer_by_email_is_a_reply_of_its_sender(ticket, owner):
    row = arrive(to_ticket(ticket, f"Sari <{owner.email.upper()}>"))
    message = ticket.messages.order_by("pk").last()
    assert (row.outcome, row.message, row.ticket) == ("replied", message, ticket)
    assert (message.author, message.channel, message.body) == (owner, "email", "Sudah bisa, terima kasih.")
    assert (message.email_message_id, message.from_staff) == ("<satu@sinar.example>", False)
    assert fresh(ticket).status == "customer_reply"


def test_a_colleague_who_may_open_tickets_answers_too(ticket, customer):
    colleague = factories.member(customer, role="admin").user
    assert arrive(to_ticket(ticket, colleague.email)).message.author == colleague


@pytest.mark.parametrize("who", ["stranger", "viewer", "nobody", "staff"])
def test_others_are_left_to_staff(ticket, customer, stranger, viewer, support_staff, who):
    address = {"stranger": stranger.email, "viewer": viewer.email, "staff": support_staff.email}.get(
        who, "x@jahat.example"
    )
    before = counts()
    row = arrive(to_ticket(ticket, address))
    reasons = {"nobody": "Tidak ada anggota pelanggan"}
    is_left_to_staff(row, reasons.get(who, "Peran Anda tidak boleh menulis"), before)
    assert row.sender == address


def test_an_address_that_nobody_confirmed_proves_nothing(ticket, customer):
    unproved = factories.user(verified=False)
    factories.member(customer, unproved, "owner")
    before = counts()
    is_left_to_staff(arrive(to_ticket(ticket, unproved.email)), "Tidak ada anggota", before)


def test_a_forged_signature_opens_nothing(ticket, owner):
    local, _at, domain = addresses.reply_address(ticket).partition("@")
    other = "a" if local[-1] != "a" else "b"
    before = counts()
    row = arrive(letter(f"{local[:-1]}{other}@{domain}", owner.email))
    is_left_to_staff(row, "tidak sah", before)


def test_the_signature_of_another_ticket_opens_nothing(ticket, customer, support, owner):
    theirs = addresses.reply_address(open_one(customer, support))
    signature = theirs.partition("@")[0].rpartition(".")[2]
    before = counts()
    forged = f"reply+{ticket.number.lower()}.{signature}@{mails.DOMAIN}"
    is_left_to_staff(arrive(letter(forged, owner.email)), "tidak sah", before)


def test_the_same_email_twice_is_one_message(ticket, owner):
    raw = to_ticket(ticket, owner.email).as_bytes()
    first = arrive(raw)
    before = counts()
    assert arrive(raw) == first
    assert (counts(), InboundEmail.objects.count()) == (before, 1)
    assert inbound.process(first.pk) is None


def test_an_email_that_a_provider_writes_out_anew_is_one_message(ticket, owner):
    arrive(to_ticket(ticket, owner.email))
    before = counts()
    again = arrive(to_ticket(ticket, owner.email, headers={"X-Delivery": "2"}))
    is_left_to_staff(again, "sudah masuk", before)


def test_a_worker_that_died_after_writing_writes_no_second_message(ticket, owner):
    row = arrive(to_ticket(ticket, owner.email, message_id=""))
    before = counts()
    InboundEmail.objects.update(outcome="received", message=None, ticket=None)
    assert inbound.process(row.pk).message == row.message
    assert counts() == before


def test_quotes_are_cut_off(ticket, owner):
    body = "Sudah.\n\nPada Sen, 23 Nov 2026 10.00 Nusa\n<reply@nusa.example> menulis:\n> Apakah sudah bisa?\n"
    assert arrive(to_ticket(ticket, owner.email, body)).message.body == "Sudah."


def test_an_email_without_plain_text_is_read_from_its_html(ticket, owner):
    message = to_ticket(ticket, owner.email)
    message.set_content(
        "<p>Halo &amp; terima kasih</p><script>alert(1)</script><blockquote>lama</blockquote>", subtype="html"
    )
    assert arrive(message).message.body == "Halo & terima kasih"


def test_a_closed_ticket_opens_again_and_an_old_one_goes_on_in_a_new_one(ticket, owner, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    assert arrive(to_ticket(ticket, owner.email)).outcome == "replied"
    assert fresh(ticket).status == "customer_reply"
    closing.close(ticket=fresh(ticket), actor=support_staff)
    Ticket.objects.update(closed_at=fresh(ticket).closed_at - timedelta(days=15))
    row = arrive(to_ticket(ticket, owner.email, message_id="<dua@sinar.example>"))
    assert (row.outcome, row.ticket.continues) == ("opened", ticket)


def test_files_come_along_and_a_bad_one_loses_no_word(ticket, owner):
    photo = picture()
    files = [
        ("bukti.png", photo.read(), "image/png"),
        ("virus.exe", b"MZ\x90", "application/octet-stream"),
        ("besar.txt", b"a" * (11 * uploads.MEGABYTE), "text/plain"),
    ]
    message = arrive(to_ticket(ticket, owner.email, files=files)).message
    assert [one.name for one in message.attachments.all()] == ["bukti.png"]
    assert message.body.startswith("Sudah bisa, terima kasih.\n\nLampiran yang tidak dapat kami terima:\n- virus.exe: ")
    assert "- besar.txt: besar.txt terlalu besar" in message.body


def test_more_files_than_five_are_named(ticket, owner):
    files = [(f"galat-{number}.log", b"ERROR\n", "text/plain") for number in range(7)]
    message = arrive(to_ticket(ticket, owner.email, files=files)).message
    assert message.attachments.count() == 5
    assert "galat-6.log: paling banyak 5 berkas" in message.body


def test_a_file_alone_is_a_message_in_the_tickets_language(ticket, owner):
    Ticket.objects.update(language="en")
    row = arrive(to_ticket(ticket, owner.email, "", files=[("galat.log", b"ERROR\n", "text/plain")]))
    assert row.message.body == "(No text, see the attachment.)"
    assert Attachment.objects.count() == 1


def test_an_email_that_says_nothing_is_left_to_staff(ticket, owner):
    before = counts()
    is_left_to_staff(arrive(to_ticket(ticket, owner.email, "")), "tidak berisi tulisan", before)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "Bulk"},
        {"Precedence": "auto_reply"},
        {"List-Id": "<milis.example>"},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Autoreply": "yes"},
        {"Return-Path": "<>"},
        {"Authentication-Results": "mx.example; spf=fail; dmarc=fail (p=reject)"},
    ],
    ids=lambda headers: " ".join(f"{name}: {value}" for name, value in headers.items()),
)
def test_machines_are_not_answered(ticket, owner, headers):
    before = counts()
    row = arrive(to_ticket(ticket, owner.email, headers=headers))
    assert (row.outcome, counts()) == ("ignored", before)
    assert row.reason


def test_auto_submitted_no_is_a_person(ticket, owner):
    assert arrive(to_ticket(ticket, owner.email, headers={"Auto-Submitted": "no"})).outcome == "replied"


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@sinar.example", "no-reply@sinar.example"])
def test_senders_that_are_machines_are_left_alone(ticket, sender):
    before = counts()
    is_left_to_staff(arrive(to_ticket(ticket, sender)), "mesin", before)


def test_what_the_shop_sent_itself_does_not_come_back(ticket, owner, settings):
    before = counts()
    ours = delivery.message_id(OutboxEmail.objects.order_by("pk").first())
    for message in [
        to_ticket(ticket, owner.email, message_id=ours),
        to_ticket(ticket, settings.DEFAULT_FROM_EMAIL),
        to_ticket(ticket, f"siapa@{mails.DOMAIN}"),
    ]:
        is_left_to_staff(arrive(message), "kembali", before)


def test_a_flood_from_one_sender_is_a_loop(ticket, owner, monkeypatch):
    monkeypatch.setattr(inbound, "MOST_IN_AN_HOUR", 2)
    rows = [arrive(to_ticket(ticket, owner.email, message_id=f"<{n}@sinar.example>")) for n in range(3)]
    assert [row.outcome for row in rows] == ["replied", "replied", "ignored"]


def test_a_member_opens_a_ticket_by_writing_to_a_department(customer, owner, support):
    row = arrive(
        letter(f"Dukungan <{support.slug.upper()}@{mails.DOMAIN}>", owner.email, subject="Fwd: RE: Situs  lambat")
    )
    ticket = row.ticket
    assert (row.outcome, ticket.subject, ticket.department, ticket.customer) == (
        "opened",
        "Situs lambat",
        support,
        customer,
    )
    assert (ticket.opened_by, ticket.messages.get().channel, ticket.language) == (owner, "email", owner.language)


def test_a_ticket_without_a_subject_gets_one_in_the_senders_language(customer, owner, support):
    owner.language = "en"
    owner.save()
    row = arrive(letter(f"{support.slug}@{mails.DOMAIN}", owner.email, subject=""))
    assert row.ticket.subject == "Question by email"


def test_people_without_a_customer_or_with_several_open_none(customer, owner, support, viewer):
    address = f"{support.slug}@{mails.DOMAIN}"
    is_left_to_staff(arrive(letter(address, factories.user().email)), "bukan anggota", (0, 0))
    is_left_to_staff(arrive(letter(address, viewer.email)), "bukan anggota", (0, 0))
    factories.member(factories.customer(), owner, "owner")
    is_left_to_staff(arrive(letter(address, owner.email)), "beberapa pelanggan", (0, 0))


def test_an_unknown_address_or_another_domain_opens_none(customer, owner, support):
    for address in ["tidak-ada@" + mails.DOMAIN, f"{support.slug}@lain.example"]:
        is_left_to_staff(arrive(letter(address, owner.email)), "bukan milik tiket", (0, 0))


def test_a_department_that_is_switched_off_takes_none(customer, owner, support):
    support.active = False
    support.save()
    row = arrive(letter(f"{support.slug}@{mails.DOMAIN}", owner.email))
    is_left_to_staff(row, "Pilih departemen", (0, 0))


def test_the_recipient_of_the_envelope_counts_before_the_headers(ticket, owner):
    message = letter("undisclosed@lain.example", owner.email)
    assert arrive(message, recipient=addresses.reply_address(ticket)).outcome == "replied"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: a@b.example, c@d.example\n\nhalo",
        b"From: a@b.example\nFrom: c@d.example\n\nhalo",
        b"From: =?utf-8?b?!!!?= <@>\nTo: x\n\nhalo",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=nowhere\n\nhalo\n",
        b"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n",
        b"Subject: " + b"=?utf-8?q?" + b"a" * 100_000 + b"?=\nFrom: a@b.example\n\nhalo",
        b"From: a@b.example\nContent-Transfer-Encoding: base64\nContent-Type: image/png\n\n%%%%",
        ("From: a@b.example\n" + "X: y\n" * 50_000 + "\nhalo").encode(),
    ],
)
def test_broken_emails_are_kept_for_staff(db, raw):
    row = arrive(raw)
    assert (row.outcome, counts()) == ("ignored", (0, 0))
    assert row.reason
    with row.raw.open("rb") as file:
        assert file.read() == raw


def test_a_charset_that_nobody_knows_is_read_as_far_as_possible(ticket, owner):
    message = to_ticket(ticket, owner.email)
    raw = message.as_bytes().replace(b'charset="utf-8"', b'charset="x-nowhere"')
    assert arrive(raw).message.body == "Sudah bisa, terima kasih."


def test_a_very_long_email_is_shortened(ticket, owner):
    body = arrive(to_ticket(ticket, owner.email, "kata " * 20_000)).message.body
    assert len(body) <= 20_000
    assert body.endswith("…")


def test_a_fault_is_tried_again_and_given_to_staff_in_the_end(ticket, owner, monkeypatch):
    def fail(**arguments):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(inbound.replies, "reply_as_customer", fail)
    before = counts()
    row = arrive(to_ticket(ticket, owner.email))
    assert (row.outcome, row.attempts) == ("received", 1)
    for _ in range(inbound.MOST_ATTEMPTS):
        inbound.process(row.pk)
    row.refresh_from_db()
    assert (row.outcome, row.attempts, counts()) == ("failed", inbound.MOST_ATTEMPTS, before)
    assert "the disk is full" in row.reason


def test_the_sweep_takes_what_no_worker_heard_of(ticket, owner):
    row = inbound.receive(raw=to_ticket(ticket, owner.email).as_bytes(), provider="imap")
    assert tasks.sweep_inbound() == 0
    InboundEmail.objects.update(received_at=row.received_at - timedelta(minutes=3))
    assert tasks.sweep_inbound() == 1
    row.refresh_from_db()
    assert row.outcome == "replied"


def test_an_email_that_could_not_be_stored_leaves_no_row(db, monkeypatch):
    def refuse(*_arguments, **_more):
        raise OSError("no space")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)
    with pytest.raises(uploads.CannotStore):
        inbound.receive(raw=b"x", provider="imap")
    assert InboundEmail.objects.count() == 0


def test_staff_has_one_tried_again_once_the_sender_is_a_member(ticket, customer, support_staff):
    person = factories.user()
    row = arrive(to_ticket(ticket, person.email))
    assert row.outcome == "ignored"
    factories.member(customer, person, "owner")
    assert inbound.try_again(email=row, actor=support_staff).outcome == "replied"
    before = counts()
    assert inbound.try_again(email=row, actor=support_staff).outcome == "replied"
    assert counts() == before
