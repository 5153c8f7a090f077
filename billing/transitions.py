"""The states of orders, invoices, services and confirmations, and the moves between them (``accounts.transitions``)."""

from accounts.transitions import InvalidTransition, Machine, began, hold, move, register, remark, sources
from billing import signals
from billing.models import (
    ConfirmationEvent,
    Invoice,
    InvoiceEvent,
    Order,
    OrderEvent,
    PaymentAttempt,
    PaymentAttemptEvent,
    PaymentConfirmation,
    ProviderRefund,
    ProviderRefundEvent,
    Service,
    ServiceEvent,
    StatementLine,
    StatementLineEvent,
)

__all__ = ["InvalidTransition", "began", "hold", "move", "remark", "sources"]

_Attempt, _Line = PaymentAttempt.Status, StatementLine.Status
_Invoice, _Order, _Service, _Confirmation = Invoice.Status, Order.Status, Service.Status, PaymentConfirmation.Status

register(
    Order,
    Machine(
        {_Order.PENDING: frozenset({_Order.ACTIVE, _Order.CANCELLED, _Order.FRAUD})},
        event=OrderEvent,
        owner="order",
    ),
)
register(
    Invoice,
    Machine(
        {
            _Invoice.DRAFT: frozenset({_Invoice.UNPAID, _Invoice.CANCELLED}),
            _Invoice.UNPAID: frozenset({_Invoice.PAID, _Invoice.CANCELLED}),
            # Back to unpaid when the payment is taken back (C5).
            _Invoice.PAID: frozenset({_Invoice.REFUNDED, _Invoice.UNPAID}),
        },
        event=InvoiceEvent,
        owner="invoice",
    ),
)
register(
    Service,
    Machine(
        {
            _Service.PENDING: frozenset({_Service.ACTIVE, _Service.CANCELLED}),
            _Service.ACTIVE: frozenset(
                {_Service.SUSPENDED, _Service.TERMINATED, _Service.CANCELLED, _Service.COMPLETED},
            ),
            _Service.SUSPENDED: frozenset({_Service.ACTIVE, _Service.TERMINATED}),
        },
        event=ServiceEvent,
        owner="service",
        signal=signals.service_changed,
    ),
)
_MONEY_CAME = frozenset({_Attempt.PAID, _Attempt.REVIEW})
register(
    PaymentAttempt,
    Machine(
        {
            _Attempt.QUEUED: _MONEY_CAME | {_Attempt.OPEN, _Attempt.EXPIRED, _Attempt.CANCELLED, _Attempt.FAILED},
            _Attempt.OPEN: _MONEY_CAME | {_Attempt.EXPIRED, _Attempt.CANCELLED, _Attempt.FAILED},
            # Money can come late; whatever was said before, it came.
            _Attempt.EXPIRED: _MONEY_CAME,
            _Attempt.CANCELLED: _MONEY_CAME,
            _Attempt.FAILED: _MONEY_CAME,
            # Staff decided.
            _Attempt.REVIEW: frozenset({_Attempt.PAID, _Attempt.CANCELLED}),
            _Attempt.PAID: frozenset({_Attempt.REVIEW}),
        },
        event=PaymentAttemptEvent,
        owner="attempt",
    ),
)
_Back = ProviderRefund.Status
register(
    ProviderRefund,
    Machine(
        {_Back.QUEUED: frozenset({_Back.DONE, _Back.REFUSED})},
        event=ProviderRefundEvent,
        owner="provider_refund",
    ),
)
register(
    StatementLine,
    Machine(
        {
            _Line.REVIEW: frozenset({_Line.MATCHED, _Line.ASSIGNED, _Line.IGNORED}),
            # Back when staff undoes it.
            _Line.MATCHED: frozenset({_Line.REVIEW}),
            _Line.ASSIGNED: frozenset({_Line.REVIEW}),
            _Line.IGNORED: frozenset({_Line.REVIEW}),
        },
        event=StatementLineEvent,
        owner="line",
    ),
)
register(
    PaymentConfirmation,
    Machine(
        {
            _Confirmation.SUBMITTED: frozenset(
                {_Confirmation.APPROVED, _Confirmation.REJECTED, _Confirmation.WITHDRAWN}
            ),
        },
        event=ConfirmationEvent,
        owner="confirmation",
    ),
)
