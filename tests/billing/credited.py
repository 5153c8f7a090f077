"""Credit notes, refunds and credit for tests, made through the shop's own services."""

from decimal import Decimal

from django.utils import timezone

from accounts.models import Customer
from billing import crediting, payments, refunds, uploads
from billing.models import CreditNote, Invoice, Payment, Refund
from tests import factories
from tests.billing import shop


def pay(customer: Customer, amount: int, *invoices: Invoice, cause: str = "") -> Payment:
    return payments.record(
        customer=customer,
        amount=Decimal(amount),
        currency="IDR",
        source=Payment.Source.STAFF,
        cause=cause or f"test:{Payment.objects.count()}",
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
        invoices=invoices,
    )


def rich(customer: Customer, amount: int) -> Customer:
    """The customer, with so much credit."""
    pay(customer, amount)
    return customer


def credit_note(invoice: Invoice, amount: int = 50_000, cause: str = "test:note") -> CreditNote:
    amounts = {invoice.lines.first().pk: Decimal(amount)}
    return crediting.credit(invoice=invoice, amounts=amounts, reason="Salah harga", cause=cause, actor=None)


def transfer(**fields) -> refunds.Transfer:
    defaults = {
        "paid_on": timezone.localdate(),
        "bank": "BCA",
        "number": "0123456789",
        "holder": "PT Contoh",
        "proof": uploads.accept(shop.picture()),
    }
    return refunds.Transfer(**{**defaults, **fields})


def refund(customer: Customer, amount: int = 40_000, cause: str = "test:refund") -> Refund:
    """Paid out of 100.000 that came in for nothing."""
    rich(customer, 100_000)
    return refunds.pay_out(
        customer=customer,
        amount=Decimal(amount),
        transfer=transfer(),
        reason="Diminta pelanggan",
        cause=cause,
        actor=factories.staff(refunds.PAY),
    )


def half_paid(customer: Customer) -> Invoice:
    """70.000 of 150.000."""
    invoice = shop.unpaid_invoice(customer)
    pay(customer, 70_000, invoice)
    return invoice


def bounced(customer: Customer) -> Invoice:
    """Unpaid again, of an order that has begun."""
    invoice = shop.unpaid_invoice(customer)
    payment = pay(customer, 150_000, invoice)
    payments.reverse(payment=payment, reason="Bank", actor=factories.staff(payments.VERIFY))
    invoice.refresh_from_db()
    return invoice
