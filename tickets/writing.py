"""A message enters a ticket: its row, its files, and whose turn it is then. Called in the service's transaction."""

import unicodedata
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import uploads
from tickets import files, promises, transitions
from tickets.models import Message, Ticket
from tickets.refusals import MergedAway

LONGEST_BODY = 20_000
Status = Ticket.Status
# Where a customer's message changes no state: it is our turn already.
_OUR_TURN = (Status.OPEN, Status.CUSTOMER_REPLY)


class Repeated(Exception):
    """The same form came again: leave the block in which files are stored, so that they go. ``message`` is the first."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


def clean_body(body: str) -> str:
    """The text without what no page or database takes. Raises ``ValidationError`` for the field ``body``."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}).strip()
    if not text:
        raise ValidationError({"body": _("Tulis pesan Anda.")})
    if len(text) > LONGEST_BODY:
        raise ValidationError(
            {"body": _("Pesan terlalu panjang: paling banyak %(most)d huruf.") % {"most": LONGEST_BODY}}
        )
    return text


def refuse_repeats(*, author: User | None, key: uuid.UUID | None, email_message_id: str = "") -> None:
    """Raises ``Repeated`` if this form, or this email, is in already."""
    same = models.Q(pk=None)
    if key:
        same |= models.Q(submission_key=key, author=author)
    if email_message_id:
        same |= models.Q(email_message_id=email_message_id)
    found = Message.objects.filter(same).first()
    if found:
        raise Repeated(found)


def hold(ticket: Ticket) -> None:
    """Whoever else wants to write in the ticket, close or merge it waits. Raises ``MergedAway``."""
    transitions.hold(ticket)
    if ticket.merged_into_id:
        raise MergedAway(ticket)


def hold_whole(ticket: Ticket) -> Ticket:
    """Hold the ticket, or the one that it became part of; returns which."""
    while True:
        try:
            # A savepoint, so that a ticket which was merged is let go again.
            with transaction.atomic():
                hold(ticket)
            return ticket
        except MergedAway:
            ticket = ticket.merged_into


def insert(
    *,
    ticket: Ticket,
    author: User | None,
    body: str,
    from_staff: bool = False,
    channel: str = Message.Channel.WEB,
    key: uuid.UUID | None = None,
    email_message_id: str = "",
    accepted: Sequence[uploads.AcceptedFile] = (),
    names: Sequence[str] = (),
) -> Message:
    message = Message.objects.create(
        ticket=ticket,
        author=author,
        body=body,
        from_staff=from_staff,
        channel=channel,
        submission_key=key,
        email_message_id=email_message_id,
    )
    files.attach(message, accepted, names)
    return message


def customer_wrote(ticket: Ticket, message: Message, actor: User | None) -> None:
    """It is our turn now, by the promise that was made for the first unanswered message."""
    changes = {
        **_came_in(message),
        "last_customer_message_at": message.created_at,
        "close_warned_at": None,
        **our_turn(ticket, message.created_at),
    }
    if ticket.status in _OUR_TURN:
        update(ticket, **changes)
        return
    if ticket.is_closed:
        changes |= reopened(ticket)
    transitions.move(ticket, Status.CUSTOMER_REPLY, actor=actor, **changes)


def our_turn(ticket: Ticket, since) -> dict:
    """What is written when a customer begins to wait; nothing where one waits already."""
    if ticket.waiting_since is not None:
        return {}
    return {"waiting_since": since, "answer_due_at": promises.answer_due(ticket.department, since)}


def answered() -> dict:
    """What is written when no customer waits any more."""
    return {"waiting_since": None, "answer_due_at": None}


def reopened(ticket: Ticket) -> dict:
    return {
        "closed_at": None,
        "close_warned_at": None,
        "resolution_due_at": promises.resolution_due(ticket.department, timezone.now()),
    }


def staff_wrote(ticket: Ticket, message: Message, *, is_answer: bool = True) -> None:
    """The columns only: which state follows is the service's to say."""
    changes = {**_came_in(message), "last_staff_message_at": message.created_at, "close_warned_at": None}
    if is_answer:
        changes |= answered()
        if ticket.first_answered_at is None:
            changes["first_answered_at"] = message.created_at
    update(ticket, **changes)


def system(*, ticket: Ticket, text: str) -> Message:
    """A message of the shop itself, in the ticket's language; it changes no state."""
    message = insert(ticket=ticket, author=None, body=text, from_staff=True, channel=Message.Channel.SYSTEM)
    update(ticket, **_came_in(message), last_staff_message_at=message.created_at)
    return message


def update(ticket: Ticket, **changes) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(**changes)
    ticket.refresh_from_db(fields=list(changes))


def _came_in(message: Message) -> dict:
    return {"last_message_at": message.created_at, "message_count": models.F("message_count") + 1}
