"""Orders that nobody pays: warned one day before, then cancelled (O3). It can run any number of times a day."""

import functools
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction

from accounts.models import Shop
from billing import failures, gateways, lifecycle, notices, transitions
from billing.models import Invoice, Order, PaymentConfirmation, PaymentMethod

STEP = "order"


@dataclass
class Report:
    warned: int = 0
    cancelled: int = 0
    failed: int = 0


def cancel_unpaid(today: date) -> Report:
    """Warn and cancel what is due on ``today``. One order's failure stops no other.

    An order whose warning was missed is warned first and cancelled a day later. Orders with a submitted confirmation or
    with money on their invoice are left alone.
    """
    report = Report()
    for method in PaymentMethod.objects.all():
        due_before = today - timedelta(days=days_past_due(method, Shop.current()))
        unpaid = _left_unpaid(method, due_before + timedelta(days=1))
        # The keys first: on SQLite a query that is still being read would be in the way of writing.
        for pk in list(unpaid.values_list("pk", flat=True)):
            advance = functools.partial(_advance, pk, today, due_before, report)
            report.failed += failures.guarded(STEP, f"order:{pk}", advance) is None
    return report


def cancel_one(order_id: int, today: date) -> bool:
    """Warn or cancel one order: staff tries again what failed. Raises whatever failed."""
    order = Order.objects.select_related("payment_method").get(pk=order_id)
    due_before = today - timedelta(days=days_past_due(order.payment_method, Shop.current()))
    unpaid = _left_unpaid(order.payment_method, due_before + timedelta(days=1))
    return unpaid.filter(pk=order_id).exists() and _advance(order_id, today, due_before, Report())


def days_past_due(method: PaymentMethod, shop: Shop) -> int:
    """How many days past due an unpaid order is cancelled."""
    try:
        slow = gateways.for_method(method).is_slow
    except gateways.UnknownGateway:
        # Its code is gone; the order is not: treat it kindly.
        slow = True
    return shop.cancel_unpaid_after_days + (shop.cancel_bank_transfer_extra_days if slow else 0)


def _left_unpaid(method: PaymentMethod, due_until: date) -> models.QuerySet[Order]:
    """Pending orders whose invoice was due by then and that wait for nobody but the customer."""
    waiting = PaymentConfirmation.objects.filter(
        models.Q(invoice=models.OuterRef("invoice")) | models.Q(invoice__instalment_of=models.OuterRef("pk")),
        status=PaymentConfirmation.Status.SUBMITTED,
    )
    part_paid = Invoice.objects.filter(instalment_of=models.OuterRef("pk"), amount_paid__gt=0)
    return (
        Order.objects.filter(
            status=Order.Status.PENDING,
            invoice__payment_method=method,
            invoice__status=Invoice.Status.UNPAID,
            invoice__amount_paid=0,
            invoice__due_on__lte=due_until,
        )
        .exclude(models.Exists(waiting))
        .exclude(models.Exists(part_paid))
        .order_by("pk")
    )


def _advance(order_id: int, today: date, due_before: date, report: Report) -> bool:
    order = Order.objects.select_related("customer", "invoice", "placed_by").get(pk=order_id)
    if order.cancel_warned_on is None:
        report.warned += _warn(order, today)
    elif order.cancel_warned_on < today and order.invoice.due_on <= due_before:
        report.cancelled += _cancel(order)
    return True


@transaction.atomic
def _warn(order: Order, today: date) -> int:
    """Tell the customer, once: the update that sets the day decides who of two runs does."""
    unwarned = Order.objects.filter(pk=order.pk, status=Order.Status.PENDING, cancel_warned_on=None)
    if not unwarned.update(cancel_warned_on=today):
        return 0
    order.cancel_warned_on = today
    transitions.remark(order, "cancel_warned", actor=None)
    notices.order_will_be_cancelled(order)
    return 1


def _cancel(order: Order) -> int:
    try:
        lifecycle.cancel_order(order=order, actor=None, note="unpaid")
    except (lifecycle.CannotCancel, transitions.InvalidTransition):
        # Paid, confirmed or cancelled since it was read: then it has its own way.
        return 0
    return 1
