"""Who gets what from the staff's pages of payments through providers. See tests/access.py for the form."""

from datetime import timedelta

from django.utils import timezone

from billing.models import PaymentAttempt, ProviderRefund
from tests.access import World
from tests.billing import credited, shop
from tests.staff.access_rows import press


def _attempt(world: World, **fields) -> PaymentAttempt:
    invoice = shop.unpaid_invoice(world.customer)
    defaults = {"provider": "midtrans", "gateway": "midtrans_snap", "order_id": "x", "amount": invoice.balance}
    return PaymentAttempt.objects.create(
        invoice=invoice,
        method=invoice.payment_method,
        expires_at=timezone.now() + timedelta(days=1),
        **{**defaults, **fields},
    )


def _review(world: World) -> PaymentAttempt:
    return _attempt(world, status=PaymentAttempt.Status.REVIEW)


def _sent_back(world: World) -> ProviderRefund:
    attempt = _attempt(world, status=PaymentAttempt.Status.PAID)
    payment = credited.pay(world.customer, 150_000, attempt.invoice)
    return ProviderRefund.objects.create(
        attempt=attempt, payment=payment, cause="x", key="x", amount=1_000, reason="x", tries=1
    )


ROWS = [
    press("billing_paymentattempt", button, "billing.verify_payment", make=make)
    for button, make in (("ask", _attempt), ("close", _attempt), ("accept", _review), ("dismiss", _review))
] + [
    press("billing_providerrefund", button, "billing.pay_refund", make=_sent_back) for button in ("went-back", "stayed")
]
