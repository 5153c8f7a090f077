"""The tickets that wait for their customer, as the client area's first page lists them."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Customer, User
from tickets.models import Ticket

# One more than pages show, so that they know that there is more.
MOST = 4


@dataclass(frozen=True)
class Task:
    """Like a task of ``billing.todo``: what pages show of it is named the same."""

    ticket: Ticket
    action: str
    icon: str = "ticket"
    tone: str = ""
    primary: bool = False

    @property
    def title(self) -> str:
        return self.ticket.subject

    @property
    def text(self) -> str:
        when = dates.short_moment(self.ticket.last_message_at)
        said = _("Jawaban baru") if self.ticket.unread else _("Menunggu balasan Anda")
        return f"{said}: {self.ticket.number}, {self.ticket.department}, {when}"

    @property
    def about(self) -> str:
        return self.ticket.number

    @property
    def url(self) -> str:
        return self.ticket.get_absolute_url()


def todo_list(user: User, customer: Customer | None) -> list[Task]:
    """Answered tickets that the person may read, unread ones first: one query, however many there are."""
    of_customer = Q(customer=customer.pk) if customer else Q()
    answered = Ticket.objects.visible_to(user).filter(of_customer | Q(customer=None), status=Ticket.Status.ANSWERED)
    rows = answered.with_unread(user).select_related("department").order_by("-unread", "-last_message_at", "-pk")
    return [Task(ticket, _("Baca") if ticket.unread else _("Balas"), primary=ticket.unread) for ticket in rows[:MOST]]
