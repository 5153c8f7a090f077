"""Billing cycles: how long one is, and the date one later."""

import calendar
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import models
from django.utils.translation import gettext_lazy as _


class Cycle(models.TextChoices):
    ONE_TIME = "one_time", _("Sekali bayar")
    MONTHLY = "monthly", _("Bulanan")
    QUARTERLY = "quarterly", _("Triwulanan")
    SEMIANNUALLY = "semiannually", _("Enam bulanan")
    ANNUALLY = "annually", _("Tahunan")
    BIENNIALLY = "biennially", _("Dua tahunan")
    TRIENNIALLY = "triennially", _("Tiga tahunan")


MONTHS: dict[str, int] = {
    Cycle.ONE_TIME: 0,
    Cycle.MONTHLY: 1,
    Cycle.QUARTERLY: 3,
    Cycle.SEMIANNUALLY: 6,
    Cycle.ANNUALLY: 12,
    Cycle.BIENNIALLY: 24,
    Cycle.TRIENNIALLY: 36,
}

PER: dict[str, str] = {
    Cycle.ONE_TIME: _("sekali bayar"),
    Cycle.MONTHLY: _("per bulan"),
    Cycle.QUARTERLY: _("per 3 bulan"),
    Cycle.SEMIANNUALLY: _("per 6 bulan"),
    Cycle.ANNUALLY: _("per tahun"),
    Cycle.BIENNIALLY: _("per 2 tahun"),
    Cycle.TRIENNIALLY: _("per 3 tahun"),
}


def next_due(due: date, cycle: str, anchor_day: int) -> date:
    """One cycle after ``due``, on the anchor day or the month's last (S2): 31 Jan monthly gives 28 Feb, 31 Mar, 30 Apr.

    Raises ``ValueError`` for a one-time cycle, which has no next due date.
    """
    return _moved(due, cycle, anchor_day, 1)


def previous_due(due: date, cycle: str, anchor_day: int) -> date:
    """One cycle before ``due``: where the period that ends the day before it begins. Raises ``ValueError`` likewise."""
    return _moved(due, cycle, anchor_day, -1)


def _moved(due: date, cycle: str, anchor_day: int, cycles: int) -> date:
    months = MONTHS[cycle]
    if not months:
        raise ValueError("a one-time service has no next due date")
    moved = due.replace(day=1) + relativedelta(months=months * cycles)
    return moved.replace(day=min(anchor_day, calendar.monthrange(moved.year, moved.month)[1]))
