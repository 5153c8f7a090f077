"""Replies at hand: which fit a ticket, and their placeholders filled in."""

from django.db.models import Q, QuerySet
from django.utils import translation

from accounts.models import Shop, User
from catalog.money import format_money
from tickets import texts
from tickets.models import CannedReply, Ticket


def fitting(ticket: Ticket) -> QuerySet[CannedReply]:
    return CannedReply.objects.filter(Q(department=None) | Q(department=ticket.department_id), active=True)


def fill(reply: CannedReply, ticket: Ticket, staff: User) -> str:
    """The reply in the ticket's language; a placeholder without a value becomes nothing, any other braces stay."""
    with translation.override(ticket.language):
        values = _values(ticket, staff)
        return texts.PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), reply.body)


def _values(ticket: Ticket, staff: User) -> dict[str, str]:
    """One for each of ``texts.PLACEHOLDERS``."""
    invoice = ticket.invoice
    person = ticket.opened_by
    return {
        "nama": str(person or ticket.customer or ""),
        "nomor_tiket": ticket.number,
        "layanan": str(ticket.service or ""),
        "tagihan": invoice.number if invoice else "",
        "jumlah_tagihan": format_money(invoice.balance, invoice.currency) if invoice else "",
        "staf": staff.name or Shop.current().name,
        "toko": Shop.current().name,
    }
