"""Months as their first days."""

from collections.abc import Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


def of(day: date) -> date:
    return day.replace(day=1)


def after(month: date) -> date:
    return month + relativedelta(months=1)


def last_day(month: date) -> date:
    return after(month) - timedelta(days=1)


def ending_with(month: date, count: int) -> Sequence[date]:
    """``count`` months of which this is the last."""
    return [month - relativedelta(months=back) for back in range(count - 1, -1, -1)]
