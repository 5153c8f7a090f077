"""Midtrans' Core API (https://docs.midtrans.com/reference) for virtual accounts, and its notifications.

Core API answers HTTP 200 nearly always; what happened stands in the body's ``status_code``. Stricter than Midtrans in one
point: an order id is never free again, where theirs is after an expiry.
"""

import uuid
from decimal import Decimal
from typing import Any

from tests.providers.notices import Notification
from tests.providers.provider import Provider, dispatch, now
from tests.providers.transactions import (
    CAN_GIVE_BACK,
    REFUNDABLE,
    SERVER_KEY,
    Transaction,
    code,
    complaints,
    end_of_life,
    free_number,
    in_midtrans_names,
    signed,
    written,
)
from tests.providers.web import Answer, Request

BANKS = {"bca", "bni", "bri", "permata"}


class Core(Provider):
    name = "midtrans"

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.transactions: dict[str, Transaction] = {}

    # The shop asks

    def handle(self, request: Request) -> Answer:
        if request.user() != SERVER_KEY:
            return _no("401", "Transaction cannot be authorized with the current client/server key.", status=401)
        return dispatch(self, _ROUTES, request) or _no("404", "The requested resource is not found")

    def _charge(self, request: Request) -> Answer:
        asked = request.json()
        wrong = complaints(asked)
        try:
            expires_at = end_of_life(asked.get("custom_expiry") or {}, "order_time", "expiry_duration")
        except ValueError:
            wrong.append("custom_expiry is invalid")
        if wrong:
            return _no("400", "One or more parameters in the payload is invalid.", validation_messages=wrong)
        kind = asked.get("payment_type")
        bank = "mandiri" if kind == "echannel" else (asked.get("bank_transfer") or {}).get("bank")
        if (kind, bank) != ("echannel", "mandiri") and (kind != "bank_transfer" or bank not in BANKS):
            return _no("402", "Payment channel is not activated.")
        details = asked["transaction_details"]
        if self.is_known(details["order_id"]):
            return _no(
                "406",
                "The request could not be completed due to a conflict with the current state of the resource",
            )
        made = Transaction(
            order_id=details["order_id"],
            amount=f"{details['gross_amount']}.00",
            payment_type=kind,
            expires_at=expires_at.isoformat(),
            bank=bank,
            number=free_number(bank, {kept.number for kept in self.transactions.values()}),
            payer=(asked.get("customer_details") or {}).get("first_name", ""),
        )
        self.open(made)
        return Answer.json(written(made, "201", "Success, Bank Transfer transaction is created"))

    def _status(self, request: Request, key: str) -> Answer:
        found = self.find(key)
        if found is None:
            return _missing()
        said = written(
            found, "407" if found.status == "expire" else code(found.status), "Success, transaction is found"
        )
        return Answer.json(signed(said | in_midtrans_names(self.switches.wrong_status)))

    def _cancel(self, request: Request, key: str) -> Answer:
        return self._end(key, "cancel", "200", "Success, transaction is canceled", {"pending", "capture"})

    def _expire(self, request: Request, key: str) -> Answer:
        return self._end(key, "expire", "407", "Success, transaction has expired", {"pending"})

    def _end(self, key: str, status: str, status_code: str, said: str, sources: set[str]) -> Answer:
        found = self.find(key)
        if found is None:
            return _missing()
        if found.status not in sources:
            return _unchangeable()
        self.change(found, status)
        return Answer.json(written(found, status_code, said))

    def _refund(self, request: Request, key: str) -> Answer:
        """The same ``refund_key`` again gives nothing back a second time, and is answered as the first was."""
        found = self.find(key)
        if found is None:
            return _missing()
        asked = request.json()
        refund_key = asked.get("refund_key") or f"refund-{len(found.refunds) + 1}"
        if found.refund_of(refund_key) is None:
            amount = Decimal(str(asked.get("amount") or found.left))
            if (
                found.payment_type not in REFUNDABLE
                or found.status not in CAN_GIVE_BACK
                or not 0 < amount <= found.left
            ):
                return _unchangeable()
            self._give_back(found, refund_key, amount, asked.get("reason") or "")
        refund = found.refund_of(refund_key)
        said = written(found, "200", "Success, refund request is approved")
        said |= {"refund_key": refund_key, "refund_amount": refund["amount"]}
        return Answer.json(said | {"refund_chargeback_id": found.refunds.index(refund) + 1})

    # What happens at the provider: for tests, each of these tells the shop

    def pay(self, order_id: str, amount: Decimal | int | None = None) -> None:
        """Money comes in, this or another amount, whatever the state: late money comes too."""
        with self.lock:
            self.settle(self.sure(order_id), amount)
        self.tell()

    def expire(self, order_id: str) -> None:
        self._happen(order_id, "expire")

    def deny(self, order_id: str) -> None:
        self._happen(order_id, "deny")

    def cancel(self, order_id: str) -> None:
        self._happen(order_id, "cancel")

    def refund(self, order_id: str, amount: Decimal | int | None = None) -> None:
        """Staff give money back in the provider's dashboard; the whole rest where no amount is said."""
        with self.lock:
            found = self.sure(order_id)
            back = found.left if amount is None else Decimal(amount)
            self._give_back(found, f"dashboard-{uuid.uuid4().hex[:8]}", back, "")
        self.tell()

    def notification(self, order_id: str, **fields: Any) -> tuple[bytes, dict[str, str]]:
        """``(body, headers)`` of a notification, any fields replaced; signed afterwards, unless with ``signature_key``."""
        with self.lock:
            prepared = self._notification(self.sure(order_id), **fields)
        return prepared.body, dict(prepared.headers)

    # For this and for the pages, under the lock

    def find(self, key: str) -> Transaction | None:
        """By order id or transaction id; expired by now, if its time has come."""
        by_id = (kept for kept in self.transactions.values() if kept.transaction_id == key)
        found = self.transactions.get(key) or next(by_id, None)
        if found is not None and found.is_due:
            self.change(found, "expire")
        return found

    def sure(self, order_id: str) -> Transaction:
        """Raises ``KeyError`` for an order without a transaction, as at Snap before somebody chose how to pay."""
        found = self.find(order_id)
        if found is None:
            raise KeyError(f"Midtrans knows no transaction of order {order_id!r}.")
        return found

    def by_number(self, number: str) -> Transaction | None:
        """The virtual account or Mandiri bill of this number."""
        owner = next((kept for kept in self.transactions.values() if number and kept.number == number), None)
        return owner and self.find(owner.order_id)

    def is_known(self, order_id: str) -> bool:
        return order_id in self.transactions

    def open(self, made: Transaction) -> None:
        self.transactions[made.order_id] = made
        self.change(made, "pending")

    def settle(self, found: Transaction, amount: Decimal | int | None = None) -> None:
        """A card is captured first and settles when it is paid once more; everything else settles at once."""
        if amount is not None:
            found.amount = f"{Decimal(amount):.2f}"
        found.paid_at = now().isoformat()
        if self.switches.notify == "reordered":
            self.notices.add(self._notification(found, transaction_status="expire"))
        is_first = found.payment_type == "credit_card" and found.status != "capture"
        self.change(found, "capture" if is_first else "settlement")

    def change(self, found: Transaction, status: str) -> None:
        """Put a transaction into a state and prepare what the shop is told of it."""
        found.status = status
        self.is_changed = True
        self.notices.add(self._notification(found, **in_midtrans_names(self.switches.wrong_notification)))

    def expire_due(self) -> None:
        with self.lock:
            for order_id in list(self.transactions):
                self.find(order_id)

    def _happen(self, order_id: str, status: str) -> None:
        with self.lock:
            self.change(self.sure(order_id), status)
        self.tell()

    def _give_back(self, found: Transaction, key: str, amount: Decimal, reason: str) -> None:
        found.refunds.append({"key": key, "amount": f"{amount:.2f}", "reason": reason, "at": now().isoformat()})
        self.change(found, "partial_refund" if found.left > 0 else "refund")

    def _notification(self, found: Transaction, **fields: Any) -> Notification:
        status = fields.get("transaction_status", found.status)
        body = written(found, code(status), "midtrans payment notification") | fields
        if "signature_key" not in fields:
            body = signed(body)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return Notification(status, Answer.json(body).body, headers)


_ROUTES = (
    ("POST", r"/v2/charge", "_charge"),
    ("GET", r"/v2/([^/]+)/status", "_status"),
    ("POST", r"/v2/([^/]+)/cancel", "_cancel"),
    ("POST", r"/v2/([^/]+)/expire", "_expire"),
    ("POST", r"/v2/([^/]+)/refund(?:/online/direct)?", "_refund"),
)


def _missing() -> Answer:
    return _no("404", "Transaction doesn't exist.")


def _unchangeable() -> Answer:
    return _no("412", "Merchant cannot modify the status of the transaction")


def _no(status_code: str, said: str, *, status: int = 200, **more: Any) -> Answer:
    return Answer.json({"status_code": status_code, "status_message": said, "id": str(uuid.uuid4())} | more, status)
