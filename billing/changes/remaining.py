"""What is left today of what was paid for services: by the days of each paid period, today included (S6)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q, QuerySet, Sum

from billing.models import Invoice, InvoiceLine, Service, ServiceChange
from catalog.cycles import previous_due
from catalog.money import ZERO

# The kind of the lines by which a change is paid: what they are worth stands in the change's parts.
LINE_KIND = "change"
# How the causes of credit notes for changes begin.
CAUSE = "change:"
# Money came in for it; what of that was given back, credit notes tell.
WAS_PAID = (Invoice.Status.PAID, Invoice.Status.REFUNDED)


@dataclass(frozen=True)
class LineLeft:
    """A paid line whose period is not over. ``open`` is what no credit note has taken back of its net amount."""

    line: InvoiceLine
    share: Fraction
    open: Decimal

    @property
    def at_most(self) -> Decimal:
        """What can be given back of it: its unused days, rounded down, of what is still open."""
        worth = self.share * Fraction(self.line.net)
        return min(Decimal(worth.numerator // worth.denominator), self.open)


def share_left(first: date, last: date, today: date) -> Fraction:
    """Which part of a period lies ahead, today included; both its days belong to it."""
    days = (last - first).days + 1
    return Fraction(min(days, max(0, (last - today).days + 1)), days)


def cycles_until(due: date, cycle: str, anchor_day: int, today: date) -> Fraction:
    """How many cycles that end with the day before ``due`` lie between today and then; of the first, by its days."""
    whole, end = 0, due
    while (start := previous_due(end, cycle, anchor_day)) > today:
        whole, end = whole + 1, start
    return whole + Fraction((end - today).days, (end - start).days)


def lines_left(services: Collection[int], today: date) -> list[LineLeft]:
    """The paid lines of the services with days ahead, the latest period first. One query."""
    lines = InvoiceLine.objects.filter(
        service__in=services, invoice__status=Invoice.Status.PAID, period_end__gte=today
    ).annotate(taken_back=Sum("credited__amount"))
    in_order = lines.select_related("invoice").order_by("-period_end", "-pk")
    return [
        LineLeft(line, share_left(line.period_start, line.period_end, today), line.net - (line.taken_back or ZERO))
        for line in in_order
    ]


@dataclass(frozen=True)
class Left:
    """By service: the net ``values`` that are left, unrounded and never below zero, and which paid less by a promotion."""

    values: Mapping[int, Fraction]
    discounted: frozenset[int]


def left_of(service: Service, family: Collection[int], today: date) -> Left:
    """What is left for the service and what is part of it: of their paid periods, and of what its changes added or took.

    A credit note for something else than a change lowers what was paid. Two queries.
    """
    values = {pk: Fraction(0) for pk in family}
    other_notes = ~Q(credited__credit_note__cause__startswith=CAUSE)
    lines = InvoiceLine.objects.filter(service__in=family, invoice__status__in=WAS_PAID, period_end__gte=today)
    paid = list(lines.annotate(taken_back=Sum("credited__amount", filter=other_notes)))
    for line in paid:
        share = share_left(line.period_start, line.period_end, today)
        worth = ZERO if line.kind == LINE_KIND else line.net
        values[line.service_id] += share * Fraction(worth - (line.taken_back or ZERO))
    for change in _in_effect(service, today):
        share = share_left(change.period_start, change.period_end, today)
        for part in change.parts:
            if part["service"] in values:
                values[part["service"]] += share * Fraction(part["value"])
    return Left(
        {pk: max(Fraction(0), value) for pk, value in values.items()},
        frozenset(line.service_id for line in paid if line.discount and line.kind != LINE_KIND),
    )


def _in_effect(service: Service, today: date) -> QuerySet[ServiceChange]:
    """Changes that still count; one whose payment was taken back is not paid for."""
    paid = Q(invoice=None) | Q(invoice__status__in=WAS_PAID)
    return ServiceChange.objects.filter(paid, service=service, applied_at__isnull=False, period_end__gte=today)
