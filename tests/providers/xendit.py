"""Xendit's invoices, fixed virtual accounts, transactions and refunds (https://docs.xendit.co/apidocs), and its callbacks.

As at Xendit an ``external_id`` may be used again and again; only an idempotency key keeps a repeated request from making a
second object, for a virtual account and a refund.
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.providers.provider import dispatch, moment, now
from tests.providers.web import Answer, Request
from tests.providers.xendit_book import OF_INVOICES, Book, wrongly
from tests.providers.xendit_records import (
    BANKS,
    Account,
    Invoice,
    free_number,
    number,
    written_account,
    written_invoice,
    written_payment,
    written_transaction,
)

SECRET_KEY = "xnd_development_simulator"
INVOICE_SECONDS = 24 * 3600
# A virtual account without an expiration date lives so long.
ACCOUNT_YEARS = timedelta(days=31 * 365)
REASONS = {"FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS"}


class Xendit(Book):
    def __init__(self, *, address: str, **arguments: Any) -> None:
        """``address``: under which people's browsers find the fake."""
        super().__init__(**arguments)
        self._address = address

    # The shop asks

    def handle(self, request: Request) -> Answer:
        if request.user() != SECRET_KEY:
            return _no(401, "INVALID_API_KEY", "API key is not authorized for this API service")
        said = request.headers.get("idempotency-key") or request.headers.get("x-idempotency-key") or ""
        key = said and f"{request.path} {said}"
        if key in self.answers:
            return Answer.json(self.answers[key])
        answer = dispatch(self, _ROUTES, request) or _no(404, "NOT_FOUND", "The requested resource was not found")
        if key and request.method == "POST" and answer.status == 200:
            self.answers[key] = json.loads(answer.body)
        return answer

    def _make_invoice(self, request: Request) -> Answer:
        asked = request.json()
        amount = _amount(asked.get("amount"))
        if not asked.get("external_id") or amount is None:
            return _invalid("external_id and an amount above 0 are required")
        customer = asked.get("customer") or {}
        made = Invoice(
            external_id=asked["external_id"],
            amount=str(amount),
            expires_at=(now() + timedelta(seconds=float(asked.get("invoice_duration") or INVOICE_SECONDS))).isoformat(),
            success_url=asked.get("success_redirect_url", ""),
            failure_url=asked.get("failure_redirect_url", ""),
            payer=customer.get("given_names", ""),
            email=asked.get("payer_email") or customer.get("email", ""),
            description=asked.get("description", ""),
        )
        self.invoices[made.id] = made
        return self._invoice_answer(made)

    def _get_invoice(self, request: Request, key: str) -> Answer:
        found = self.invoice(key)
        return self._invoice_answer(found) if found else _no_invoice()

    def _list_invoices(self, request: Request) -> Answer:
        asked = request.query.get("external_id")
        found = [self.invoice(key) for key, kept in self.invoices.items() if asked in {None, kept.external_id}]
        return Answer.json([self._written(invoice) for invoice in reversed(found)])

    def _expire_invoice(self, request: Request, key: str) -> Answer:
        found = self.invoice(key)
        if found is None:
            return _no_invoice()
        if found.status in {"PAID", "SETTLED"}:
            return _no(400, "INVALID_STATUS_ERROR", "Invoice is already paid and cannot be expired")
        if found.is_open:
            self.end(found)
        return self._invoice_answer(found)

    def _make_account(self, request: Request) -> Answer:
        asked = request.json()
        amount = _amount(asked.get("expected_amount"))
        bank = asked.get("bank_code")
        if not asked.get("external_id") or not asked.get("name") or (asked.get("is_closed") and amount is None):
            return _invalid("external_id, bank_code and name are required, and expected_amount where is_closed")
        if bank not in BANKS:
            return _no(400, "BANK_NOT_SUPPORTED_ERROR", f"Bank code {bank} is not supported")
        try:
            expires_at = _end(asked) or now() + ACCOUNT_YEARS
        except ValueError:
            return _no(400, "EXPIRATION_DATE_INVALID_ERROR", "Expiration date is invalid")
        made = Account(
            external_id=asked["external_id"],
            bank_code=bank,
            name=asked["name"],
            amount=str(amount or 0),
            expires_at=expires_at.isoformat(),
            account_number=free_number(bank, {kept.account_number for kept in self.accounts.values()}),
            is_closed=bool(asked.get("is_closed")),
            is_single_use=bool(asked.get("is_single_use")),
        )
        self.accounts[made.id] = made
        # It can be paid at once, but Xendit says so only when it is asked again.
        return Answer.json(written_account(made) | {"status": "PENDING"})

    def _get_account(self, request: Request, key: str) -> Answer:
        found = self.account(key)
        if found is None:
            return _no_account()
        return Answer.json(written_account(found) | wrongly(self.switches.wrong_status, "status"))

    def _change_account(self, request: Request, key: str) -> Answer:
        found = self.account(key)
        if found is None:
            return _no_account()
        if not found.is_open:
            return _no(400, "INACTIVE_VIRTUAL_ACCOUNT_ERROR", "The virtual account is inactive and cannot be updated")
        asked = request.json()
        try:
            expires_at = _end(asked) or moment(found.expires_at)
        except ValueError:
            return _no(400, "EXPIRATION_DATE_INVALID_ERROR", "Expiration date is invalid")
        found.expires_at = expires_at.isoformat()
        found.amount = str(_amount(asked.get("expected_amount")) or found.amount)
        found.is_single_use = bool(asked.get("is_single_use", found.is_single_use))
        return Answer.json(written_account(self.account(key)))

    def _get_payment(self, request: Request, payment_id: str) -> Answer:
        for account in self.accounts.values():
            for payment in account.payments:
                if payment["payment_id"] == payment_id:
                    body = written_payment(account, payment)
                    return Answer.json(body | wrongly(self.switches.wrong_status, "amount", "currency"))
        return _no(404, "CALLBACK_VIRTUAL_ACCOUNT_PAYMENT_NOT_FOUND_ERROR", "Could not find the payment")

    def _list_transactions(self, request: Request) -> Answer:
        """Filtered as Xendit does: the reference by a part of it, the product's and account's ids whole."""
        lines = [
            written_transaction(
                kept.payment_id, "INVOICE", kept.channel, kept.external_id, kept.id, kept.paid_amount, kept.paid_at
            )
            for kept in self.invoices.values()
            if kept.paid_at
        ]
        for kept in self.accounts.values():
            lines += [
                written_transaction(
                    payment["id"], "VIRTUAL_ACCOUNT", kept.bank_code, kept.external_id, kept.account_number,
                    payment["amount"], payment["at"],
                )
                for payment in kept.payments
            ]  # fmt: skip
        asked = request.query
        found = [
            line | wrongly(self.switches.wrong_status, "amount", "currency", "status")
            for line in lines
            if asked.get("reference_id", "") in line["reference_id"]
            and asked.get("product_id") in {None, line["product_id"]}
            and asked.get("account_identifier") in {None, line["account_identifier"]}
        ]
        return Answer.json({"has_more": False, "data": found[::-1], "links": []})

    def _make_refund(self, request: Request) -> Answer:
        asked = request.json()
        found = self.invoice(asked.get("invoice_id", ""))
        if found is None:
            return _no(404, "DATA_NOT_FOUND", "The payment to refund could not be found")
        if not found.paid_at:
            return _no(403, "INELIGIBLE_TRANSACTION", "The transaction is not paid")
        if found.method == "BANK_TRANSFER":
            return _no(400, "REFUND_NOT_SUPPORTED", "Refunds are not supported for this channel")
        if asked.get("reason") not in REASONS:
            return _invalid(f"reason must be one of {', '.join(sorted(REASONS))}")
        amount = _amount(asked.get("amount", number(self.left(found))))
        if amount is None or amount > self.left(found):
            return _no(400, "MAXIMUM_REFUND_AMOUNT_REACHED", "The amount exceeds what is left of the payment")
        return Answer.json(self.give_back(found, amount, asked.get("reference_id", ""), asked["reason"]))

    def _list_refunds(self, request: Request) -> Answer:
        asked = request.query.get("invoice_id")
        return Answer.json(
            {"data": [kept for kept in self.refunds if asked in {None, kept["invoice_id"]}], "has_more": False}
        )

    def _get_refund(self, request: Request, key: str) -> Answer:
        found = next((kept for kept in self.refunds if kept["id"] == key), None)
        return Answer.json(found) if found else _no(404, "DATA_NOT_FOUND", "The refund could not be found")

    def _written(self, found: Invoice) -> dict[str, Any]:
        return written_invoice(found, self._address) | wrongly(self.switches.wrong_status, *OF_INVOICES)

    def _invoice_answer(self, found: Invoice) -> Answer:
        return Answer.json(self._written(found))


