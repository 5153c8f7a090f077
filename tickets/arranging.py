"""What staff arranges: who has a ticket, where it belongs, how urgent it is, what it is about."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Invoice, Service
from tickets import access, closing, promises, transitions, writing
from tickets.models import Department, Priority, Ticket
from tickets.refusals import AlreadyTaken, TicketRefused

Status = Ticket.Status


@transaction.atomic
def take(*, ticket: Ticket, actor: User) -> None:
    """Make a ticket that nobody has one's own. Raises ``AlreadyTaken``, ``NotAllowed``, ``MergedAway``."""
    access.require_answer(actor, ticket)
    taken = Ticket.objects.filter(pk=ticket.pk, assignee=None, merged_into=None).update(assignee=actor)
    ticket.refresh_from_db()
    if taken:
        transitions.remark(ticket, "assigned", actor=actor, note=str(actor))
        return
    writing.hold(ticket)
    if ticket.assignee_id != actor.pk:
        raise AlreadyTaken(ticket)


@transaction.atomic
def assign(*, ticket: Ticket, assignee: User | None, actor: User | None) -> None:
    """Give the ticket to somebody who works in its department, or to nobody; without an ``actor`` a rule did it.

    Raises ``NotAllowed``, ``MergedAway``, and ``ValidationError`` for who cannot answer it.
    """
    if actor is not None:
        access.require_answer(actor, ticket)
    if assignee is not None and not access.may_answer(assignee, ticket):
        raise ValidationError({"assignee": _("Pilih staf yang bertugas di departemen ini.")})
    writing.hold(ticket)
    if ticket.assignee == assignee:
        return
    writing.update(ticket, assignee=assignee)
    transitions.remark(ticket, "assigned", actor=actor, note=str(assignee or ""))


@transaction.atomic
def move_to_department(*, ticket: Ticket, department: Department, actor: User) -> None:
    """Hand the ticket over; a customer who waits is promised the new department's time, from when the waiting began.

    Whoever had it keeps it only if they work there too. Raises ``NotAllowed``, ``MergedAway``, ``ValidationError``.
    """
    access.require_answer(actor, ticket)
    if not department.active:
        raise ValidationError({"department": _("Pilih departemen dari daftar.")})
    writing.hold(ticket)
    if ticket.department_id == department.pk:
        return
    before, assignee = ticket.department, ticket.assignee
    changes = {"department": department}
    if assignee is None or not access.may_work_in(assignee, department):
        changes["assignee"] = department.default_assignee
    if ticket.waiting_since:
        changes["answer_due_at"] = promises.answer_due(department, ticket.waiting_since)
    if ticket.resolution_due_at:
        changes["resolution_due_at"] = promises.resolution_due(department, ticket.created_at)
    writing.update(ticket, **changes)
    transitions.remark(ticket, "moved", actor=actor, note=f"{before} → {department}")


@transaction.atomic
def set_priority(*, ticket: Ticket, priority: int, actor: User | None) -> None:
    """Without an ``actor`` an escalation rule did it. Raises ``NotAllowed``, ``MergedAway``, ``ValidationError``."""
    if actor is not None:
        access.require_answer(actor, ticket)
    if priority not in Priority.values:
        raise ValidationError({"priority": _("Pilih prioritas dari daftar.")})
    writing.hold(ticket)
    if ticket.priority == priority:
        return
    before = Priority(ticket.priority)
    writing.update(ticket, priority=priority)
    transitions.remark(ticket, "prioritised", actor=actor, note=f"{before.label} → {Priority(priority).label}")


@transaction.atomic
def set_status(*, ticket: Ticket, status: str, actor: User) -> None:
    """Another state without a message. "Answered" also says that nothing is left to answer.

    Raises ``NotAllowed``, ``MergedAway``, ``InvalidTransition``.
    """
    access.require_answer(actor, ticket)
    if status == Status.CLOSED:
        closing.close(ticket=ticket, actor=actor)
        return
    writing.hold(ticket)
    if ticket.status == status:
        return
    # A warning that it will be closed was about what it was before.
    changes = {"close_warned_at": None, **(writing.reopened(ticket) if ticket.is_closed else {})}
    if status == Status.ANSWERED:
        changes |= writing.answered()
    transitions.move(ticket, status, actor=actor, **changes)


@transaction.atomic
def link(*, ticket: Ticket, service: Service | None, invoice: Invoice | None, actor: User) -> None:
    """Say which service and invoice the ticket is about; both as given, ``None`` for neither.

    Raises ``NotAllowed``, ``MergedAway``, and ``ValidationError`` for another customer's.
    """
    access.require_answer(actor, ticket)
    writing.hold(ticket)
    problems = {}
    if service is not None and service.customer_id != ticket.customer_id:
        problems["service"] = _("Pilih layanan dari daftar.")
    if invoice is not None and (invoice.customer_id != ticket.customer_id or invoice.number is None):
        problems["invoice"] = _("Pilih tagihan dari daftar.")
    if problems:
        raise ValidationError(problems)
    if (ticket.service, ticket.invoice) == (service, invoice):
        return
    writing.update(ticket, service=service, invoice=invoice)
    about = " · ".join(str(one) for one in (service, invoice) if one)
    transitions.remark(ticket, "linked", actor=actor, note=about)


def mergeable_with(ticket: Ticket):
    """The open tickets of the same customer, or of the same person without one."""
    same = Q(customer=ticket.customer_id) if ticket.customer_id else Q(customer=None, opened_by=ticket.opened_by_id)
    others = Ticket.objects.filter(same).exclude(pk=ticket.pk).exclude(status=Status.CLOSED)
    return others if ticket.customer_id or ticket.opened_by_id else others.none()


def refuse_other_customers(ticket: Ticket, into: Ticket) -> None:
    if not mergeable_with(ticket).filter(pk=into.pk).exists():
        raise TicketRefused(_("Pilih tiket lain yang masih terbuka dari pelanggan yang sama."))
