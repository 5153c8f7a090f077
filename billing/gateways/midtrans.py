"""Midtrans: how its notifications are signed, and the calls of its Core API that all its ways of paying share.

Written after https://docs.midtrans.com/reference. Core API answers HTTP 200 to nearly everything; what happened stands in
the body's ``status_code``. Its times are Jakarta's.
"""

import hmac
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from hashlib import sha512
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from billing.gateways import asking, reading
from billing.gateways.base import BadSignature, Notice, Provider, Refused, Report, State, Unreadable
from billing.gateways.wire import Answer, Unreachable, Wire
from billing.models import PaymentAttempt
from catalog.money import DEFAULT_CURRENCY, ZERO, total_of

WIB = timezone(timedelta(hours=7))
NOT_FOUND, TAKEN, UNCHANGEABLE = "404", "406", "412"
_SIMULATORS = "https://simulator.sandbox.midtrans.com"
_SIMULATED = {
    "bca": "/bca/va/index",
    "bni": "/bni/va/index",
    "bri": "/openapi/va/index?bank=bri",
    "permata": "/openapi/va/index?bank=permata",
    "mandiri": "/openapi/va/index?bank=mandiri",
}
_STATES = {
    "pending": State.PENDING,
    "authorize": State.PENDING,
    "capture accept": State.PAID,
    "capture challenge": State.PENDING,
    "capture deny": State.FAILED,
    "settlement": State.PAID,
    "deny": State.FAILED,
    "cancel": State.FAILED,
    "failure": State.FAILED,
    "expire": State.EXPIRED,
    "refund": State.REFUNDED,
    "partial_refund": State.REFUNDED,
    "chargeback": State.REFUNDED,
    "partial_chargeback": State.REFUNDED,
}
# What a payment page lets the customer try again after.
DENIALS = {"deny", "capture deny"}
_STATUS_CODE = re.compile(r"[2-5][0-9]{2}")


class Midtrans(Provider):
    code = "midtrans"
    name = "Midtrans"

    def is_configured(self) -> bool:
        return bool(settings.MIDTRANS.server_key)

    def is_sandbox(self) -> bool:
        return settings.PAYMENT_SANDBOX

    def settings_wanted(self) -> Sequence[str]:
        return ("MIDTRANS_SERVER_KEY",)

    def simulator_url(self, attempt: PaymentAttempt) -> str:
        number = attempt.facts.get("number")
        if not self.is_sandbox() or not number:
            return ""
        if settings.MIDTRANS.api_url == "https://api.sandbox.midtrans.com":
            return f"{_SIMULATORS}{_SIMULATED[attempt.channel]}" if attempt.channel in _SIMULATED else ""
        return f"{asking.origin(settings.MIDTRANS.api_url)}/simulator/{number}"

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """What cannot be read cannot be signed either: only a signed call may be ``Unreadable``."""
        try:
            data = reading.parsed(body)
            parts = [reading.text(data, name) for name in ("order_id", "status_code", "gross_amount")]
            signature = reading.text(data, "signature_key", most=128)
        except Unreadable as error:
            raise BadSignature(str(error)) from error
        # Without a key everybody could sign.
        if not self.is_configured() or not hmac.compare_digest(sign(*parts).encode(), signature.encode()):
            raise BadSignature
        if not _STATUS_CODE.fullmatch(data["status_code"]):
            raise Unreadable(_("%(field)s tidak terbaca.") % {"field": "status_code"})
        currency = _currency(data)
        return Notice(
            order_id=data["order_id"],
            event=reading.text(data, "transaction_status"),
            amount=reading.amount(data, "gross_amount", currency),
            currency=currency,
        )


def sign(order_id: str, status_code: str, gross_amount: str) -> str:
    return sha512(f"{order_id}{status_code}{gross_amount}{settings.MIDTRANS.server_key}".encode()).hexdigest()


