"""What a customer will have to pay soon: open invoices, and renewals that are not invoiced yet, at today's tax."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Customer
from billing import price_changes
from billing.models import Invoice, PriceChange, Service
from catalog import tax
from catalog.cycles import next_due
from catalog.money import DEFAULT_CURRENCY, ZERO, total_of

DAYS = 60


@dataclass(frozen=True)
class Expected:
    """One day's payment: an invoice that is there, or what one will ask for; ``late`` where the day has passed."""

    day: date
    words: tuple[str, ...]
    amount: Decimal
    invoice: Invoice | None = None
    late: bool = False


def expected(customer: Customer, today: date, currency: str = DEFAULT_CURRENCY) -> list[Expected]:
    """By day, for the next 60 days; what is overdue comes first. In ``currency``; three queries and the tax rule's."""
    until = today + timedelta(days=DAYS)
    invoices = Invoice.objects.issued().open().filter(customer=customer, currency=currency, due_on__lte=until)
    found = [Expected(one.due_on, (one.number,), one.balance, one, one.due_on < today) for one in invoices]
    return sorted([*found, *_renewals(customer, until, currency, today)], key=lambda one: (one.day, one.words))


def _renewals(customer: Customer, until: date, currency: str, today: date) -> Iterator[Expected]:
    """What will be invoiced, one entry for each day as one invoice will be (I4)."""
    by_day: dict[date, list[_Renewal]] = defaultdict(list)
    active = Service.objects.filter(customer=customer, currency=currency, status=Service.Status.ACTIVE)
    services = list(active.filter(renews_from__lte=until).order_by("pk"))
    changes = price_changes.to_come(services) if services else {}
    for service in services:
        for renewal in _periods(service, until, changes.get(service.pk)):
            by_day[max(renewal.day, today)].append(renewal)
    terms = tax.cached_in_force(today)
    for day, renewals in by_day.items():
        totals = tax.settle(renewals, tax=terms, currency=currency)
        yield Expected(day, tuple(str(one.service) for one in renewals), totals.total)


@dataclass(frozen=True)
class _Renewal:
    """One period of a service, priced as its line will be."""

    service: Service
    day: date
    amount: Decimal
    discount: Decimal

    @property
    def taxable(self) -> bool:
        return self.service.taxable


def _periods(service: Service, until: date, change: PriceChange | None) -> Iterator[_Renewal]:
    day, left = service.renews_from, service.discounted_renewals_left
    while day <= until and (service.ends_on is None or day < service.ends_on):
        net, discount = price_changes.price_on(service, day, change)
        yield _Renewal(service, day, net, ZERO if left == 0 else discount)
        left = left and left - 1
        day = next_due(day, service.cycle, service.anchor_day)


def total(entries: list[Expected]) -> Decimal:
    return total_of(entry.amount for entry in entries)
