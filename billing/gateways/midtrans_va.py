"""Virtual accounts of five banks by Midtrans' Core API; Mandiri's is a bill with a biller's code."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.gateways import midtrans, reading
from billing.gateways.banks import BANKS, NAMES
from billing.gateways.base import AlreadyThere, Gateway, Report, Started, State, Unreadable
from billing.gateways.wire import Wire
from billing.models import PaymentAttempt


class MidtransVirtualAccount(Gateway):
    code = "midtrans_va"
    name = gettext_lazy("Virtual account (Midtrans)")
    provider = midtrans.Midtrans.code
    channels = BANKS

    def start(self, attempt: PaymentAttempt, wire: Wire) -> Started:
        begin, minutes = midtrans.lifetime(attempt)
        body = {
            **midtrans.order(attempt),
            **_method(attempt),
            "custom_expiry": {"order_time": begin, "expiry_duration": minutes, "unit": "minute"},
        }
        code, data = midtrans.ask(wire, "POST", "/v2/charge", body)
        if code == midtrans.TAKEN:
            return self._resume(attempt, wire)
        if code != "201":
            raise midtrans.refusal(code, data)
        return _started(attempt, data)

    def status(self, attempt: PaymentAttempt, wire: Wire) -> Report:
        return midtrans.status(attempt, wire)

    def expire(self, attempt: PaymentAttempt, wire: Wire) -> None:
        midtrans.expire(attempt, wire)

    def _resume(self, attempt: PaymentAttempt, wire: Wire) -> Started:
        """The order id is taken: by this very attempt, whose answer was lost, or by something else."""
        data = midtrans.find(attempt, wire)
        try:
            found = midtrans.report(data, attempt)
            started = _started(attempt, data)
        except Unreadable as error:
            # A payment of another kind or bank.
            raise AlreadyThere from error
        as_asked = (found.amount, found.currency) == (attempt.amount, attempt.currency)
        if not as_asked or found.state not in {State.PENDING, State.PAID}:
            raise AlreadyThere
        return started


def _method(attempt: PaymentAttempt) -> dict[str, Any]:
    if attempt.channel == "mandiri":
        # Labels on the machine's screen, of 10 and 30 characters at most.
        info = {"bill_info1": "Tagihan:", "bill_info2": attempt.invoice.number[:30]}
        return {"payment_type": "echannel", "echannel": info}
    return {"payment_type": "bank_transfer", "bank_transfer": {"bank": attempt.channel}}


def _started(attempt: PaymentAttempt, data: Mapping[str, Any]) -> Started:
    found = midtrans.report(data, attempt)
    return Started(
        provider_id=found.transaction_id,
        expires_at=reading.moment(data, "expiry_time", midtrans.WIB) or attempt.expires_at,
        facts={"bank": NAMES[attempt.channel], **_number(attempt.channel, data)},
    )


def _number(bank: str, data: Mapping[str, Any]) -> dict[str, str]:
    if bank == "mandiri":
        return {"biller_code": reading.digits(data, "biller_code"), "number": reading.digits(data, "bill_key")}
    if bank == "permata" and "permata_va_number" in data:
        return {"number": reading.digits(data, "permata_va_number")}
    numbers = data.get("va_numbers")
    for entry in numbers if isinstance(numbers, list) else []:
        if isinstance(entry, dict) and entry.get("bank") == bank:
            return {"number": reading.digits(entry, "va_number")}
    raise Unreadable(_("Tidak ada %(field)s.") % {"field": f"va_numbers {bank}"})
