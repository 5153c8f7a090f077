"""What changes cost, against the same computed by counting days one by one (S6)."""

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from billing import changes
from billing.changes import remaining
from billing.models import Invoice, InvoiceLine, Service
from catalog.cycles import MONTHS, Cycle, next_due, previous_due
from catalog.selection import Selection
from tests import factories
from tests.billing.changing import allow, offer_of
from tests.billing.years import active_order, on

CYCLES = [cycle for cycle in Cycle.values if MONTHS[cycle]]
DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))
PRICES = st.integers(0, 5_000_000)


def half_up(amount: Fraction) -> Decimal:
    scaled = Decimal(amount.numerator) / Decimal(amount.denominator)
    return scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def month_later(year: int, month: int, months: int, anchor: int) -> date:
    """The anchor day of the month so many months on, or its last."""
    month += months
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(anchor, calendar.monthrange(year, month)[1]))


def periods_before(due: date, months: int, anchor: int, until: date) -> list[tuple[date, date]]:
    """The periods of so many months that end before ``due``, back to the day."""
    found = []
    while due > until:
        start = month_later(due.year, due.month, -months, anchor)
        found.append((start, due))
        due = start
    return found


def by_days(price: int, periods: list[tuple[date, date]], today: date) -> Fraction:
    """What the days from today on cost, each its period's price over its period's days."""
    total = Fraction(0)
    for start, end in periods:
        day = start
        while day < end:
            if day >= today:
                total += Fraction(price, (end - start).days)
            day += timedelta(days=1)
    return total


@given(start=DAYS, cycle=st.sampled_from(CYCLES))
def test_a_cycle_back_leads_to_where_a_cycle_forward_began(start, cycle):
    assert previous_due(next_due(start, cycle, start.day), cycle, start.day) == start


@given(start=DAYS, cycle=st.sampled_from(CYCLES), cycles=st.integers(1, 3), data=st.data())
def test_the_cycles_left_are_the_days_left_of_each(start, cycle, cycles, data):
    due = start
    for _cycle in range(cycles):
        due = next_due(due, cycle, start.day)
    today = start + timedelta(days=data.draw(st.integers(0, min((due - start).days - 1, 800))))
    periods = periods_before(due, MONTHS[cycle], start.day, today)
    assert remaining.cycles_until(due, cycle, start.day, today) == by_days(1, periods, today)


@pytest.mark.django_db
@given(
    ordered=DAYS,
    paid=PRICES,
    new=PRICES,
    before=st.sampled_from([Cycle.MONTHLY, Cycle.QUARTERLY, Cycle.ANNUALLY]),
    after=st.sampled_from([Cycle.MONTHLY, Cycle.QUARTERLY, Cycle.ANNUALLY]),
    ahead=st.integers(0, 2),
    later=st.integers(0, 400),
    extra=st.integers(0, 300_000),
)
# RULES S6: a cycle of 30 days, 18 of them left.
@example(date(2026, 6, 1), 300_000, 500_000, Cycle.MONTHLY, Cycle.MONTHLY, 0, 12, 0)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_s6_any_change_costs_its_days_less_the_days_that_were_paid(
    account, ordered, paid, new, before, after, ahead, later, extra
):
    customer = factories.customer(factories.user())
    old = factories.product(prices={before: paid})
    other = factories.product(prices={after: (new, extra)})
    allow(old, other)
    order = active_order(customer, ordered, selections={old: Selection(before)})
    service = order.services.get()
    starts = [ordered]
    for _period in range(ahead):
        starts.append(service.next_due)
        service.next_due = next_due(service.next_due, before, ordered.day)
    for start in starts[1:]:
        InvoiceLine.objects.create(
            invoice=order.invoice,
            service=service,
            kind="renewal",
            description="Perpanjangan",
            period_start=start,
            period_end=next_due(start, before, ordered.day) - timedelta(days=1),
            unit_price=paid,
            amount=paid,
        )
    Service.objects.filter(pk=service.pk).update(next_due=service.next_due)
    Invoice.objects.filter(pk=order.invoice.pk, status="unpaid").update(status="paid")
    today = ordered + timedelta(days=min(later, (service.next_due - ordered).days - 1))

    with on(today):
        quote = changes.quote(changes.Family.of(service), offer_of(other), Selection(after), today)

    ends = [*starts[1:], service.next_due]
    unused = half_up(by_days(paid, list(zip(starts, ends, strict=True)), today))
    charged = half_up(by_days(new, periods_before(service.next_due, MONTHS[after], ordered.day, today), today))
    assert (quote.unused, quote.charged, quote.once) == (unused, charged, extra)
    assert quote.due == max(0, charged - unused + extra)
    assert quote.given_back == max(0, unused - charged - extra)
    assert sum(charge.amount - charge.discount for charge in quote.charges) == quote.due
    assert all(0 <= charge.discount <= charge.amount for charge in quote.charges)
    assert sum(quote.values) == charged - unused
