"""Orders, services, invoices and money."""

from billing.models.cancellations import CancellationRequest
from billing.models.invoices import Invoice, InvoiceEvent, InvoiceLine, InvoiceReminder, NumberCounter
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
from billing.models.runs import BillingFailure, BillingRun
from billing.models.services import Service, ServiceComponent, ServiceEvent

__all__ = [
    "Allocation",
    "BankAccount",
    "BillingFailure",
    "BillingRun",
    "CancellationRequest",
    "ConfirmationEvent",
    "CreditEntry",
    "Invoice",
    "InvoiceEvent",
    "InvoiceLine",
    "InvoiceReminder",
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
