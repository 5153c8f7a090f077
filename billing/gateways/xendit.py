"""Xendit: the token its callbacks carry, and what its virtual accounts and invoices share.

Written after https://docs.xendit.co/apidocs. Amounts are numbers; times say their zone.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from billing.gateways import asking, reading
from billing.gateways.base import BadSignature, Notice, Provider, Refused, Unreadable
from billing.gateways.wire import Answer, Wire
from billing.models import PaymentAttempt
from catalog.money import DEFAULT_CURRENCY

_OWN = "https://api.xendit.co"


class Xendit(Provider):
    code = "xendit"
    name = "Xendit"

    def is_configured(self) -> bool:
        return bool(settings.XENDIT.secret_key and settings.XENDIT.callback_token)

    def is_sandbox(self) -> bool:
        return settings.PAYMENT_SANDBOX

    def settings_wanted(self) -> Sequence[str]:
        return ("XENDIT_SECRET_KEY", "XENDIT_CALLBACK_TOKEN")

    def simulator_url(self, attempt: PaymentAttempt) -> str:
        """Xendit's own sandbox has no page for it: its virtual accounts are paid by a call."""
        number = attempt.facts.get("number")
        if not self.is_sandbox() or not number or settings.XENDIT.api_url == _OWN:
            return ""
        return f"{asking.origin(settings.XENDIT.api_url)}/simulator/{number}"

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """A callback of a virtual account (made, changed, paid), of an invoice, or of a refund."""
        token = next((value for name, value in headers.items() if name.lower() == "x-callback-token"), "")
        # An empty token is no token: everybody could send it.
        if not self.is_configured() or not hmac.compare_digest(
            token.encode("utf-8", "replace"), settings.XENDIT.callback_token.encode()
        ):
            raise BadSignature
        data = reading.parsed(body)
        if "event" in data:
            return _refund_notice(data)
        order_id = reading.text(data, "external_id")
        if "callback_virtual_account_id" in data:
            return _paid_account_notice(data, order_id)
        if "account_number" in data:
            event = f"virtual_account {reading.text(data, 'status')}"
            return Notice(order_id=order_id, provider_id=reading.text(data, "id"), event=event)
        currency = currency_of(data)
        return Notice(
            order_id=order_id,
            provider_id=reading.text(data, "id"),
            event=f"invoice {reading.text(data, 'status')}",
            amount=reading.amount(data, "amount", currency),
            currency=currency,
        )


def _paid_account_notice(data: Mapping[str, Any], order_id: str) -> Notice:
    currency = currency_of(data)
    return Notice(
        order_id=order_id,
        provider_id=reading.text(data, "callback_virtual_account_id"),
        event="virtual_account payment",
        amount=reading.amount(data, "amount", currency),
        currency=currency,
    )


def _refund_notice(data: Mapping[str, Any]) -> Notice:
    """It names the invoice by Xendit's own id, and how much went back, which claims nothing of what was paid."""
    event = reading.text(data, "event")
    about = data.get("data")
    if not event.startswith("refund.") or not isinstance(about, dict):
        raise Unreadable(_("Kejadian %(event)s tidak dikenal.") % {"event": event})
    return Notice(provider_id=reading.text(about, "invoice_id"), event=event)


def ask(
    wire: Wire,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask Xendit; the answer may be a refusal. Raises ``Unreachable``."""
    return wire.call(
        method,
        f"{settings.XENDIT.api_url}{path}",
        auth=(settings.XENDIT.secret_key, ""),
        json_body=body,
        params=params,
        headers=headers,
    )


def object_of(answer: Answer) -> dict[str, Any]:
    """What was asked for. Raises ``Refused`` with Xendit's words, and ``Unreadable``."""
    if answer.status >= 400:
        raise refusal(answer)
    if not isinstance(answer.data, dict):
        raise Unreadable(_("Bukan objek JSON."))
    return answer.data


def list_of(answer: Answer, name: str = "") -> list[dict[str, Any]]:
    """The objects of a list: the answer itself, or its field."""
    if answer.status >= 400:
        raise refusal(answer)
    found = object_of(answer).get(name) if name else answer.data
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Unreadable(_("%(field)s tidak terbaca.") % {"field": name or "JSON"})
    return found


def refusal(answer: Answer) -> Refused:
    data = answer.data if isinstance(answer.data, dict) else {}
    words = [f"Xendit {answer.status}", str(data.get("error_code") or ""), str(data.get("message") or "")]
    return Refused(": ".join(filter(None, words))[:400])


def currency_of(data: Mapping[str, Any]) -> str:
    """Rupiah where none is named, as virtual accounts are documented."""
    return reading.optional(data, "currency") or DEFAULT_CURRENCY


def amount_of(data: Mapping[str, Any], *names: str) -> Decimal:
    """The first of the fields that is there."""
    name = next((name for name in names if data.get(name) is not None), names[-1])
    return reading.amount(data, name, currency_of(data))


def check_order(data: Mapping[str, Any], name: str, attempt: PaymentAttempt) -> None:
    if reading.text(data, name) != attempt.order_id:
        raise Unreadable(_("Jawaban tentang pesanan lain: %(order)s.") % {"order": data[name]})


def moment(data: Mapping[str, Any], name: str) -> datetime | None:
    return reading.moment(data, name, UTC)


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def unknown(word: str) -> Unreadable:
    return Unreadable(_("Status %(status)s tidak dikenal.") % {"status": word})
