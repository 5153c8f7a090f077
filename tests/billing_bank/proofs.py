"""Confirmations and payments for the tests of what proves them."""

from billing.models import Payment, PaymentConfirmation
from tests.billing import shop


def waiting(customer, total: int = 150_000, **fields) -> PaymentConfirmation:
    return shop.confirm(shop.unpaid_invoice(customer, total), **fields)


def stands(row) -> str:
    return type(row).objects.get(pk=row.pk).status


def accepted_before(customer, staff) -> Payment:
    """Recorded on the customer's word, before the statement came."""
    return shop.pay(shop.unpaid_invoice(customer), staff)
