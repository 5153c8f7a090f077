"""Who else of the staff has a ticket open, and who is writing in it."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from tickets.models import Presence, Ticket


def be_here(*, ticket: Ticket, user: User, writing: bool) -> None:
    """The person's browser says that the ticket is on the screen; it counts for ``PRESENT_FOR``."""
    Presence.objects.update_or_create(ticket=ticket, user=user, defaults={"at": timezone.now(), "writing": writing})


def others(*, ticket: Ticket, user: User) -> QuerySet[Presence]:
    """Whoever else is here now, the writers first."""
    here = Presence.objects.now().filter(ticket=ticket).exclude(user=user)
    return here.select_related("user").order_by("-writing", "user__name", "pk")
