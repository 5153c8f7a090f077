"""Changes that nobody pays: cancelled as unpaid orders are, and at the latest when the period that they are for is over."""

import functools
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Shop
from billing import failures, notices, unpaid_orders
from billing.changes import requests
from billing.models import Invoice, PaymentConfirmation, PaymentMethod, ServiceChange

STEP = "change"


@dataclass
class Report:
    cancelled: int = 0
    failed: int = 0


def cancel_unpaid(today: date) -> Report:
    """Cancel what is due on ``today``. One change's failure stops no other; money and confirmations are waited for (K2)."""
    report = Report()
    # The keys first: on SQLite a query that is still being read would be in the way of writing.
    for pk, customer_id in list(_left_unpaid(today).values_list("pk", "service__customer")):
        done = failures.guarded(STEP, f"change:{pk}", functools.partial(cancel_one, pk, today), customer_id=customer_id)
        report.cancelled += done or 0
        report.failed += done is None
    return report


@transaction.atomic
def cancel_one(change_id: int, today: date) -> int:
    """Cancel one change; 0 where it was paid, confirmed or cancelled meanwhile."""
    change = _left_unpaid(today).filter(pk=change_id).select_related("invoice", "service__customer").first()
    if change is None:
        return 0
    try:
        with transaction.atomic():
            requests.cancel(change=change, actor=None, note="unpaid")
    except requests.CannotChange:
        return 0
    notices.change_cancelled(change)
    return 1


def _left_unpaid(today: date) -> models.QuerySet[ServiceChange]:
    submitted = PaymentConfirmation.objects.filter(
        invoice=OuterRef("invoice"), status=PaymentConfirmation.Status.SUBMITTED
    )
    late = Q(period_end__lt=today)
    for method in PaymentMethod.objects.all():
        due_before = today - timedelta(days=unpaid_orders.days_past_due(method, Shop.current()))
        late |= Q(invoice__payment_method=method, invoice__due_on__lte=due_before)
    waiting = ServiceChange.objects.open().filter(late, invoice__status=Invoice.Status.UNPAID, invoice__amount_paid=0)
    return waiting.exclude(Exists(submitted)).order_by("pk")
