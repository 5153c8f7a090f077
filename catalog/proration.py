"""What a first payment is for: a whole cycle, or only the days to a fixed day of the month (S9)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from catalog.cycles import Cycle, next_due
from catalog.lines import Item, Line, Period
from catalog.money import ZERO, round_money


def first_periods(on: date, cycle: str, day: int | None, cutoff: int | None) -> tuple[Period, ...]:
    """The periods that an order placed ``on`` a day pays for.

    Without a ``day`` that is one cycle from the order on, and so it is on the day itself. Otherwise it is the part of a
    cycle that goes to the next such day, out of the cycle that began on the one before; from the ``cutoff`` on one whole
    cycle is paid besides.
    """
    if day is None or on.day == day:
        return (_whole(on, cycle, on.day),)
    this_month = on.replace(day=day)
    until = this_month if this_month > on else this_month + relativedelta(months=1)
    around = _whole(until - relativedelta(months=1), cycle, day)
    part = Period(on, until - timedelta(days=1), day, around.days)
    if cutoff is not None and on.day >= cutoff:
        return (part, _whole(until, cycle, day))
    return (part,)


def _whole(first: date, cycle: str, day: int) -> Period:
    last = next_due(first, cycle, day) - timedelta(days=1)
    return Period(first, last, day, (last - first).days + 1)


def begin(items: Sequence[Item], lines: Sequence[Line], on: date, currency: str) -> Iterator[Line]:
    """The lines as an order of that day pays for them: what recurs knows its period, and costs its share of the cycle.

    A domain is bought by the year from the day of the order, whatever its product's day is.
    """
    for line in lines:
        if line.cycle == Cycle.ONE_TIME:
            yield line
            continue
        offer = items[line.item].offer
        fixed = (None, None) if line.kind == "domain" else (offer.proration_day, offer.proration_cutoff)
        *before, period = first_periods(on, line.cycle, *fixed)
        for part in before:
            yield _for(replace(line, kind="part", key=f"part:{line.key}", cycle=Cycle.ONE_TIME.value), part, currency)
        yield _for(line, period, currency)


def _for(line: Line, period: Period, currency: str) -> Line:
    if line.kind == "part":
        line = replace(line, recurring_amount=ZERO)
    if not period.is_part:
        return replace(line, period=period)
    return replace(line, period=period, amount=round_money(Fraction(line.amount) * period.share, currency))
