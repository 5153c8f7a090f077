"""Moving a demo ticket and everything that belongs to it into the past: the only thing here that no service does."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models

from tickets import promises, writing
from tickets.models import Ticket

_TICKET = (
    "created_at", "last_message_at", "last_customer_message_at", "last_staff_message_at", "first_answered_at",
    "waiting_since", "closed_at", "close_warned_at", "rated_at",
)  # fmt: skip


def move_into_the_past(ticket: Ticket, by: timedelta) -> None:
    """What was promised is computed anew: a promise of office time cannot be moved by days."""
    if not by:
        return
    confirmations = [link.confirmation for link in ticket.confirmations.select_related("confirmation")]
    for rows, fields in (
        ([ticket], _TICKET),
        (ticket.messages.all(), ("created_at",)),
        (ticket.notes.all(), ("created_at",)),
        (ticket.events.all(), ("at",)),
        (ticket.reads.all(), ("seen_at",)),
        (confirmations, ("submitted_at", "decided_at")),
        *((one.events.all(), ("at",)) for one in confirmations),
    ):
        _shift(rows, fields, by)
    ticket.refresh_from_db()
    changes = {}
    if ticket.waiting_since:
        changes["answer_due_at"] = promises.answer_due(ticket.department, ticket.waiting_since)
    if ticket.resolution_due_at:
        changes["resolution_due_at"] = promises.resolution_due(ticket.department, ticket.created_at)
    if changes:
        writing.update(ticket, **changes)


def _shift(rows: Iterable[models.Model], fields: Iterable[str], by: timedelta) -> None:
    for row in rows:
        model = type(row)
        fresh = model._base_manager.get(pk=row.pk)
        changes = {name: value - by for name in fields if (value := getattr(fresh, name)) is not None}
        model._base_manager.filter(pk=row.pk).update(**changes)
