"""Xendit's virtual accounts: closed (one exact amount), for a single payment, until they expire.

A virtual account does not say by what payment it was paid; the list of transactions does, by our order id.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.gateways import asking, reading, xendit
from billing.gateways.banks import BANKS, NAMES
from billing.gateways.base import Gateway, Report, Started, State
from billing.gateways.wire import Wire
from billing.models import PaymentAttempt

_PATH = "/callback_virtual_accounts"
# The bank's machine shows it: letters and spaces alone, and at BCA three of them at least.
_NAME_AT_MOST, _NAME_AT_LEAST = 30, 3
# A payment of the last minute is listed a little later than its account closes.
_LISTED_WITHIN = timedelta(minutes=10)
_MONEY = {
    "SUCCESS": State.PAID,
    "PENDING": State.PENDING,
    "VOIDED": State.REFUNDED,
    "REVERSED": State.REFUNDED,
}


class XenditVirtualAccount(Gateway):
    code = "xendit_va"
    name = _("Virtual account (Xendit)")
    provider = xendit.Xendit.code
    channels = BANKS

    def start(self, attempt: PaymentAttempt, wire: Wire) -> Started:
        """The same call again, after a lost answer, finds the account that the first one opened."""
        amount = asking.rupiah(attempt)
        body = {
            "external_id": attempt.order_id,
            "bank_code": attempt.channel.upper(),
            "name": account_name(asking.name(attempt)),
            "currency": attempt.currency,
            "expected_amount": amount,
            "is_closed": True,
            "is_single_use": True,
            "expiration_date": xendit.written(attempt.expires_at),
        }
        answer = xendit.ask(wire, "POST", _PATH, body, headers={"X-IDEMPOTENCY-KEY": attempt.order_id})
        data = xendit.object_of(answer)
        xendit.check_order(data, "external_id", attempt)
        return Started(
            provider_id=reading.text(data, "id"),
            expires_at=xendit.moment(data, "expiration_date") or attempt.expires_at,
            facts={"bank": NAMES[attempt.channel], "number": reading.digits(data, "account_number")},
        )

    def status(self, attempt: PaymentAttempt, wire: Wire) -> Report:
        listed = xendit.ask(
            wire, "GET", "/transactions", params={"reference_id": attempt.order_id, "types": "PAYMENT", "limit": "50"}
        )
        found = payments(xendit.list_of(listed, "data"), attempt)
        if found:
            return found[0]
        return self._unpaid(attempt, wire)

    def expire(self, attempt: PaymentAttempt, wire: Wire) -> None:
        # An account whose opening was not answered is only found by opening it again.
        known = attempt.provider_id or self.start(attempt, wire).provider_id
        body = {"expiration_date": xendit.written(timezone.now())}
        answer = xendit.ask(wire, "PATCH", f"{_PATH}/{quote(known, safe='')}", body)
        if answer.status >= 400 and _is_open(self._account(known, wire)):
            raise xendit.refusal(answer)

    def _unpaid(self, attempt: PaymentAttempt, wire: Wire) -> Report:
        state = State.PENDING
        if attempt.provider_id and not _is_open(self._account(attempt.provider_id, wire)):
            is_over = timezone.now() >= attempt.expires_at + _LISTED_WITHIN
            state = State.EXPIRED if is_over else State.PENDING
        return Report(state, attempt.amount, attempt.currency, channel=attempt.channel.upper())

    def _account(self, known: str, wire: Wire) -> Mapping[str, Any]:
        return xendit.object_of(xendit.ask(wire, "GET", f"{_PATH}/{quote(known, safe='')}"))


def payments(listed: list[dict[str, Any]], attempt: PaymentAttempt) -> list[Report]:
    """The attempt's payments among transactions, the oldest first; one that failed is none.

    Xendit's filter finds a reference by a part of it, so others may stand among them.
    """
    own = [
        entry for entry in listed if entry.get("reference_id") == attempt.order_id and entry.get("status") != "FAILED"
    ]
    return [_report(entry) for entry in sorted(own, key=lambda entry: str(entry.get("created")))]


def _report(entry: Mapping[str, Any]) -> Report:
    word = reading.text(entry, "status")
    if word not in _MONEY:
        raise xendit.unknown(word)
    state = _MONEY[word]
    amount = xendit.amount_of(entry, "amount")
    return Report(
        state=state,
        amount=amount,
        currency=xendit.currency_of(entry),
        # As callbacks and the dashboard know the payment.
        transaction_id=reading.text(entry, "product_id"),
        paid_at=xendit.moment(entry, "created"),
        channel=reading.optional(entry, "channel_code"),
        detail=word,
        **({"refunded": amount} if state == State.REFUNDED else {}),
    )


def _is_open(account: Mapping[str, Any]) -> bool:
    word = reading.text(account, "status")
    if word not in {"PENDING", "ACTIVE", "INACTIVE"}:
        raise xendit.unknown(word)
    return word != "INACTIVE"


def account_name(name: str) -> str:
    """A name as every bank takes it."""
    letters = " ".join(re.sub(r"[^A-Za-z ]", " ", name).split())[:_NAME_AT_MOST].strip()
    return letters if len(letters) >= _NAME_AT_LEAST else "Pelanggan"
