"""Recurring revenue: what all running services renew for, in a month (MRR), and what was won and lost month by month.

A service counts from its activation until it ends, suspended or not, at the net price it renews for now (or last did) less
what its promotion still takes off, divided by the months of its cycle. One-time services count for nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import TruncMonth

from billing.models import Service
from catalog.cycles import MONTHS, Cycle
from catalog.money import DEFAULT_CURRENCY, ZERO, MoneyField, round_money


@dataclass(frozen=True)
class Size:
    """So many services, renewing for so much in a month."""

    services: int = 0
    mrr: Decimal = ZERO

    def __add__(self, other: "Size") -> "Size":
        return Size(self.services + other.services, self.mrr + other.mrr)

    def __sub__(self, other: "Size") -> "Size":
        return Size(self.services - other.services, self.mrr - other.mrr)


@dataclass(frozen=True)
class MonthRecurring:
    """``opening + won − lost = closing``; of the month that is not over, closing is now."""

    month: date
    opening: Size
    won: Size
    lost: Size

    @property
    def closing(self) -> Size:
        return self.opening + self.won - self.lost

    @property
    def lost_services_percent(self) -> Decimal | None:
        """Of those that ran when the month began; nothing where none did."""
        return _percent(self.lost.services, self.opening.services)

    @property
    def lost_mrr_percent(self) -> Decimal | None:
        return _percent(self.lost.mrr, self.opening.mrr)


def _percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1")) if whole else None


def by_month(wanted: Sequence[date], currency: str = DEFAULT_CURRENCY) -> list[MonthRecurring]:
    """Each of the following months, the earliest first."""
    found = list(_groups(currency))
    return [
        MonthRecurring(
            month,
            opening=_sum(size for began, ended, size in found if began < month and (ended is None or ended >= month)),
            won=_sum(size for began, _ended, size in found if began == month),
            lost=_sum(size for _began, ended, size in found if ended == month),
        )
        for month in wanted
    ]


def _sum(sizes: Iterable[Size]) -> Size:
    return sum(sizes, Size())


def _groups(currency: str) -> Iterable[tuple[date, date | None, Size]]:
    """The month that services began in, the one they ended in, and how many of what worth: one row for each such pair."""
    grouped = (
        _ever_running(currency)
        .values("cycle", began=TruncMonth("activated_at"), ended=TruncMonth("ended_at"))
        .annotate(services=Count("pk"), net=_net())
        .values_list("cycle", "began", "ended", "services", "net")
    )
    for cycle, began, ended, services, net in grouped.iterator():
        yield began.date(), ended and ended.date(), Size(services, _per_month(net, cycle, currency))


def _ever_running(currency: str) -> QuerySet[Service]:
    recurring = Service.objects.exclude(cycle=Cycle.ONE_TIME).filter(currency=currency, activated_at__isnull=False)
    return recurring.order_by()


def _net() -> Sum:
    discounted = Q(discounted_renewals_left=None) | Q(discounted_renewals_left__gt=0)
    left = F("recurring_net") - F("recurring_discount")
    price = Case(When(discounted, then=left), default=F("recurring_net"), output_field=MoneyField())
    return Sum(price)


def _per_month(net: Decimal, cycle: str, currency: str) -> Decimal:
    """Rounded here, so that all sums of these agree."""
    return round_money(net / MONTHS[cycle], currency)


@dataclass(frozen=True)
class CycleSize:
    cycle: str
    running: Size
    suspended: Size


def by_cycle(currency: str = DEFAULT_CURRENCY) -> list[CycleSize]:
    """What runs now, from the shortest cycle; ``suspended`` is a part of ``running``."""
    found: dict[str, dict[str, Size]] = {}
    rows = _ever_running(currency).filter(ended_at=None).values("cycle", "status")
    for cycle, status, services, net in rows.annotate(services=Count("pk"), net=_net()).values_list(
        "cycle", "status", "services", "net"
    ):
        found.setdefault(cycle, {})[status] = Size(services, _per_month(net, cycle, currency))
    return [
        CycleSize(cycle, _sum(found[cycle].values()), found[cycle].get(Service.Status.SUSPENDED, Size()))
        for cycle in MONTHS
        if cycle in found
    ]
