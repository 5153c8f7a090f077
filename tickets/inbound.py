"""Email becomes tickets: every email is kept as it came, then replied with, opened, or left to staff with the reason.

An email is received in one transaction and worked on after it, by a task: doing that twice writes one message, for the
email's hash is the key of what it becomes.
"""

import hashlib
import logging
import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import Membership, User
from accounts.roles import Ability, roles_with
from billing import uploads
from tickets import addresses, mail_reading, opening, replies, writing
from tickets import files as ticket_files
from tickets.mail_reading import Mail
from tickets.models import Department, InboundEmail, Message, Ticket
from tickets.refusals import TicketRefused, TooMany

logger = logging.getLogger(__name__)

FOLDER = "inbound"
# More in an hour from one sender is a loop, not a conversation.
MOST_IN_AN_HOUR = 30
MOST_ATTEMPTS = 5
# What no worker took by then is handed out again.
LEFT_OVER_AFTER = timedelta(minutes=2)
SWEEP_SIZE = 100
_KEYS = uuid.UUID("6f1f3c0e-5c53-4a0e-9d64-3f8f6d1f2b0a")
Outcome = InboundEmail.Outcome


class NotTaken(Exception):
    """The email becomes nothing; the words say why, for staff."""


def receive(*, raw: bytes, provider: str, recipient: str = "", reason: str = "") -> InboundEmail:
    """Keep an email, once: the same bytes again return the first row. It is worked on after the commit.

    With a ``reason`` it is kept for staff only, until they want it tried again. Raises ``uploads.CannotStore``.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    known = InboundEmail.objects.filter(sha256=sha256).first()
    if known:
        return known
    kept = uploads.AcceptedFile("email.eml", raw, "message/rfc822", sha256, sha256)
    try:
        with uploads.stored([kept], FOLDER) as names, transaction.atomic():
            row = InboundEmail.objects.create(
                provider=provider[:30],
                sha256=sha256,
                size=len(raw),
                raw=names[0],
                recipient=recipient[:254],
                reason=reason,
            )
            transaction.on_commit(lambda: _nudge(row.pk))
    except IntegrityError:
        # Told twice at once: the file of the second is gone, the first's stays.
        return InboundEmail.objects.get(sha256=sha256)
    return row


def _nudge(email_id: int) -> None:
    """At best: the sweep takes what no worker hears of."""
    from tickets.tasks import process_inbound

    outbox.tell_worker(process_inbound, email_id)


def left_over(now: datetime) -> list[int]:
    """The emails that wait for a worker for too long."""
    waiting = InboundEmail.objects.filter(outcome=Outcome.RECEIVED, received_at__lte=now - LEFT_OVER_AFTER)
    return list(waiting.order_by("received_at", "pk").values_list("pk", flat=True)[:SWEEP_SIZE])


def process(email_id: int) -> InboundEmail | None:
    """Make of an email what it is for, unless that is done; ``None`` for one that was worked on already.

    A fault leaves it for the next sweep, after ``MOST_ATTEMPTS`` for staff.
    """
    waiting = InboundEmail.objects.filter(pk=email_id, outcome=Outcome.RECEIVED)
    if not waiting.update(attempts=F("attempts") + 1):
        return None
    row = InboundEmail.objects.get(pk=email_id)
    try:
        message = _take(row)
    except NotTaken as refusal:
        _finish(row, Outcome.IGNORED, reason=str(refusal))
    except Exception as error:
        logger.exception("Email %s could not be worked on", row.pk)
        if row.attempts >= MOST_ATTEMPTS:
            _finish(row, Outcome.FAILED, reason=f"{type(error).__name__}: {error}"[:2000])
    else:
        is_first = message.ticket.messages.order_by("pk").first() == message
        _finish(row, Outcome.OPENED if is_first else Outcome.REPLIED, message=message)
    return row


def try_again(*, email: InboundEmail, actor: User) -> InboundEmail:
    """Staff wants one that was not taken to be worked on anew; one that was taken stays as it is."""
    again = InboundEmail.objects.filter(pk=email.pk, outcome__in=[Outcome.IGNORED, Outcome.FAILED])
    if again.update(outcome=Outcome.RECEIVED, attempts=0, reason=""):
        logger.info("Email %s is tried again for user %s", email.pk, actor.pk)
        process(email.pk)
    email.refresh_from_db()
    return email


def _finish(row: InboundEmail, outcome: str, *, reason: str = "", message: Message | None = None) -> None:
    row.outcome, row.reason, row.message, row.ticket = outcome, reason, message, message and message.ticket
    row.save(update_fields=["outcome", "reason", "message", "ticket"])


def read(row: InboundEmail) -> Mail:
    """Raises ``mail_reading.Unreadable``."""
    with row.raw.open("rb") as file:
        return mail_reading.read(file.read(), envelope_recipient=row.recipient)


def _take(row: InboundEmail) -> Message:
    """Raises ``NotTaken``, and whatever a fault raises."""
    try:
        mail = read(row)
    except mail_reading.Unreadable as error:
        raise NotTaken(str(error)) from error
    _write_down(row, mail)
    if row.reason or mail.automatic:
        raise NotTaken(row.reason or mail.automatic)
    _refuse_floods(row)
    sender = _person(mail)
    try:
        message = _reply_or_open(row, mail, sender)
    except TooMany:
        raise NotTaken(_("Terlalu banyak pesan dari pengirim ini dalam satu jam.")) from None
    except TicketRefused as refusal:
        raise NotTaken(str(refusal)) from refusal
    except ValidationError as error:
        raise NotTaken(" ".join(error.messages)) from error
    _refuse_twins(row, message)
    return message


def _refuse_twins(row: InboundEmail, message: Message) -> None:
    """A provider that tells of an email twice may write it out differently: its Message-ID is the same."""
    if InboundEmail.objects.filter(message=message).exclude(pk=row.pk).exists():
        raise NotTaken(_("Email yang sama sudah masuk."))


def _write_down(row: InboundEmail, mail: Mail) -> None:
    """What staff's list shows of it."""
    row.sender, row.subject, row.email_message_id = mail.sender[:254], mail.subject, mail.message_id
    row.recipient = row.recipient or ", ".join(mail.recipients)[:254]
    row.save(update_fields=["sender", "subject", "email_message_id", "recipient"])