_ROUTES = (
    ("POST", r"/v2/invoices/?", "_make_invoice"),
    ("GET", r"/v2/invoices/?", "_list_invoices"),
    ("GET", r"/v2/invoices/([^/]+)", "_get_invoice"),
    ("POST", r"/invoices/([^/]+)/expire!", "_expire_invoice"),
    ("POST", r"/callback_virtual_accounts", "_make_account"),
    ("GET", r"/callback_virtual_accounts/([^/]+)", "_get_account"),
    ("PATCH", r"/callback_virtual_accounts/([^/]+)", "_change_account"),
    ("GET", r"/callback_virtual_account_payments/payment_id=([^/]+)", "_get_payment"),
    ("GET", r"/transactions", "_list_transactions"),
    ("POST", r"/refunds", "_make_refund"),
    ("GET", r"/refunds", "_list_refunds"),
    ("GET", r"/refunds/([^/]+)", "_get_refund"),
)


def _amount(asked: object) -> Decimal | None:
    """A number above 0; ``None`` for everything else."""
    try:
        found = Decimal(str(asked))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found > 0 and not isinstance(asked, str) else None


def _end(asked: dict[str, Any]) -> datetime | None:
    """Raises ``ValueError`` for a time that names no zone, too."""
    if not asked.get("expiration_date"):
        return None
    found = moment(asked["expiration_date"])
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found


def _no_invoice() -> Answer:
    return _no(404, "INVOICE_NOT_FOUND_ERROR", "Could not find invoice by id")


def _no_account() -> Answer:
    return _no(404, "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR", "Could not find callback virtual account")


def _invalid(said: str) -> Answer:
    return _no(400, "API_VALIDATION_ERROR", said, errors=[{"message": said}])


def _no(status: int, error_code: str, said: str, **more: Any) -> Answer:
    return Answer.json({"error_code": error_code, "message": said} | more, status)
