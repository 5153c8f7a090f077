"""Orders, services, invoices and money."""

from billing.models.bank import (
    Feed,
    StatementImport,
    StatementLine,
    StatementLineEvent,
    StatementTwin,
    TransferCode,
)
from billing.models.cancellations import CancellationRequest
from billing.models.changes import PriceChange, Retention, ServiceChange, ServiceTransfer
from billing.models.credit_notes import CreditAccount, CreditNote, CreditNoteLine, Refund
from billing.models.gateways import AttemptPayment, GatewayMessage, PaymentAttempt, PaymentAttemptEvent
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
from billing.models.provider_refunds import ProviderRefund, ProviderRefundEvent
from billing.models.runs import BillingFailure, BillingRun, LedgerCheck
from billing.models.services import Service, ServiceComponent, ServiceEvent
from billing.models.tax_invoices import TaxInvoice

__all__ = [
    "Allocation",
    "AttemptPayment",
    "BankAccount",
    "BillingFailure",
    "BillingRun",
    "CancellationRequest",
    "ConfirmationEvent",
    "CreditAccount",
    "CreditEntry",
    "CreditNote",
    "CreditNoteLine",
    "Feed",
    "GatewayMessage",
    "Invoice",
    "InvoiceEvent",
    "InvoiceLine",
    "InvoiceReminder",
    "LedgerCheck",
    "NumberCounter",
    "Order",
    "OrderEvent",
    "PayLink",
    "Payment",
    "PaymentAttempt",
    "PaymentAttemptEvent",
    "PaymentConfirmation",
    "PaymentMethod",
    "PaymentReversal",
    "PriceChange",
    "PromotionRedemption",
    "ProofFile",
    "ProviderRefund",
    "ProviderRefundEvent",
    "Refund",
    "Retention",
    "Service",
    "ServiceChange",
    "ServiceComponent",
    "ServiceEvent",
    "ServiceTransfer",
    "StatementImport",
    "StatementLine",
    "StatementLineEvent",
    "StatementTwin",
    "TaxInvoice",
    "TermsVersion",
    "TransferCode",
]
