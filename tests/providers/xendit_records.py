"""Xendit's invoices, virtual accounts, payments and refunds: what is kept of them, and how Xendit writes them down."""

import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.providers.provider import moment, now

OWNER = "5f0000000000000000000001"
MERCHANT_NAME = "Toko Contoh"
# The merchant's code, with which a virtual account's number begins, by bank.
BANKS = {"BCA": "10766", "BNI": "8808", "BRI": "92001", "MANDIRI": "88608", "PERMATA": "7293"}
# How an invoice can be paid on its page: the channel → the method it belongs to.
CHANNELS = {"CREDIT_CARD": "CREDIT_CARD", "DANA": "EWALLET", "QRIS": "QR_CODE"} | dict.fromkeys(BANKS, "BANK_TRANSFER")


def object_id() -> str:
    return uuid.uuid4().hex[:24]


def number(amount: Decimal | int | str) -> int | float:
    """Xendit writes amounts as JSON numbers."""
    value = Decimal(amount)
    return int(value) if value == value.to_integral_value() else float(value)


def iso(kept: str) -> str:
    return f"{moment(kept):%Y-%m-%dT%H:%M:%S}.000Z"


@dataclass
class Invoice:
    """Times are ISO in UTC; amounts are strings of decimals."""

    external_id: str
    amount: str
    expires_at: str
    success_url: str = ""
    failure_url: str = ""
    payer: str = ""
    email: str = ""
    description: str = ""
    id: str = field(default_factory=object_id)
    status: str = "PENDING"
    made_at: str = field(default_factory=lambda: now().isoformat())
    updated_at: str = field(default_factory=lambda: now().isoformat())
    channel: str = ""
    paid_amount: str = ""
    paid_at: str = ""
    payment_id: str = ""

    @property
    def is_open(self) -> bool:
        return self.status == "PENDING"

    @property
    def is_due(self) -> bool:
        return self.is_open and moment(self.expires_at) <= now()

    @property
    def method(self) -> str:
        return CHANNELS.get(self.channel, "")


@dataclass
class Account:
    """A virtual account. ``payments`` has a row for each time money came in."""

    external_id: str
    bank_code: str
    name: str
    amount: str
    expires_at: str
    account_number: str
    is_closed: bool = True
    is_single_use: bool = True
    id: str = field(default_factory=object_id)
    status: str = "ACTIVE"
    made_at: str = field(default_factory=lambda: now().isoformat())
    payments: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status == "ACTIVE"

    @property
    def is_due(self) -> bool:
        return self.is_open and moment(self.expires_at) <= now()


def free_number(bank_code: str, taken: Collection[str]) -> str:
    while True:
        found = BANKS[bank_code] + "".join(random.choices("0123456789", k=10))
        if found not in taken:
            return found


def written_invoice(invoice: Invoice, address: str) -> dict[str, Any]:
    """An answer's body."""
    return _common(invoice) | {
        "invoice_url": f"{address}/xendit/web/{invoice.id}",
        "expiry_date": iso(invoice.expires_at),
        "available_banks": [{"bank_code": code, "collection_type": "POOL"} for code in BANKS],
        "available_ewallets": [{"ewallet_type": "DANA"}],
        "available_qr_codes": [{"qr_code_type": "QRIS"}],
        "available_retail_outlets": [],
        "should_exclude_credit_card": False,
        "should_send_email": False,
    }


def told_invoice(invoice: Invoice) -> dict[str, Any]:
    """A callback's body."""
    return _common(invoice) | {"is_high": False}


def _common(invoice: Invoice) -> dict[str, Any]:
    body = {
        "id": invoice.id,
        "external_id": invoice.external_id,
        "user_id": OWNER,
        "status": invoice.status,
        "merchant_name": MERCHANT_NAME,
        "amount": number(invoice.amount),
        "payer_email": invoice.email,
        "description": invoice.description,
        "currency": "IDR",
        "success_redirect_url": invoice.success_url,
        "failure_redirect_url": invoice.failure_url,
        "created": iso(invoice.made_at),
        "updated": iso(invoice.updated_at),
    }
    if invoice.paid_at:
        body |= {
            "paid_amount": number(invoice.paid_amount),
            "paid_at": iso(invoice.paid_at),
            "payment_id": invoice.payment_id,
            "payment_method": invoice.method,
            "payment_channel": invoice.channel,
        }
        if invoice.method == "BANK_TRANSFER":
            body["bank_code"] = invoice.channel
    return body


def written_account(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "owner_id": OWNER,
        "external_id": account.external_id,
        "bank_code": account.bank_code,
        "merchant_code": BANKS[account.bank_code],
        "name": account.name,
        "account_number": account.account_number,
        "expected_amount": number(account.amount),
        "is_closed": account.is_closed,
        "is_single_use": account.is_single_use,
        "expiration_date": iso(account.expires_at),
        "status": account.status,
        "currency": "IDR",
        "country": "ID",
    }


def written_payment(account: Account, payment: dict[str, str]) -> dict[str, Any]:
    """Money that came in by virtual account: an answer's body, and a callback's but for its ``created`` and ``updated``."""
    return {
        "id": payment["id"],
        "payment_id": payment["payment_id"],
        "callback_virtual_account_id": account.id,
        "external_id": account.external_id,
        "merchant_code": BANKS[account.bank_code],
        "account_number": account.account_number,
        "bank_code": account.bank_code,
        "amount": number(payment["amount"]),
        "currency": "IDR",
        "transaction_timestamp": iso(payment["at"]),
        "sender_name": account.name,
    }


def written_transaction(
    product_id: str, category: str, channel: str, reference: str, account: str, amount: str, at: str
) -> dict[str, Any]:
    """A line of the list of everything that moved money in."""
    return {
        "id": f"txn_{product_id}",
        "product_id": product_id,
        "type": "PAYMENT",
        "status": "SUCCESS",
        "channel_category": category,
        "channel_code": channel,
        "reference_id": reference,
        "account_identifier": account,
        "currency": "IDR",
        "amount": number(amount),
        "net_amount": number(amount),
        "cashflow": "MONEY_IN",
        "business_id": OWNER,
        "created": iso(at),
        "updated": iso(at),
    }


def written_refund(invoice: Invoice, amount: Decimal, reference: str, reason: str) -> dict[str, Any]:
    at = iso(now().isoformat())
    return {
        "id": f"rfd-{uuid.uuid4()}",
        "payment_id": invoice.payment_id,
        "invoice_id": invoice.id,
        "amount": number(amount),
        "payment_method_type": invoice.method,
        "channel_code": invoice.channel,
        "currency": "IDR",
        "status": "SUCCEEDED",
        "reason": reason,
        "reference_id": reference,
        "failure_code": None,
        "refund_fee_amount": None,
        "created": at,
        "updated": at,
        "metadata": None,
    }
