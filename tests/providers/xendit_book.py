"""What happens at Xendit: money comes in and goes back, invoices end, and the shop is told of it by callbacks."""

import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from tests.providers.notices import Notification
from tests.providers.provider import Provider, now
from tests.providers.web import Answer
from tests.providers.xendit_records import (
    OWNER,
    Account,
    Invoice,
    iso,
    object_id,
    told_invoice,
    written_payment,
    written_refund,
)

CALLBACK_TOKEN = "simulator-callback-token"
OF_INVOICES = ("amount", "paid_amount", "currency", "status")


class Book(Provider):
    name = "xendit"

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.invoices: dict[str, Invoice] = {}
        self.accounts: dict[str, Account] = {}
        self.refunds: list[dict[str, Any]] = []
        # What was answered to an idempotency key.
        self.answers: dict[str, Any] = {}

    # For tests: each of these tells the shop. A reference is an id, or an external id, which then means the newest

    def pay(self, reference: str, amount: Decimal | int | None = None, channel: str = "CREDIT_CARD") -> None:
        """Money comes in, this or another amount, whatever the state; for an invoice by a channel of its page."""
        with self.lock:
            found = self.sure(reference)
            if isinstance(found, Invoice):
                self.pay_invoice(found, channel, amount)
            else:
                self.pay_account(found, amount)
        self.tell()

    def expire(self, reference: str) -> None:
        """Of a virtual account's end Xendit says nothing."""
        with self.lock:
            self.end(self.sure(reference))
        self.tell()

    def refund(self, reference: str, amount: Decimal | int | None = None) -> None:
        """Staff give money of an invoice back in the provider's dashboard; the whole rest where no amount is said."""
        with self.lock:
            found = self.sure(reference)
            self.give_back(found, self.left(found) if amount is None else Decimal(amount), "", "OTHERS")
        self.tell()

    def notification(self, reference: str, **fields: Any) -> tuple[bytes, dict[str, str]]:
        """``(body, headers)`` of a callback with any fields replaced; its token stands in the headers.

        Of a virtual account its last payment, or one of the expected amount that nobody made.
        """
        with self.lock:
            found = self.sure(reference)
            if isinstance(found, Invoice):
                body = told_invoice(found)
            else:
                body = written_payment(found, found.payments[-1] if found.payments else _payment(found.amount))
            prepared = _notification(str(fields.get("status", "")), body | fields)
        return prepared.body, dict(prepared.headers)

    # For this and for the pages, under the lock

    def sure(self, reference: str) -> Invoice | Account:
        """Raises ``KeyError``."""
        found = self.invoice(reference) or self.account(reference)
        for kept in [*self.invoices.values(), *self.accounts.values()]:
            if kept.external_id == reference:
                found = self.invoice(kept.id) or self.account(kept.id)
        if found is None:
            raise KeyError(f"Xendit knows nothing under {reference!r}.")
        return found

    def by_number(self, account_number: str) -> Account | None:
        owner = next((kept for kept in self.accounts.values() if kept.account_number == account_number), None)
        return owner and self.account(owner.id)

    def pay_invoice(self, found: Invoice, channel: str, amount: Decimal | int | None = None) -> None:
        if self.switches.notify == "reordered":
            self._tell_invoice(found, status="EXPIRED")
        found.status, found.channel = "PAID", channel
        found.paid_amount = str(found.amount if amount is None else Decimal(amount))
        found.paid_at = found.updated_at = now().isoformat()
        found.payment_id = object_id()
        self._tell_invoice(found)

    def pay_account(self, found: Account, amount: Decimal | int | None = None) -> None:
        payment = _payment(str(found.amount if amount is None else Decimal(amount)))
        found.payments.append(payment)
        if found.is_single_use:
            found.status = "INACTIVE"
        self.is_changed = True
        at = {"created": iso(payment["at"]), "updated": iso(payment["at"]), "owner_id": OWNER}
        wrong = wrongly(self.switches.wrong_notification, "amount", "currency")
        self.notices.add(_notification("payment", written_payment(found, payment) | at | wrong))

    def end(self, found: Invoice | Account) -> None:
        self.is_changed = True
        if isinstance(found, Account):
            found.status = "INACTIVE"
        else:
            found.status, found.updated_at = "EXPIRED", now().isoformat()
            self._tell_invoice(found)

    def left(self, found: Invoice) -> Decimal:
        """What of an invoice's payment was not given back."""
        back = (Decimal(str(kept["amount"])) for kept in self.refunds if kept["invoice_id"] == found.id)
        return Decimal(found.paid_amount) - sum(back, Decimal(0))

    def expire_due(self) -> None:
        with self.lock:
            for key in list(self.invoices):
                self.invoice(key)
            for key in list(self.accounts):
                self.account(key)

    def state(self) -> dict[str, Any]:
        return {
            "invoices": [asdict(kept) for kept in self.invoices.values()],
            "accounts": [asdict(kept) for kept in self.accounts.values()],
            "refunds": self.refunds,
            "answers": self.answers,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.invoices = {kept["id"]: Invoice(**kept) for kept in state["invoices"]}
        self.accounts = {kept["id"]: Account(**kept) for kept in state["accounts"]}
        self.refunds, self.answers = state["refunds"], state["answers"]

    def invoice(self, key: str) -> Invoice | None:
        """Expired by now, if its time has come; an account's the same."""
        found = self.invoices.get(key)
        if found is not None and found.is_due:
            self.end(found)
        return found

    def account(self, key: str) -> Account | None:
        found = self.accounts.get(key)
        if found is not None and found.is_due:
            self.end(found)
        return found

    def _tell_invoice(self, found: Invoice, **fields: Any) -> None:
        self.is_changed = True
        body = told_invoice(found) | wrongly(self.switches.wrong_notification, *OF_INVOICES) | fields
        self.notices.add(_notification(body["status"], body))

    def give_back(self, found: Invoice, amount: Decimal, reference: str, reason: str) -> dict[str, Any]:
        made = written_refund(found, amount, reference, reason)
        self.refunds.append(made)
        self.is_changed = True
        event = {"event": "refund.succeeded", "business_id": OWNER, "created": made["created"], "data": made}
        self.notices.add(_notification("refund.succeeded", event))
        return made


def wrongly(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """What a switch says wrongly, under those fields of a body; a paid amount is an amount."""
    return {name: said[key] for name in names if (key := name.removeprefix("paid_")) in said}


def _payment(amount: str) -> dict[str, str]:
    return {"id": object_id(), "payment_id": object_id(), "amount": amount, "at": now().isoformat()}


def _notification(event: str, body: dict[str, Any]) -> Notification:
    headers = {"Content-Type": "application/json", "x-callback-token": CALLBACK_TOKEN, "webhook-id": str(uuid.uuid4())}
    return Notification(event, Answer.json(body).body, headers)
