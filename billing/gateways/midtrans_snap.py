"""Midtrans' payment page (Snap): cards, e-wallets and whatever the shop switched on in Midtrans' dashboard."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.gateways import asking, midtrans, reading
from billing.gateways.base import AlreadyThere, Gateway, Refused, Report, Started, State
from billing.gateways.wire import Unreachable, Wire
from billing.models import PaymentAttempt

# How the page's payments are named that Midtrans sends back by itself (docs.midtrans.com/reference/refund-transaction).
REFUNDABLE = {"credit_card", "gopay", "shopeepay", "qris", "dana", "ovo", "kredivo", "akulaku"}
_TAKEN = ("sudah digunakan", "been taken", "already been", "been used", "been utilized")


class MidtransSnap(Gateway):
    """A page that nobody used yet cannot be closed at Midtrans: it ends with its time."""

    code = "midtrans_snap"
    name = gettext_lazy("Halaman pembayaran Midtrans")
    provider = midtrans.Midtrans.code
    supports_refund = True

    def start(self, attempt: PaymentAttempt, wire: Wire) -> Started:
        begin, minutes = midtrans.lifetime(attempt)
        body = {
            **midtrans.order(attempt),
            "credit_card": {"secure": True},
            "expiry": {"start_time": begin, "duration": minutes, "unit": "minute"},
            "callbacks": {"finish": asking.return_address(attempt)},
        }
        answer = wire.call(
            "POST",
            f"{settings.MIDTRANS.snap_url}/snap/v1/transactions",
            auth=(settings.MIDTRANS.server_key, ""),
            json_body=body,
        )
        data = midtrans.fields_of(answer)
        if answer.status not in {200, 201}:
            raise _refusal(answer.status, data)
        return Started(
            provider_id=reading.text(data, "token"),
            expires_at=attempt.expires_at,
            redirect_url=asking.page(data, "redirect_url"),
        )

    def status(self, attempt: PaymentAttempt, wire: Wire) -> Report:
        """After a denial the page lets the customer try again, as long as it is open."""
        found = midtrans.status(attempt, wire)
        if found.state == State.FAILED and found.detail in midtrans.DENIALS and timezone.now() < attempt.expires_at:
            return replace(found, state=State.PENDING)
        return found

    def expire(self, attempt: PaymentAttempt, wire: Wire) -> None:
        midtrans.expire(attempt, wire)

    def refund(self, attempt: PaymentAttempt, amount: Decimal, *, key: str, reason: str, wire: Wire) -> str:
        """What a card paid today is not settled yet: it is cancelled as a whole, or given back in part from tomorrow on."""
        found = midtrans.status(attempt, wire)
        if found.channel not in REFUNDABLE:
            raise Refused(
                _("Midtrans tidak mengembalikan pembayaran lewat %(channel)s. Kembalikan dengan transfer.")
                % {"channel": found.channel or "?"}
            )
        if found.detail == "cancel":
            return found.transaction_id
        if found.detail != "capture accept":
            return midtrans.send_back(attempt, amount, key=key, reason=reason, wire=wire)
        if amount != found.amount:
            raise Refused(_("Pembayaran kartu ini belum selesai di bank. Kembalikan sebagian mulai besok."))
        midtrans.cancel(attempt, wire)
        return found.transaction_id


def _refusal(status: int, data: dict[str, Any]) -> Exception:
    said = data.get("error_messages")
    said = [str(word) for word in said] if isinstance(said, list) else []
    if any("order_id" in word and any(taken in word.lower() for taken in _TAKEN) for word in said):
        return AlreadyThere()
    if not said:
        return Unreachable(f"HTTP {status}, no error_messages")
    return Refused(f"Midtrans {status}: {'; '.join(said)}"[:400])
