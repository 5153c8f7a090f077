"""Revenue as it is earned, month by month: net of tax, a line's period day by day, what has no period when it was invoiced.

Counted is every issued invoice that was not cancelled. What is put into credit (``ADD_FUNDS``) is no revenue. A credit note
is taken off the days of its line that were still to come when it was issued, or its own day where none were: months that
are over stay as they were.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from billing.models import CreditNoteLine, Invoice, InvoiceLine
from billing.reports import months
from catalog.money import DEFAULT_CURRENCY, ZERO, round_money

COUNTED = (Invoice.Status.UNPAID, Invoice.Status.PAID, Invoice.Status.REFUNDED)
PAID, UNPAID, CREDITED = "paid", "unpaid", "credited"


@dataclass(frozen=True)
class MonthRevenue:
    """Of lines on ``paid`` and on ``unpaid`` invoices, less what credit notes took off in the month."""

    month: date
    paid: Decimal = ZERO
    unpaid: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.paid + self.unpaid - self.credited


def recognised(wanted: Sequence[date], currency: str = DEFAULT_CURRENCY) -> list[MonthRevenue]:
    """Each of the following months' revenue. Over all months there are, they sum to the lines' nets (and the notes')."""
    first, last = wanted[0], months.last_day(wanted[-1])
    sums: dict[tuple[date, str], Decimal] = defaultdict(lambda: ZERO)
    for kind, start, end, net in _groups(first, last, currency):
        for month, share in zip(wanted, spread(net, start, end, wanted, currency), strict=True):
            sums[month, kind] += share
    return [MonthRevenue(month, **{kind: sums[month, kind] for kind in (PAID, UNPAID, CREDITED)}) for month in wanted]


def spread(net: Decimal, start: date, end: date, wanted: Sequence[date], currency: str) -> list[Decimal]:
    """What of a net amount for the days from ``start`` to ``end`` falls into each month.

    A month gets what has been earned by its end less what had been by its beginning, each rounded once; so all months sum
    exactly to ``net``, and no month depends on which others are asked for.
    """
    days = (end - start).days + 1

    def earned_before(day: date) -> Decimal:
        passed = min(max((day - start).days, 0), days)
        return round_money(net * passed / days, currency)

    return [earned_before(months.after(month)) - earned_before(month) for month in wanted]


Group = tuple[str, date, date, Decimal]


def _groups(first: date, last: date, currency: str) -> Iterator[Group]:
    """Net sums of all that has a day between the two, by what it is and by its days: as few as there are periods."""
    lines = InvoiceLine.objects.filter(currency=currency, invoice__status__in=COUNTED).exclude(
        invoice__kind=Invoice.Kind.ADD_FUNDS
    )
    kind = Case(When(invoice__status=Invoice.Status.UNPAID, then=Value(UNPAID)), default=Value(PAID))
    net = Sum("amount") - Sum("discount")
    # In two queries: each is found by its own index.
    within = lines.filter(period_end__gte=first, period_start__lte=last)
    yield from _summed(within, kind, F("period_start"), F("period_end"), net)
    at_once = lines.filter(period_end=None, invoice__issued_on__range=(first, last))
    yield from _summed(at_once, kind, F("invoice__issued_on"), F("invoice__issued_on"), net)
    yield from _credited(first, last, currency)


def _credited(first: date, last: date, currency: str) -> Iterator[Group]:
    issued = F("credit_note__issued_on")
    notes = CreditNoteLine.objects.filter(currency=currency).exclude(invoice_line__invoice__kind=Invoice.Kind.ADD_FUNDS)
    ends = Greatest(Coalesce(F("invoice_line__period_end"), issued), issued)
    starts = Case(
        When(invoice_line__period_end__gte=issued, then=Greatest(F("invoice_line__period_start"), issued)),
        default=issued,
    )
    near = Q(credit_note__issued_on__lte=last) & (
        Q(credit_note__issued_on__gte=first) | Q(invoice_line__period_end__gte=first)
    )
    yield from _summed(notes.filter(near), Value(CREDITED), starts, ends, Sum("amount"))


def _summed(rows: QuerySet, kind, starts, ends, net) -> Iterator[Group]:
    grouped = rows.order_by().values(of=kind, starts=starts, ends=ends).annotate(net=net)
    yield from grouped.values_list("of", "starts", "ends", "net").iterator()
