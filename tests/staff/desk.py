"""Money and work for the staff's tests, made through the shop's own services."""

import uuid

from django.utils import timezone

from accounts.models import Customer, User
from billing import payments
from billing.models import Invoice, Payment, PaymentConfirmation, Service
from catalog.cycles import Cycle
from catalog.models import Product
from tests import factories
from tests.billing import shop


def pay(invoice: Invoice, amount: int | None = None) -> Payment:
    return payments.record(
        customer=invoice.customer,
        amount=shop.rupiah(amount) if amount else invoice.balance,
        currency=invoice.currency,
        source=Payment.Source.STAFF,
        cause=f"test:{uuid.uuid4()}",
        method=invoice.payment_method,
        received_on=timezone.localdate(),
        reference="mutasi",
        actor=None,
        invoices=[invoice],
    )


def waiting_confirmation(customer: Customer | None = None, total: int = 150_000, **fields) -> PaymentConfirmation:
    """A transfer that a customer has just confirmed."""
    customer = customer or factories.customer(factories.user())
    return shop.confirm(shop.unpaid_invoice(customer, total=total), **fields)


def service_to_activate(customer: Customer | None = None) -> Service:
    """Paid, and on the staff's list."""
    customer = customer or factories.customer(factories.user())
    product = factories.product(prices={Cycle.MONTHLY: 150_000}, activation=Product.Activation.BY_STAFF, taxable=False)
    order = shop.place(customer, product)
    pay(order.invoice)
    return order.services.get()


def superuser() -> User:
    return factories.user(is_staff=True, is_superuser=True, name="Ratna Superuser")
