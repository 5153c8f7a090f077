"""Who asks: what the customer has, what is unpaid, what was asked before."""

from django.db.models import Case, Q, Value, When

from accounts.models import User
from billing.models import Invoice, Service
from tickets.models import Ticket

MOST_SHOWN = 6
ACTIVATE = "billing.change_service"


def card_of(user: User, ticket: Ticket) -> dict:
    """For the ticket's page, as far as the person may see it."""
    services = _services(ticket) if user.has_perm("billing.view_service") else []
    waiting = [one for one in services if one.activation_due_since and one.status == Service.Status.PENDING]
    return {
        "services": services,
        "to_activate": waiting if user.has_perm(ACTIVATE) else [],
        "invoices": _invoices(ticket) if user.has_perm("billing.view_invoice") else [],
    }


def _services(ticket: Ticket) -> list[Service]:
    """The related one first, then those that wait for us, then the newest."""
    if ticket.customer_id is None:
        return []
    services = Service.objects.filter(customer=ticket.customer_id)
    waits = Q(activation_due_since__isnull=False, status=Service.Status.PENDING)
    return list(services.order_by(*_first(Q(pk=ticket.service_id), waits), "-pk")[:MOST_SHOWN])


def _invoices(ticket: Ticket) -> list[Invoice]:
    """The related one first, then the unpaid, then the newest."""
    if ticket.customer_id is None:
        return []
    invoices = Invoice.objects.issued().filter(customer=ticket.customer_id).with_awaiting_verification()
    unpaid = Q(status=Invoice.Status.UNPAID)
    return list(invoices.order_by(*_first(Q(pk=ticket.invoice_id), unpaid), "-pk")[:MOST_SHOWN])


def _first(*conditions: Q) -> list[Case]:
    return [Case(When(condition, then=Value(0)), default=Value(1)) for condition in conditions]


def earlier_tickets(user: User, ticket: Ticket) -> list[Ticket]:
    """The customer's other tickets, as far as they are of the person's departments."""
    same = Q(customer=ticket.customer_id) if ticket.customer_id else Q(customer=None, opened_by=ticket.opened_by_id)
    others = Ticket.objects.for_staff(user).unmerged().filter(same).exclude(pk=ticket.pk)
    if not (ticket.customer_id or ticket.opened_by_id):
        return []
    return list(others.select_related("department").order_by("-last_message_at", "-pk")[:MOST_SHOWN])
