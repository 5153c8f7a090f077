"""Which tickets a member of staff may open: the lookup is the check."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import Membership, User
from tickets.access import ANSWER
from tickets.models import Ticket, TicketConfirmation

LOOK = "tickets.view_ticket"
_SHOWN = ("customer", "department", "service", "invoice", "opened_by", "assignee", "merged_into", "continues")


def may_look(user: User) -> bool:
    return user.has_perm(LOOK) or user.has_perm(ANSWER)


def require_look(request: HttpRequest) -> None:
    if not may_look(request.user):
        raise PermissionDenied


def require_answer(request: HttpRequest) -> None:
    if not request.user.has_perm(ANSWER):
        raise PermissionDenied


def find(request: HttpRequest, ticket_id: int, *, to_answer: bool = False) -> Ticket:
    """A ticket of the person's departments with its ``opener_role`` and whether ``has_confirmations``.

    Raises ``PermissionDenied``, and ``Http404`` for other departments'.
    """
    if to_answer:
        require_answer(request)
    else:
        require_look(request)
    role = Membership.objects.filter(customer=OuterRef("customer"), user=OuterRef("opened_by")).values("role")[:1]
    confirmations = TicketConfirmation.objects.filter(ticket=OuterRef("pk"))
    tickets = Ticket.objects.for_staff(request.user).select_related(*_SHOWN)
    known = tickets.annotate(opener_role=Subquery(role), has_confirmations=Exists(confirmations))
    return get_object_or_404(known, pk=ticket_id)


def thread_of(ticket: Ticket) -> str:
    """The address of the ticket's page in the admin."""
    return reverse("admin:tickets_thread", args=[ticket.pk])
