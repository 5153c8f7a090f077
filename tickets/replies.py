"""Both sides write: replies that everybody reads, and notes that only staff does."""

import uuid
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import User
from billing import uploads
from tickets import access, notices, opening, transitions, writing
from tickets import files as ticket_files
from tickets.models import Message, StaffNote, Ticket
from tickets.refusals import MergedAway, SomebodyWasFaster, TicketRefused, TooMany

Status = Ticket.Status
# What a reply of staff may leave a ticket as.
AFTER_A_REPLY = (Status.ANSWERED, Status.IN_PROGRESS, Status.ON_HOLD, Status.CLOSED)


def reply_as_customer(
    *,
    ticket: Ticket,
    actor: User,
    body: str,
    files: Sequence[UploadedFile] = (),
    key: uuid.UUID,
    channel: str = Message.Channel.WEB,
    email_message_id: str = "",
) -> Message:
    """Write as the customer. A merged ticket's reply goes into the one that it became part of.

    A closed ticket is reopened within its department's ``reopen_days``; later a new one begins, linked to it, and the
    message is that one's. The same ``key`` or email again returns the first message. Raises ``NotAllowed``, ``TooMany``,
    ``ValidationError`` by field and ``uploads.CannotStore``; then no row and no file is left.
    """
    ticket = whole(ticket)
    access.require_reply(actor, ticket)
    text = writing.clean_body(body)
    accepted = ticket_files.accept(files)
    try:
        with uploads.stored(accepted, ticket_files.FOLDER) as names, transaction.atomic():
            writing.hold(ticket)
            writing.refuse_repeats(author=actor, key=key, email_message_id=email_message_id)
            if is_over(ticket):
                return _begin_anew(
                    ticket,
                    actor=actor,
                    body=text,
                    submission_key=key,
                    channel=channel,
                    email_message_id=email_message_id,
                    accepted=accepted,
                    names=names,
                )
            if not limits.allow("ticket_reply", actor.pk):
                raise TooMany
            message = writing.insert(
                ticket=ticket,
                author=actor,
                body=text,
                channel=channel,
                key=key,
                email_message_id=email_message_id,
                accepted=accepted,
                names=names,
            )
            writing.customer_wrote(ticket, message, actor)
    except writing.Repeated as again:
        return again.message
    except MergedAway:
        # Merged since the page was read: once more, into what it became.
        return reply_as_customer(
            ticket=ticket,
            actor=actor,
            body=body,
            files=files,
            key=key,
            channel=channel,
            email_message_id=email_message_id,
        )
    return message


def whole(ticket: Ticket) -> Ticket:
    """The ticket that this one became part of, or itself."""
    while ticket.merged_into_id:
        ticket = ticket.merged_into
    return ticket


def is_over(ticket: Ticket) -> bool:
    """Whether a reply begins a new ticket instead of opening this one again."""
    return ticket.is_closed and ticket.can_be_reopened_until < timezone.now()


def _begin_anew(ticket: Ticket, *, actor: User, **message) -> Message:
    question = opening.Question(
        customer=ticket.customer,
        department=ticket.department,
        subject=ticket.subject,
        priority=ticket.priority,
        service=ticket.service,
        invoice=ticket.invoice,
        language=ticket.language,
        continues=ticket,
    )
    return opening.begin(actor=actor, question=question, **message)


def reply_as_staff(
    *,
    ticket: Ticket,
    actor: User,
    body: str,
    files: Sequence[UploadedFile] = (),
    key: uuid.UUID,
    seen_message_id: int | None,
    then: str = Status.ANSWERED,
) -> Message:
    """Answer the customer, who is emailed; the ticket is ``then`` in that state and, if nobody's, the writer's.

    ``seen_message_id`` is the newest message on the page that the answer was written on. The same ``key`` again returns the
    first message. Raises ``SomebodyWasFaster`` where a newer message came meanwhile, ``MergedAway``, ``NotAllowed``,
    ``ValidationError`` by field and ``uploads.CannotStore``; then no row and no file is left.
    """
    if then not in AFTER_A_REPLY:
        raise TicketRefused(_("Pilih status dari daftar."))
    access.require_answer(actor, ticket)
    text = writing.clean_body(body)
    accepted = ticket_files.accept(files)
    try:
        with uploads.stored(accepted, ticket_files.FOLDER) as names, transaction.atomic():
            writing.hold(ticket)
            writing.refuse_repeats(author=actor, key=key)
            _refuse_if_newer(ticket, seen_message_id)
            message = writing.insert(
                ticket=ticket, author=actor, body=text, from_staff=True, key=key, accepted=accepted, names=names
            )
            _answer(ticket, message, actor, then)
    except writing.Repeated as again:
        return again.message
    return message


def _refuse_if_newer(ticket: Ticket, seen_message_id: int | None) -> None:
    newest = ticket.messages.order_by("-pk").first()
    if newest and newest.pk > (seen_message_id or 0):
        raise SomebodyWasFaster(newest)


def _answer(ticket: Ticket, message: Message, actor: User, then: str) -> None:
    closes = then == Status.CLOSED
    was_closed = ticket.is_closed
    if was_closed and not closes:
        transitions.move(ticket, Status.IN_PROGRESS, actor=actor, **writing.reopened(ticket))
    writing.staff_wrote(ticket, message)
    if ticket.status != then:
        closing = {"closed_at": message.created_at, "resolution_due_at": None} if closes else {}
        transitions.move(ticket, then, actor=actor, **closing)
    if ticket.assignee_id is None:
        writing.update(ticket, assignee=actor)
        transitions.remark(ticket, "assigned", actor=actor, note=str(actor))
    notices.replied(message, closed=closes)


@transaction.atomic
def add_note(*, ticket: Ticket, actor: User, body: str, key: uuid.UUID | None = None) -> StaffNote:
    """Something that only staff reads; nobody is emailed. The same ``key`` again returns the first note.

    Raises ``NotAllowed``, ``MergedAway``, ``ValidationError``.
    """
    access.require_answer(actor, ticket)
    text = writing.clean_body(body)
    writing.hold(ticket)
    made = key and StaffNote.objects.filter(submission_key=key, author=actor).first()
    return made or StaffNote.objects.create(ticket=ticket, author=actor, body=text, submission_key=key)


def add_system_message(*, ticket: Ticket, text: str) -> Message:
    """What the shop itself says, in the ticket's language; no state changes, and ``notices`` is the caller's to call."""
    return writing.system(ticket=ticket, text=text)
