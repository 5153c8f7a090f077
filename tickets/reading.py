"""What a person of the customer has seen of a ticket."""

from datetime import datetime

from accounts.models import User
from tickets.models import Message, Ticket, TicketRead


def seen_until(*, ticket: Ticket, user: User) -> datetime | None:
    """When the person last looked: where the page draws "Pesan baru". ``None`` for never."""
    return TicketRead.objects.filter(ticket=ticket, user=user).values_list("seen_at", flat=True).first()


def mark_seen(*, ticket: Ticket, user: User, until: datetime) -> None:
    """The person saw every message up to ``until``, the time of the newest one on the page; it never goes back."""
    seen = TicketRead.objects.filter(ticket=ticket, user=user)
    if not seen.filter(seen_at__lt=until).update(seen_at=until):
        TicketRead.objects.bulk_create([TicketRead(ticket=ticket, user=user, seen_at=until)], ignore_conflicts=True)


def first_unseen(*, ticket: Ticket, user: User) -> Message | None:
    """The first message of staff that came since the person last looked."""
    messages = ticket.messages.filter(from_staff=True)
    seen_at = seen_until(ticket=ticket, user=user)
    return (messages.filter(created_at__gt=seen_at) if seen_at else messages).order_by("created_at", "pk").first()
