"""Midtrans' transactions: what is kept of them, and how Midtrans writes them down."""

import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha512
from typing import Any

from tests.providers.provider import WIB, moment, now

SERVER_KEY = "SB-Mid-server-simulator"
MERCHANT = "G000000001"
# How a virtual account's number begins and how long it is, by bank; Mandiri's is the bill's key.
NUMBERS = {
    "bca": ("91019", 11),
    "bni": ("988", 16),
    "bri": ("10411", 18),
    "permata": ("8562", 16),
    "mandiri": ("99", 12),
}
BILLER = "70012"
REFUNDABLE = {"credit_card", "gopay", "qris"}
PAID = {"settlement", "capture", "partial_refund"}
# A card's capture is cancelled instead, until it is settled on the next day.
CAN_GIVE_BACK = {"settlement", "partial_refund"}
_DEFAULT_LIFE = timedelta(hours=24)
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_CODES = {"pending": "201", "expire": "202", "deny": "202", "cancel": "202"}


@dataclass
class Transaction:
    """A payment whose method is chosen. Times are ISO in UTC, ``amount`` is as Midtrans writes it: ``24145.00``."""

    order_id: str
    amount: str
    payment_type: str
    expires_at: str
    bank: str = ""
    number: str = ""
    payer: str = ""
    status: str = "pending"
    transaction_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    made_at: str = field(default_factory=lambda: now().isoformat())
    paid_at: str = ""
    refunds: list[dict[str, str]] = field(default_factory=list)

    @property
    def refunded(self) -> Decimal:
        return sum((Decimal(refund["amount"]) for refund in self.refunds), Decimal(0))

    @property
    def left(self) -> Decimal:
        return Decimal(self.amount) - self.refunded

    @property
    def is_open(self) -> bool:
        return self.status == "pending"

    @property
    def is_due(self) -> bool:
        return self.is_open and moment(self.expires_at) <= now()

    def refund_of(self, key: str) -> dict[str, str] | None:
        return next((refund for refund in self.refunds if refund["key"] == key), None)


def code(status: str) -> str:
    """The code that stands beside a status."""
    return _CODES.get(status, "200")


def free_number(bank: str, taken: Collection[str]) -> str:
    begin, length = NUMBERS[bank]
    while True:
        number = begin + "".join(random.choices("0123456789", k=length - len(begin)))
        if number not in taken:
            return number


def end_of_life(said: dict[str, Any], begin: str, duration: str) -> datetime:
    """When ``custom_expiry`` (Core API) or ``expiry`` (Snap) lets a payment end. Raises ``ValueError``."""
    start = datetime.strptime(said[begin], "%Y-%m-%d %H:%M:%S %z") if begin in said else now()
    if duration not in said:
        return start + _DEFAULT_LIFE
    unit = str(said.get("unit", "minute")).rstrip("s")
    if unit not in _UNITS:
        raise ValueError(f"unit {unit!r}")
    return start + timedelta(seconds=int(said[duration]) * _UNITS[unit])


def complaints(asked: dict[str, Any]) -> list[str]:
    """What is wrong with an order's details, in Midtrans' way of saying it."""
    details = asked.get("transaction_details") or {}
    order_id, amount = details.get("order_id"), details.get("gross_amount")
    found = []
    if not order_id or len(str(order_id)) > 50:
        found.append("transaction_details.order_id is required and has at most 50 characters")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        found.append("transaction_details.gross_amount must be a whole number above 0")
    items = asked.get("item_details")
    if items and sum(item["price"] * item["quantity"] for item in items) != amount:
        found.append("transaction_details.gross_amount is not equal to the sum of item_details")
    return found


def signed(body: dict[str, Any]) -> dict[str, Any]:
    plain = f"{body['order_id']}{body['status_code']}{body['gross_amount']}{SERVER_KEY}"
    return body | {"signature_key": sha512(plain.encode()).hexdigest()}


def written(found: Transaction, status_code: str, said: str) -> dict[str, Any]:
    """A transaction as every answer and notification has it."""
    body: dict[str, Any] = {
        "status_code": status_code,
        "status_message": said,
        "transaction_id": found.transaction_id,
        "order_id": found.order_id,
        "merchant_id": MERCHANT,
        "gross_amount": found.amount,
        "currency": "IDR",
        "payment_type": found.payment_type,
        "transaction_time": _wib(found.made_at),
        "transaction_status": found.status,
        "fraud_status": "deny" if found.status == "deny" else "accept",
        "expiry_time": _wib(found.expires_at),
    }
    if found.paid_at:
        body["settlement_time"] = _wib(found.paid_at)
    if found.refunds:
        body["refund_amount"] = f"{found.refunded:.2f}"
        body["refunds"] = [_written_refund(place, refund) for place, refund in enumerate(found.refunds, start=1)]
    return body | _method_fields(found)


def in_midtrans_names(wrong: dict[str, Any]) -> dict[str, Any]:
    """What a switch says wrongly."""
    said = {}
    if "amount" in wrong:
        said["gross_amount"] = f"{Decimal(str(wrong['amount'])):.2f}"
    if "currency" in wrong:
        said["currency"] = wrong["currency"]
    if "status" in wrong:
        said |= {"transaction_status": wrong["status"], "status_code": code(wrong["status"])}
    return said


def _written_refund(place: int, refund: dict[str, str]) -> dict[str, Any]:
    return {
        "refund_chargeback_id": place,
        "refund_amount": refund["amount"],
        "refund_key": refund["key"],
        "reason": refund["reason"],
        "created_at": _wib(refund["at"]),
    }


def _method_fields(found: Transaction) -> dict[str, Any]:
    if found.bank == "mandiri":
        return {"biller_code": BILLER, "bill_key": found.number}
    if found.bank == "permata":
        return {"permata_va_number": found.number}
    if found.bank:
        return {"va_numbers": [{"bank": found.bank, "va_number": found.number}]}
    if found.payment_type == "credit_card":
        return {"masked_card": "48111111-1114", "card_type": "credit", "bank": "bni", "approval_code": "1578569243927"}
    if found.payment_type == "qris":
        return {"acquirer": "gopay", "issuer": "gopay"}
    return {}


def _wib(kept: str) -> str:
    return moment(kept).astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S")