def _refuse_floods(row: InboundEmail) -> None:
    since = row.received_at - timedelta(hours=1)
    others = InboundEmail.objects.filter(sender=row.sender, received_at__range=(since, row.received_at))
    if row.sender and others.exclude(pk=row.pk).count() >= MOST_IN_AN_HOUR:
        raise NotTaken(_("Lebih dari %(most)d email dalam satu jam dari pengirim ini.") % {"most": MOST_IN_AN_HOUR})


def _person(mail: Mail) -> User:
    """Who signs in with the sender's address, which they proved to be theirs."""
    if not mail.sender:
        raise NotTaken(_("Email ini tidak menyebut tepat satu pengirim."))
    person = User.objects.filter(
        emailaddress__email__iexact=mail.sender, emailaddress__verified=True, is_active=True
    ).first()
    if person is None:
        raise NotTaken(_("Tidak ada anggota pelanggan dengan alamat %(sender)s.") % {"sender": mail.sender})
    return person


def _reply_or_open(row: InboundEmail, mail: Mail, sender: User) -> Message:
    for address in mail.recipients:
        ticket = addresses.ticket_of(address)
        if ticket:
            return _reply(row, mail, sender, replies.whole(ticket))
    forged = next((one for one in mail.recipients if addresses.looks_like_ours(one)), None)
    if forged:
        raise NotTaken(_("Alamat balasan %(address)s tidak sah.") % {"address": forged})
    for address in mail.recipients:
        department = addresses.department_of(address)
        if department:
            return _open(row, mail, sender, department)
    raise NotTaken(_("Alamat tujuannya bukan milik tiket atau departemen mana pun."))


def _reply(row: InboundEmail, mail: Mail, sender: User, ticket: Ticket) -> Message:
    accepted, body = _contents(mail, ticket.language)
    return replies.reply_as_customer(
        ticket=ticket,
        actor=sender,
        body=body,
        files=accepted,
        key=_key(row),
        channel=Message.Channel.EMAIL,
        email_message_id=mail.message_id,
    )


def _open(row: InboundEmail, mail: Mail, sender: User, department: Department) -> Message:
    roles = roles_with(Ability.OPEN_TICKETS)
    memberships = list(Membership.objects.filter(user=sender, role__in=roles).select_related("customer")[:2])
    if not memberships:
        raise NotTaken(_("Pengirimnya bukan anggota pelanggan yang boleh membuka tiket."))
    if len(memberships) > 1:
        # Guessing could show one company's question to another.
        raise NotTaken(_("Pengirimnya anggota beberapa pelanggan: tidak jelas tiket ini milik siapa."))
    accepted, body = _contents(mail, sender.language)
    with translation.override(sender.language):
        subject = mail.subject or _("Pertanyaan lewat email")
    customer = memberships[0].customer
    ticket = opening.open_ticket(
        actor=sender,
        question=opening.Question(customer=customer, department=department, subject=subject, language=sender.language),
        body=body,
        files=accepted,
        submission_key=_key(row),
        channel=Message.Channel.EMAIL,
        email_message_id=mail.message_id,
    )
    return ticket.messages.order_by("pk")[0]


def _key(row: InboundEmail) -> uuid.UUID:
    """The same for the same email, whoever works on it how often."""
    return uuid.uuid5(_KEYS, row.sha256)


def _contents(mail: Mail, language: str) -> tuple[list, str]:
    """The files that are accepted, and the text, which names those that are not: a bad picture loses no question."""
    text = mail.text.strip()
    if not text and not mail.files:
        raise NotTaken(_("Email ini tidak berisi tulisan."))
    accepted, refused = [], []
    with translation.override(language):
        for file in mail.files:
            try:
                if len(accepted) == ticket_files.MOST_FILES:
                    raise ValidationError(_("paling banyak %(most)d berkas") % {"most": ticket_files.MOST_FILES})
                uploads.accept(file, kinds=uploads.ATTACHMENTS, max_bytes=ticket_files.MAX_BYTES)
                accepted.append(file)
            except ValidationError as error:
                refused.append(f"- {uploads.clean_name(file.name)}: {' '.join(error.messages)}")
        notes = [_("Lampiran yang tidak dapat kami terima:"), *refused] if refused else []
        text = text or _("(Tanpa tulisan, lihat lampiran.)")
        tail = "\n".join(["", "", *notes]) if notes else ""
    room = writing.LONGEST_BODY - len(tail) - 1
    return accepted, (text if len(text) <= room else f"{text[:room]}…") + tail
