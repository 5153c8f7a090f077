"""Who may see and do what with a ticket: members by their role, staff by permission and department."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from accounts.roles import Ability
from tickets.models import Department, Ticket
from tickets.refusals import NotAllowed

ANSWER = "tickets.answer_ticket"
_SHOWN = ("customer", "department", "service", "invoice", "opened_by", "assignee", "merged_into")


def find(user: User, number: str) -> Ticket:
    """A ticket for its customer's page. Others' are not found (``Http404``), one's own in the wrong role is refused.

    Raises ``Http404`` and ``PermissionDenied``.
    """
    ticket = get_object_or_404(Ticket.objects.of_members(user).select_related(*_SHOWN), number=number.upper())
    if not may_see(user, ticket):
        raise PermissionDenied(Ability.SEE_ALL_TICKETS.label)
    return ticket


def may_see(user: User, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()


def may_reply(user: User, ticket: Ticket) -> bool:
    """As a customer: whoever sees the ticket and may open tickets; without a customer, the one who opened it."""
    if ticket.customer is None:
        return ticket.opened_by_id == user.pk
    return may(user, ticket.customer, Ability.OPEN_TICKETS) and may_see(user, ticket)


def may_answer(user: User, ticket: Ticket) -> bool:
    """As staff: with the permission, in the ticket's department."""
    return may_work_in(user, ticket.department)


def may_work_in(user: User, department: Department) -> bool:
    return (
        user.is_active
        and user.is_staff
        and user.has_perm(ANSWER)
        and Department.objects.for_staff(user).filter(pk=department.pk).exists()
    )


def require_reply(user: User, ticket: Ticket) -> None:
    if not may_reply(user, ticket):
        raise NotAllowed(_("Peran Anda tidak boleh menulis di tiket ini."))


def require_answer(user: User, ticket: Ticket) -> None:
    if not may_answer(user, ticket):
        raise NotAllowed(_("Anda tidak bertugas di departemen tiket ini."))
