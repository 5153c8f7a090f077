"""Reminders of unpaid invoices: once per invoice and day relative to its due date, and what was missed once (S5)."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Shop
from billing import failures, notices
from billing.models import Invoice, InvoiceReminder, PaymentConfirmation

STEP = "reminder"
YOUNGEST = timedelta(hours=24)
# A shop that was off for months does not write about invoices that old.
OLDEST = timedelta(days=30)


@dataclass
class Report:
    sent: int = 0
    failed: int = 0


def remind_due(today: date) -> Report:
    """Send what is due by now and was not sent. One invoice's failure stops no other.

    Of several days that were missed only the last is made up for. Invoices younger than a day are left alone, and those
    whose payment waits for us (K2).
    """
    report = Report()
    for offset, invoices in _waves(today):
        # The keys first: on SQLite a query that is still being read would be in the way of writing.
        for pk, customer_id in list(invoices.values_list("pk", "customer_id")):
            done = failures.guarded(
                STEP, f"invoice:{pk}", functools.partial(_remind, pk, offset, today), customer_id=customer_id
            )
            report.sent += done or 0
            report.failed += done is None
    return report


def remind(invoice_id: int, today: date) -> int:
    """Send what is due of one invoice: staff tries again what failed. Raises whatever failed."""
    for offset, invoices in _waves(today):
        if invoices.filter(pk=invoice_id).exists():
            return _remind(invoice_id, offset, today)
    return 0


def _waves(today: date) -> Iterator[tuple[int, QuerySet[Invoice]]]:
    """For each offset the invoices for which it is the latest that has come."""
    offsets = Shop.current().reminder_offsets
    for offset, following in zip(offsets, [*offsets, None][1:], strict=True):
        oldest = today - timedelta(days=following) if following is not None else today - timedelta(days=offset) - OLDEST
        reminded = InvoiceReminder.objects.filter(invoice=OuterRef("pk"), offset__gte=offset)
        yield (
            offset,
            _waiting()
            .filter(due_on__lte=today - timedelta(days=offset), due_on__gt=oldest)
            .exclude(Exists(reminded))
            .order_by("pk"),
        )


def _waiting() -> QuerySet[Invoice]:
    submitted = PaymentConfirmation.objects.filter(invoice=OuterRef("pk"), status=PaymentConfirmation.Status.SUBMITTED)
    owed = Invoice.objects.issued().open().exclude(kind=Invoice.Kind.ADD_FUNDS)
    old_enough = owed.filter(created_at__lte=timezone.now() - YOUNGEST)
    return old_enough.exclude(Exists(submitted))


@transaction.atomic
def _remind(invoice_id: int, offset: int, today: date) -> int:
    """The row decides who of two runs sends it."""
    reminder, made = InvoiceReminder.objects.get_or_create(
        invoice_id=invoice_id, offset=offset, defaults={"sent_on": today}
    )
    if not made:
        return 0
    invoice = _waiting().filter(pk=invoice_id).select_related("customer").first()
    if invoice is None:
        # Paid or confirmed meanwhile; it may be reminded again where that comes to nothing.
        reminder.delete()
        return 0
    notices.payment_reminder(invoice, offset)
    return 1
