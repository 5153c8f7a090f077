"""Orders, services, invoices and money."""

from billing.models.invoices import Invoice, InvoiceEvent, InvoiceLine, NumberCounter
from billing.models.links import PayLink
from billing.models.methods import BankAccount, PaymentMethod
from billing.models.orders import Order, OrderEvent, PromotionRedemption, TermsVersion
from billing.models.payments import (
    Allocation,
    ConfirmationEvent,
    CreditEntry,
    Payment,
    PaymentConfirmation,
    PaymentReversal,
    ProofFile,
)
from billing.models.services import Service, ServiceComponent, ServiceEvent

__all__ = [
    "Allocation",
    "BankAccount",
    "ConfirmationEvent",
    "CreditEntry",
    "Invoice",
    "InvoiceEvent",
    "InvoiceLine",
    "NumberCounter",
    "Order",
    "OrderEvent",
    "PayLink",
    "Payment",
    "PaymentConfirmation",
    "PaymentMethod",
    "PaymentReversal",
    "PromotionRedemption",
    "ProofFile",
    "Service",
    "ServiceComponent",
    "ServiceEvent",
    "TermsVersion",
]
