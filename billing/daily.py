"""The daily run: what happens by itself to invoices and services, step by step, for one day of the company's time zone.

It may run any number of times a day and beside itself; each step asks for what is due by now, so a day that was missed is
made up for by the next run (S5).
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date

from django.utils import timezone

from billing import reminders, renewals, suspensions, unpaid_orders
from billing.models import BillingRun

# In this order: an invoice is there before it is reminded of, and reminded of before its service is suspended.
STEPS: tuple[tuple[str, Callable[[date], object]], ...] = (
    ("renewals", renewals.renew_due),
    ("reminders", reminders.remind_due),
    ("suspensions", suspensions.suspend_due),
    ("orders", unpaid_orders.cancel_unpaid),
)


def run(today: date) -> BillingRun:
    """Do everything that is due by ``today``; the returned row counts it, and how much failed and is listed for staff."""
    row = BillingRun.objects.create(day=today)
    for name, step in STEPS:
        counts = asdict(step(today))
        row.failed += counts.pop("failed")
        row.counts[name] = counts
        row.seen_at = timezone.now()
        row.save(update_fields=["counts", "failed", "seen_at"])
    row.finished_at = timezone.now()
    row.save(update_fields=["finished_at"])
    return row