def ask(wire: Wire, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
    """Ask the Core API; returns the answer's own status code and its fields. Raises ``Unreachable``."""
    answer = wire.call(
        method, f"{settings.MIDTRANS.api_url}{path}", auth=(settings.MIDTRANS.server_key, ""), json_body=body
    )
    data = fields_of(answer)
    code = str(data.get("status_code") or answer.status)
    if code.startswith("5") or code == "429":
        raise Unreachable(f"Midtrans {code}")
    return code, data


def fields_of(answer: Answer) -> dict[str, Any]:
    if not isinstance(answer.data, dict):
        raise Unreachable(f"HTTP {answer.status}, no object")
    return answer.data


def refusal(code: str, data: Mapping[str, Any]) -> Refused:
    """Midtrans' own words; in a refused payload it also says what is wrong with it."""
    details = data.get("validation_messages")
    details = details if isinstance(details, list) else []
    words = [f"Midtrans {code}", data.get("status_message") or "", *details]
    return Refused(": ".join(str(word) for word in words if word)[:400])


def find(attempt: PaymentAttempt, wire: Wire) -> dict[str, Any]:
    """The attempt's transaction as Midtrans has it; empty where there is none. Raises ``Refused``."""
    code, data = ask(wire, "GET", _path(attempt, "status"))
    if "transaction_status" in data:
        return data
    if code == NOT_FOUND:
        return {}
    raise refusal(code, data)


def status(attempt: PaymentAttempt, wire: Wire) -> Report:
    """Ask how an attempt stands.

    An order of which the Core API knows nothing is one whose page was not used yet. It ends by our clock.
    """
    data = find(attempt, wire)
    if data:
        return report(data, attempt)
    state = State.EXPIRED if attempt.expires_at <= clock.now() else State.PENDING
    return Report(state, attempt.amount, attempt.currency)


def expire(attempt: PaymentAttempt, wire: Wire) -> None:
    """Close a pending transaction; one that is not pending, or was never begun, is none to close."""
    code, data = ask(wire, "POST", _path(attempt, "expire"))
    if not (code in {NOT_FOUND, UNCHANGEABLE} or data.get("transaction_status") == "expire"):
        raise refusal(code, data)


def cancel(attempt: PaymentAttempt, wire: Wire) -> None:
    """Take back a card's payment before it is settled."""
    code, data = ask(wire, "POST", _path(attempt, "cancel"))
    if data.get("transaction_status") != "cancel":
        raise refusal(code, data)


def send_back(attempt: PaymentAttempt, amount: Decimal, *, key: str, reason: str, wire: Wire) -> str:
    """A settled payment's refund; the same key again sends nothing a second time."""
    body = {"refund_key": key, "amount": asking.rupiah(attempt, amount), "reason": reason[:100]}
    code, data = ask(wire, "POST", _path(attempt, "refund"), body)
    if code != "200":
        raise refusal(code, data)
    return reading.optional(data, "refund_key") or key


def report(data: Mapping[str, Any], attempt: PaymentAttempt) -> Report:
    """What an answer says of an attempt. Raises ``Unreadable`` for what is not documented: nothing is guessed."""
    if reading.text(data, "order_id") != attempt.order_id:
        raise Unreadable(_("Jawaban tentang pesanan lain: %(order)s.") % {"order": data["order_id"]})
    word = word_of(data)
    currency = _currency(data)
    total = reading.amount(data, "gross_amount", currency)
    found = Report(
        state=_STATES[word],
        amount=total,
        currency=currency,
        transaction_id=reading.text(data, "transaction_id"),
        paid_at=reading.moment(data, "settlement_time", WIB) or reading.moment(data, "transaction_time", WIB),
        channel=channel_of(data),
        detail=word,
    )
    if found.state == State.REFUNDED:
        return replace(found, refunded=_refunded(data, word, total, currency))
    if found.state == State.FAILED and attempt.paid_at:
        # It was paid and is no more: a card's capture was cancelled, or the bank took a settlement back.
        return replace(found, state=State.REFUNDED, refunded=total)
    return found


def word_of(data: Mapping[str, Any]) -> str:
    """The status; a card's capture counts only together with what the check for fraud says."""
    word = reading.text(data, "transaction_status")
    if word == "capture":
        word = f"capture {reading.text(data, 'fraud_status')}"
    if word not in _STATES:
        raise Unreadable(_("Status %(status)s tidak dikenal.") % {"status": word})
    return word


def channel_of(data: Mapping[str, Any]) -> str:
    numbers = data.get("va_numbers")
    first = numbers[0] if isinstance(numbers, list) and numbers and isinstance(numbers[0], dict) else {}
    return " ".join(filter(None, [reading.optional(data, "payment_type"), reading.optional(first, "bank")]))


def order(attempt: PaymentAttempt) -> dict[str, Any]:
    """The part of a request that says what is paid and by whom."""
    amount = asking.rupiah(attempt)
    number = attempt.invoice.number[:50]
    customer = {"first_name": asking.name(attempt)[:50], "email": asking.email(attempt)}
    return {
        "transaction_details": {"order_id": attempt.order_id, "gross_amount": amount},
        "item_details": [{"id": number, "price": amount, "quantity": 1, "name": number}],
        "customer_details": {name: value for name, value in customer.items() if value},
    }


def lifetime(attempt: PaymentAttempt) -> tuple[str, int]:
    """A start and whole minutes from it that end exactly with the attempt; Snap knows no seconds. Raises ``Refused``."""
    minutes = math.ceil((attempt.expires_at - clock.now()) / timedelta(minutes=1))
    if minutes <= 0:
        raise Refused(_("Waktunya habis sebelum dimulai."))
    begin = attempt.expires_at - timedelta(minutes=minutes)
    return begin.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S +0700"), minutes


def _path(attempt: PaymentAttempt, act: str) -> str:
    return f"/v2/{quote(attempt.order_id, safe='')}/{act}"


def _currency(data: Mapping[str, Any]) -> str:
    """Rupiah where none is named, as documented."""
    return reading.optional(data, "currency") or DEFAULT_CURRENCY


def _refunded(data: Mapping[str, Any], word: str, total: Decimal, currency: str) -> Decimal:
    """All that went back until now."""
    if data.get("refund_amount") is not None:
        found = reading.amount(data, "refund_amount", currency)
    elif word.startswith("partial_"):
        parts = data.get("refunds")
        parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        found = total_of(reading.amount(part, "refund_amount", currency) for part in parts)
    else:
        found = total
    if not ZERO < found <= total:
        raise Unreadable(_("%(field)s tidak terbaca.") % {"field": "refund_amount"})
    return found
