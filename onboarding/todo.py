"""Onboarding on the client area's first page: what waits for the customer, and how far each running one came."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Customer, User
from onboarding import turns
from onboarding.models import Case
from onboarding.tracker import Journey

# One more than the page shows, so that it knows that there is more.
MOST = 4


@dataclass(frozen=True)
class Task:
    """Like a task of ``billing.todo``: what pages show of it is named the same."""

    case: Case
    title: str
    action: str
    icon: str
    tone: str = ""
    primary: bool = True

    @property
    def text(self) -> str:
        due = self.case.turn_due_on
        if due is None:
            return self.case.name
        when = f"{dates.full_date(due)} ({dates.relative_days(due)})"
        return _("%(name)s, tenggat %(due)s") % {"name": self.case.name, "due": when}

    @property
    def about(self) -> str:
        return self.case.name

    @property
    def url(self) -> str:
        if self.case.turn_action == turns.REQUIREMENTS:
            return reverse("onboarding:requirements", args=[self.case.number])
        return self.case.get_absolute_url()


def running(user: User, customer: Customer) -> list[Journey]:
    """The customer's running cases that the person may follow, those first whose turn is the customer's: two queries."""
    active = Case.objects.visible_to(user).filter(customer=customer, status=Case.Status.ACTIVE)
    # "customer" goes before "nobody" and "us".
    return [Journey(case) for case in active.order_by("turn", "-opened_at").prefetch_related("stages")[:MOST]]


def tasks(journeys: list[Journey]) -> list[Task]:
    """What the customer is to do, but for paying: that stands among the invoices (``billing.todo``)."""
    asked = {
        turns.SIGN: (_("Tanda tangani dokumen"), _("Buka"), "edit"),
        turns.REQUIREMENTS: (_("Isi formulir kebutuhan"), _("Isi"), "file-text"),
    }
    waiting = [one.case for one in journeys if one.case.turn == Case.Turn.CUSTOMER]
    return [Task(case, *asked[case.turn_action]) for case in waiting if case.turn_action in asked]
