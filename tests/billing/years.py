"""Letting days pass in tests: the daily run on each of them, and customers who pay."""

from collections.abc import Iterable
from datetime import date, timedelta

import time_machine

from accounts.models import Customer
from billing import daily, ledger, payments
from billing.ledger import Breach
from billing.models import BillingRun, Invoice, Order
from catalog.models import Product
from tests.billing.shop import place


def on(day: date):
    """Ten in the morning in Jakarta."""
    return time_machine.travel(f"{day}T03:00:00Z", tick=False)


def run(day: date) -> BillingRun:
    with on(day):
        return daily.run(day)


def run_days(first: date, last: date) -> None:
    for number in range((last - first).days + 1):
        run(first + timedelta(days=number))


def pay(invoice: Invoice, day: date, amount=None) -> None:
    with on(day):
        payments.record(
            customer=invoice.customer,
            amount=amount or invoice.balance,
            currency=invoice.currency,
            source="staff",
            cause=f"test:{invoice.pk}:{day}:{amount}",
            method=invoice.payment_method,
            received_on=day,
            reference="",
            actor=None,
            invoices=[invoice],
        )
    invoice.refresh_from_db()


def active_order(customer: Customer, day: date, *products: Product, **fields) -> Order:
    """An order that was placed and paid on the day."""
    with on(day):
        order = place(customer, *products, **fields)
    if order.invoice.total:
        pay(order.invoice, day)
    return order


def disagreements() -> list[Breach]:
    """What the ledger finds, but for emails that no worker sends in tests."""
    return [breach for breach in ledger.verify() if not breach.message.startswith("is queued since")]


def renewals(customer: Customer) -> list[Invoice]:
    return list(Invoice.objects.filter(customer=customer, kind=Invoice.Kind.RENEWAL).order_by("pk"))


def periods(invoices: Iterable[Invoice]) -> list[tuple[date, date]]:
    return [(line.period_start, line.period_end) for invoice in invoices for line in invoice.lines.all()]
