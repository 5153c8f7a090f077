"""Xendit's payment page (an "invoice" in its words): banks, cards, e-wallets, QRIS and shops, as its dashboard has them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.gateways import asking, reading, xendit
from billing.gateways.base import AlreadyThere, Gateway, Refused, Report, Started, State
from billing.gateways.wire import Wire
from billing.models import PaymentAttempt
from catalog.money import total_of

_PATH = "/v2/invoices"
_STATES = {"PENDING": State.PENDING, "PAID": State.PAID, "SETTLED": State.PAID, "EXPIRED": State.EXPIRED}


class XenditInvoice(Gateway):
    code = "xendit_invoice"
    name = gettext_lazy("Halaman pembayaran Xendit")
    provider = xendit.Xendit.code
    supports_refund = True

    def start(self, attempt: PaymentAttempt, wire: Wire) -> Started:
        """Xendit would make a second page for the same order: one that is there already is gone on with."""
        amount = asking.rupiah(attempt)
        there = self._existing(attempt, wire)
        if there is None:
            there = xendit.object_of(xendit.ask(wire, "POST", _PATH, _request(attempt, amount)))
        elif report(there, attempt).amount != attempt.amount or _state(there) not in {State.PENDING, State.PAID}:
            raise AlreadyThere
        xendit.check_order(there, "external_id", attempt)
        return Started(
            provider_id=reading.text(there, "id"),
            expires_at=xendit.moment(there, "expiry_date") or attempt.expires_at,
            redirect_url=asking.page(there, "invoice_url"),
        )

    def status(self, attempt: PaymentAttempt, wire: Wire) -> Report:
        if attempt.provider_id:
            data = xendit.object_of(xendit.ask(wire, "GET", f"{_PATH}/{quote(attempt.provider_id, safe='')}"))
        else:
            data = self._existing(attempt, wire)
        if data is None:
            state = State.EXPIRED if attempt.expires_at <= timezone.now() else State.PENDING
            return Report(state, attempt.amount, attempt.currency)
        found = report(data, attempt)
        # The page does not tell of refunds. They are asked for after the payment was recorded, which needs one answer only.
        if found.state != State.PAID or not attempt.paid_at:
            return found
        return with_refunds(found, self._refunds(found.transaction_id, wire))

    def expire(self, attempt: PaymentAttempt, wire: Wire) -> None:
        known = attempt.provider_id
        if not known:
            there = self._existing(attempt, wire)
            if there is None:
                return
            known = reading.text(there, "id")
        answer = xendit.ask(wire, "POST", f"/invoices/{quote(known, safe='')}/expire!")
        if answer.status >= 400:
            now = xendit.object_of(xendit.ask(wire, "GET", f"{_PATH}/{quote(known, safe='')}"))
            if _state(now) == State.PENDING:
                raise xendit.refusal(answer)

    def refund(self, attempt: PaymentAttempt, amount: Decimal, *, key: str, reason: str, wire: Wire) -> str:
        body = {
            "invoice_id": attempt.provider_id,
            "reference_id": key,
            "currency": attempt.currency,
            "amount": asking.rupiah(attempt, amount),
            "reason": "OTHERS",
            "metadata": {"reason": reason[:200]},
        }
        data = xendit.object_of(xendit.ask(wire, "POST", "/refunds", body, headers={"idempotency-key": key}))
        if data.get("status") in {"FAILED", "CANCELLED"}:
            raise Refused(
                _("Xendit tidak mengembalikan uangnya: %(code)s.") % {"code": data.get("failure_code") or "?"}
            )
        return reading.text(data, "id")

    def _existing(self, attempt: PaymentAttempt, wire: Wire) -> dict[str, Any] | None:
        listed = xendit.list_of(xendit.ask(wire, "GET", _PATH, params={"external_id": attempt.order_id}))
        return next((one for one in listed if one.get("external_id") == attempt.order_id), None)

    def _refunds(self, known: str, wire: Wire) -> list[dict[str, Any]]:
        return xendit.list_of(xendit.ask(wire, "GET", "/refunds", params={"invoice_id": known, "limit": "50"}), "data")


def report(data: Mapping[str, Any], attempt: PaymentAttempt) -> Report:
    """What an invoice says of an attempt; one payment closes it, so its id is the transaction's."""
    xendit.check_order(data, "external_id", attempt)
    state = _state(data)
    return Report(
        state=state,
        amount=xendit.amount_of(data, *(("paid_amount", "amount") if state == State.PAID else ("amount",))),
        currency=xendit.currency_of(data),
        transaction_id=reading.text(data, "id"),
        paid_at=xendit.moment(data, "paid_at"),
        channel=reading.optional(data, "payment_channel") or reading.optional(data, "payment_method"),
        detail=reading.text(data, "status"),
    )


def with_refunds(found: Report, refunds: list[dict[str, Any]]) -> Report:
    """The report of a paid invoice, of which a part or all may have gone back."""
    back = total_of(
        reading.amount(refund, "amount", found.currency) for refund in refunds if refund.get("status") == "SUCCEEDED"
    )
    if not back:
        return found
    return replace(found, state=State.REFUNDED, refunded=back)


def _state(data: Mapping[str, Any]) -> State:
    word = reading.text(data, "status")
    if word not in _STATES:
        raise xendit.unknown(word)
    return _STATES[word]


def _request(attempt: PaymentAttempt, amount: int) -> dict[str, Any]:
    seconds = int((attempt.expires_at - timezone.now()) / timedelta(seconds=1))
    if seconds <= 0:
        raise Refused(_("Waktunya habis sebelum dimulai."))
    back = asking.return_address(attempt)
    customer = {"given_names": asking.name(attempt)[:50], "email": asking.email(attempt)}
    return {
        "external_id": attempt.order_id,
        "amount": amount,
        "currency": attempt.currency,
        "description": attempt.invoice.number,
        "invoice_duration": seconds,
        "success_redirect_url": back,
        "failure_redirect_url": back,
        # The shop writes to its customers itself.
        "should_send_email": False,
        "customer": {name: value for name, value in customer.items() if value},
    }
