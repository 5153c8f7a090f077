"""Calls of providers: kept raw first, then checked in order, and believed only as far as the provider's own status goes."""

import logging
from collections.abc import Mapping

from django.db import DatabaseError
from django.utils.translation import gettext as _

from billing import attempts, gateways
from billing.gateways.base import BadSignature, Notice, Unreadable
from billing.models import GatewayMessage, PaymentAttempt

logger = logging.getLogger(__name__)

# Far more than any documented call.
MOST_BYTES = 64 * 1024
# Of a call that anybody may have sent: enough to see what it was, too little to fill a disk with.
FORGED_BYTES = 2_000
Outcome = GatewayMessage.Outcome


def keep(provider: str, body: bytes) -> GatewayMessage:
    """Store a call as it came, before anything is made of it (V9)."""
    return GatewayMessage.objects.create(
        provider=provider,
        direction=GatewayMessage.Direction.IN,
        kind="webhook",
        received=body,
        outcome=Outcome.RECEIVED,
    )


def conclude(
    message: GatewayMessage, outcome: str, http_status: int, *, detail: str = "", attempt: PaymentAttempt | None = None
) -> int:
    """Write down what became of a call, and return what its sender is answered. Of a forged one only the head stays."""
    facts = {"outcome": outcome, "http_status": http_status, "detail": detail[:300], "attempt": attempt}
    if outcome == Outcome.FORGED and len(message.received) > FORGED_BYTES:
        facts["received"] = message.received[:FORGED_BYTES]
    GatewayMessage.objects.filter(pk=message.pk).update(**facts)
    return http_status


def conclude_if_possible(message: GatewayMessage, outcome: str, http_status: int, *, detail: str = "") -> int:
    """The same, as far as a failing database lets us; the nightly check finds a call without an outcome."""
    try:
        return conclude(message, outcome, http_status, detail=detail)
    except DatabaseError:
        logger.exception("Webhook %s stays without an outcome", message.pk)
        return http_status


def receive(provider: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Take a provider's call and return the HTTP status to answer with.

    403: not signed by it. 400: signed, but not as documented. 503: the database failed, so that it is sent again. 200:
    understood, whatever it says; a worker then asks the provider itself.
    """
    try:
        message = keep(provider, body)
    except DatabaseError:
        logger.exception("A webhook of %s could not be kept", provider)
        return 503
    try:
        notice = gateways.providers[provider].read_webhook(body, headers)
    except BadSignature:
        return conclude(message, Outcome.FORGED, 403)
    except Unreadable as error:
        return conclude(message, Outcome.UNREADABLE, 400, detail=str(error))
    try:
        return _take(message, notice)
    except DatabaseError:
        logger.exception("Webhook %s of %s could not be taken", message.pk, provider)
        return conclude_if_possible(message, Outcome.FAILED, 503)


def _take(message: GatewayMessage, notice: Notice) -> int:
    found = PaymentAttempt.objects.filter(provider=message.provider)
    found = found.filter(order_id=notice.order_id) if notice.order_id else found.filter(provider_id=notice.provider_id)
    attempt = found.first()
    if attempt is None:
        return conclude(message, Outcome.UNKNOWN, 200, detail=notice.order_id or notice.provider_id)
    detail = notice.event
    if notice.amount is not None and (notice.amount, notice.currency) != (attempt.amount, attempt.currency):
        detail = _("%(event)s dengan jumlah %(amount)s %(currency)s") % {
            "event": notice.event,
            "amount": notice.amount,
            "currency": notice.currency,
        }
    attempts.ask_now(attempt)
    return conclude(message, Outcome.ACCEPTED, 200, detail=detail, attempt=attempt)
