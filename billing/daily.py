"""The daily run: what happens by itself to invoices and services, step by step, for one day of the company's time zone.

It may run any number of times a day and beside itself; each step asks for what is due by now, so a day that was missed is
made up for by the next run (S5).
"""

import functools
from collections.abc import Callable
from dataclasses import asdict
from datetime import date

from django.utils import timezone

from billing import (
    cancellations,
    failures,
    funds,
    late_fees,
    price_changes,
    reminders,
    renewals,
    suspensions,
    transfers,
    unpaid_orders,
)
from billing.bank import settling
from billing.changes import unpaid as unpaid_changes
from billing.models import BillingFailure, BillingRun

# In this order: what ends today is not renewed; a new price is there before it is invoiced; an invoice is there before it
# is reminded of, and reminded of before its service is suspended.
STEPS: tuple[tuple[str, Callable[[date], object]], ...] = (
    ("cancellations", cancellations.end_due),
    ("prices", price_changes.apply_due),
    ("renewals", renewals.renew_due),
    ("reminders", reminders.remind_due),
    ("late_fees", late_fees.charge_due),
    ("suspensions", suspensions.suspend_due),
    ("orders", unpaid_orders.cancel_unpaid),
    ("transfers", transfers.expire_due),
    ("funds", funds.cancel_forgotten),
    ("changes", unpaid_changes.cancel_unpaid),
    ("statements", settling.recognise_waiting),
)

# How one subject that failed is tried again, by the name of its step.
_RETRIES: dict[str, Callable[[int, date], object]] = {
    price_changes.STEP: price_changes.apply,
    renewals.STEP: renewals.renew_customer,
    reminders.STEP: reminders.remind,
    late_fees.STEP: late_fees.charge,
    suspensions.STEP: suspensions.suspend_unpaid,
    cancellations.STEP: cancellations.end,
    unpaid_orders.STEP: unpaid_orders.cancel_one,
    transfers.STEP: transfers.expire,
    funds.STEP: funds.cancel_one,
    unpaid_changes.STEP: unpaid_changes.cancel_one,
    settling.STEP: lambda line_id, _today: settling.recognise_one(line_id),
}


class StillFails(Exception):
    """Tried again, with the same result; the words are the error's."""


def retry(*, failure: BillingFailure, today: date) -> None:
    """Do again what a run could not do; done, the failure is settled. Raises ``StillFails``."""
    _kind, _colon, pk = failure.subject.partition(":")
    act = functools.partial(_RETRIES[failure.step], int(pk), today)
    if failures.guarded(failure.step, failure.subject, act, customer_id=failure.customer_id) is None:
        failure.refresh_from_db()
        raise StillFails(failure.error)


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
