"""What customers owe, by how long it is overdue."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from catalog.money import DEFAULT_CURRENCY, ZERO

BALANCE = F("total") - F("amount_credited") - F("amount_paid")


@dataclass(frozen=True)
class Age:
    """From so many to so many days overdue, both included; ``None`` is without end."""

    key: str
    words: str | Promise
    least: int | None
    most: int | None

    def days(self, today: date) -> Q:
        """The due dates that are so old."""
        found = Q()
        if self.most is not None:
            found &= Q(due_on__gte=today - timedelta(days=self.most))
        if self.least is not None:
            found &= Q(due_on__lte=today - timedelta(days=self.least))
        return found

    def holds(self, days_overdue: int) -> bool:
        return (self.least is None or days_overdue >= self.least) and (self.most is None or days_overdue <= self.most)


AGES = (
    Age("not-due", _("Belum jatuh tempo"), None, 0),
    Age("1-30", _("1–30 hari"), 1, 30),
    Age("31-60", _("31–60 hari"), 31, 60),
    Age("61-90", _("61–90 hari"), 61, 90),
    Age("over-90", _("Lebih dari 90 hari"), 91, None),
)
OVERDUE = AGES[1:]


@dataclass(frozen=True)
class Owed:
    age: Age
    invoices: int
    amount: Decimal


def open_invoices(currency: str = DEFAULT_CURRENCY) -> QuerySet[Invoice]:
    return Invoice.objects.open().filter(currency=currency)


def by_age(today: date, currency: str = DEFAULT_CURRENCY) -> list[Owed]:
    """Every open invoice in one of ``AGES``, in one query."""
    columns = {}
    for number, age in enumerate(AGES):
        columns[f"invoices_{number}"] = Count("pk", filter=age.days(today))
        columns[f"amount_{number}"] = Sum(BALANCE, filter=age.days(today))
    found = open_invoices(currency).aggregate(**columns)
    return [
        Owed(age, found[f"invoices_{number}"], found[f"amount_{number}"] or ZERO) for number, age in enumerate(AGES)
    ]
