"""Late fees (C6): off unless the shop turns them on; once per invoice that stays unpaid for some days, as an invoice itself.

Whoever lets go of a fee cancels its invoice, and no second one is made.
"""

import functools
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Shop
from billing import drafting, failures, notices, transitions
from billing.models import Invoice, InvoiceLine, Order, PaymentConfirmation
from catalog.money import DEFAULT_CURRENCY, round_money

STEP = "late_fee"
OFF, PERCENT = "none", "percent"
# No fee on a fee, and nobody is late with what they do not owe.
WITHOUT = (Invoice.Kind.LATE_FEE, Invoice.Kind.ADD_FUNDS)


@dataclass
class Report:
    charged: int = 0
    failed: int = 0


def charge_due(today: date) -> Report:
    """Charge what is late by ``today`` and was not charged for. One invoice's failure stops no other."""
    report = Report()
    if Shop.current().late_fee == OFF:
        return report
    # The keys first: on SQLite a query that is still being read would be in the way of writing.
    for pk, customer_id in list(_late(today).values_list("pk", "customer_id")):
        act = functools.partial(charge, pk, today)
        done = failures.guarded(STEP, f"invoice:{pk}", act, customer_id=customer_id)
        report.charged += done or 0
        report.failed += done is None
    return report


def _late(today: date) -> QuerySet[Invoice]:
    """Rupiah only: that is what the shop's amounts are in. Orders that nobody paid yet are cancelled instead."""
    last_due = today - timedelta(days=Shop.current().late_fee_after_days)
    submitted = PaymentConfirmation.objects.filter(invoice=OuterRef("pk"), status=PaymentConfirmation.Status.SUBMITTED)
    return (
        Invoice.objects.open()
        .filter(due_on__lte=last_due, late_fee=None, currency=DEFAULT_CURRENCY)
        .filter(total__gt=F("amount_paid") + F("amount_credited"))
        .exclude(kind__in=WITHOUT)
        .exclude(order__status=Order.Status.PENDING)
        .exclude(Exists(submitted))
        .order_by("pk")
    )


@transaction.atomic
def charge(invoice_id: int, today: date) -> int:
    """Charge for one; 0 where it was paid, confirmed or charged for meanwhile, or fees are off."""
    if Shop.current().late_fee == OFF:
        return 0
    invoice = Invoice.objects.get(pk=invoice_id)
    # Whoever pays, confirms or charges holds this row too, so what is asked next stays true.
    transitions.hold(invoice)
    if not _late(today).filter(pk=invoice_id).exists():
        return 0
    bill(invoice, fee_on(invoice.balance, Shop.current()), today)
    return 1


def bill(invoice: Invoice, amount: Decimal, today: date) -> Invoice:
    """The fee's own invoice, for an invoice that the transaction holds."""
    with translation.override(invoice.language):
        description = _("Denda keterlambatan tagihan %(number)s") % {"number": invoice.number}
    line = InvoiceLine(
        kind=Invoice.Kind.LATE_FEE,
        description=description,
        currency=invoice.currency,
        unit_price=amount,
        amount=amount,
        taxable=False,
    )
    fee = drafting.invoice_of(
        customer=invoice.customer,
        kind=Invoice.Kind.LATE_FEE,
        lines=[line],
        today=today,
        currency=invoice.currency,
        note=invoice.number,
        language=invoice.language,
        payment_method=invoice.payment_method,
        taxed=False,
        late_fee_of=invoice,
    )
    transitions.remark(invoice, "late_fee_charged", actor=None, note=fee.number)
    notices.late_fee_charged(fee)
    return fee


def fee_on(outstanding: Decimal, shop: Shop) -> Decimal:
    """Percent of what is outstanding, or the fixed amount; never less than the minimum."""
    fee = outstanding * shop.late_fee_percent / 100 if shop.late_fee == PERCENT else Decimal(shop.late_fee_amount)
    return max(round_money(fee), Decimal(shop.late_fee_minimum))
