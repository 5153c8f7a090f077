"""Two tickets become one, or one becomes two: messages and notes keep their rows, only their ticket changes (Q4)."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from tickets import access, arranging, notices, opening, promises, transitions, writing
from tickets.models import Message, StaffNote, Ticket, TicketConfirmation
from tickets.refusals import TicketRefused

Status = Ticket.Status


@transaction.atomic
def merge(*, ticket: Ticket, into: Ticket, actor: User) -> Ticket:
    """Make ``ticket`` a part of ``into``, another open ticket of the same customer; returns that.

    Its messages and notes move, it closes, and its address leads to the other. The customer is told in the other. Raises
    ``NotAllowed``, ``MergedAway``, ``TicketRefused``.
    """
    access.require_answer(actor, ticket)
    access.require_answer(actor, into)
    # In one order, whoever merges which into which: two that cross wait instead of blocking each other.
    for one in sorted([ticket, into], key=lambda it: it.pk):
        writing.hold(one)
    arranging.refuse_other_customers(ticket, into)
    waits = ticket.waiting_since
    Message.objects.filter(ticket=ticket).update(ticket=into)
    StaffNote.objects.filter(ticket=ticket).update(ticket=into)
    TicketConfirmation.objects.filter(ticket=ticket).update(ticket=into)
    ticket.presences.all().delete()
    # What was merged into it before leads straight to where everything is now.
    Ticket.objects.filter(merged_into=ticket).update(merged_into=into)
    _end(ticket, into, actor)
    _recount(into)
    if waits:
        _wait_since(into, min(waits, into.waiting_since or waits), actor)
    transitions.remark(into, "merged", actor=actor, note=ticket.number)
    with translation.override(into.language):
        text = _("Tiket %(number)s (%(subject)s) digabungkan ke tiket ini.") % {
            "number": ticket.number,
            "subject": ticket.subject,
        }
    notices.news(writing.system(ticket=into, text=text))
    return into


def _end(ticket: Ticket, into: Ticket, actor: User) -> None:
    changes = {
        "merged_into": into,
        "resolution_due_at": None,
        "message_count": 0,
        **writing.answered(),
    }
    if ticket.is_closed:
        writing.update(ticket, **changes)
        transitions.remark(ticket, "merged", actor=actor, note=into.number)
        return
    transitions.move(ticket, Status.CLOSED, actor=actor, note=into.number, closed_at=timezone.now(), **changes)


@transaction.atomic
def split(*, ticket: Ticket, messages: Sequence[Message], subject: str, actor: User) -> Ticket:
    """Make a ticket of its own of some of a ticket's messages; each of the two then waits, or not, by what it holds.

    Raises ``NotAllowed``, ``MergedAway``, ``ValidationError`` for the subject, and ``TicketRefused`` unless one message of
    the customer is among the chosen and one message stays.
    """
    access.require_answer(actor, ticket)
    writing.hold(ticket)
    chosen = ticket.messages.filter(pk__in=[one.pk for one in messages])
    first = chosen.filter(from_staff=False).order_by("created_at", "pk").first()
    if first is None or not ticket.messages.exclude(pk__in=chosen).exists():
        raise TicketRefused(_("Pilih sedikitnya satu pesan pelanggan, dan sisakan sedikitnya satu pesan."))
    made = _beside(ticket, first, subject, actor)
    TicketConfirmation.objects.filter(ticket=ticket, message__in=chosen).update(ticket=made)
    chosen.update(ticket=made)
    for one in (ticket, made):
        _recount(one)
        if not one.is_closed:
            _settle(one, actor)
    transitions.remark(ticket, "split", actor=actor, note=made.number)
    for one, other in ((ticket, made), (made, ticket)):
        with translation.override(one.language):
            text = _("Sebagian percakapan dipisahkan: lihat juga tiket %(number)s.") % {"number": other.number}
        message = writing.system(ticket=one, text=text)
        if one is made:
            notices.news(message)
    return made


def _beside(ticket: Ticket, first: Message, subject: str, actor: User) -> Ticket:
    made = Ticket.objects.create(
        customer=ticket.customer,
        opened_by=first.author,
        department=ticket.department,
        assignee=ticket.assignee,
        priority=ticket.priority,
        subject=opening.check_subject(subject),
        service=ticket.service,
        invoice=ticket.invoice,
        language=ticket.language,
        created_at=first.created_at,
        resolution_due_at=promises.resolution_due(ticket.department, first.created_at),
        continues=ticket,
    )
    transitions.began(made, actor=actor, note=ticket.number)
    return made


def _recount(ticket: Ticket) -> None:
    """The columns that only repeat what the messages say."""
    staff, customer = Q(from_staff=True), Q(from_staff=False)
    said = ticket.messages.aggregate(
        message_count=Count("pk"),
        last_message_at=Max("created_at"),
        last_customer_message_at=Max("created_at", filter=customer),
        last_staff_message_at=Max("created_at", filter=staff),
        first_answered_at=Min("created_at", filter=staff & ~Q(channel=Message.Channel.SYSTEM)),
    )
    writing.update(ticket, **said)


def _settle(ticket: Ticket, actor: User) -> None:
    """Whether a customer waits, by the messages: the first one that no member of staff wrote after."""
    people = ticket.messages.exclude(channel=Message.Channel.SYSTEM)
    last_answer = people.filter(from_staff=True).aggregate(at=Max("created_at"))["at"]
    open_questions = people.filter(from_staff=False).order_by("created_at", "pk")
    if last_answer:
        open_questions = open_questions.filter(created_at__gt=last_answer)
    first = open_questions.first()
    if first:
        _wait_since(ticket, first.created_at, actor)
        return
    writing.update(ticket, **writing.answered())
    if ticket.status in {Status.OPEN, Status.CUSTOMER_REPLY}:
        transitions.move(ticket, Status.ANSWERED, actor=actor)


def _wait_since(ticket: Ticket, since, actor: User) -> None:
    changes = {"waiting_since": since, "answer_due_at": promises.answer_due(ticket.department, since)}
    if ticket.status == Status.ANSWERED:
        transitions.move(ticket, Status.CUSTOMER_REPLY, actor=actor, **changes)
    else:
        writing.update(ticket, **changes)
