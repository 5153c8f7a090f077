"""Midtrans whole: Core API, and Snap, where a person chooses on a page how to pay an order.

Before that choice Core API knows nothing of the order, and answers 404 to the question how it stands.
"""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.providers.core import Core
from tests.providers.provider import moment, now
from tests.providers.transactions import SERVER_KEY, Transaction, code, complaints, end_of_life
from tests.providers.web import Answer, Request

METHODS = ("credit_card", "gopay", "qris")


@dataclass
class Session:
    """An order that waits on Snap's page."""

    order_id: str
    amount: int
    expires_at: str
    finish: str = ""
    payer: str = ""
    items: list[str] = field(default_factory=list)
    token: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def is_over(self) -> bool:
        return moment(self.expires_at) <= now()


class Midtrans(Core):
    def __init__(self, *, address: str, **arguments: Any) -> None:
        """``address``: under which people's browsers find the fake."""
        super().__init__(**arguments)
        self.sessions: dict[str, Session] = {}
        self._address = address

    def handle(self, request: Request) -> Answer:
        if not request.path.startswith("/snap/"):
            return super().handle(request)
        if request.user() != SERVER_KEY:
            return _no("Access denied due to unauthorized transaction, please check client or server key", status=401)
        if (request.method, request.path) != ("POST", "/snap/v1/transactions"):
            return _no("The requested resource is not found", status=404)
        return self._begin(request.json())

    def _begin(self, asked: dict[str, Any]) -> Answer:
        wrong = complaints(asked)
        try:
            expires_at = end_of_life(asked.get("expiry") or {}, "start_time", "duration")
        except ValueError:
            wrong.append("expiry is invalid")
        if wrong:
            return _no(*wrong)
        details = asked["transaction_details"]
        if self.is_known(details["order_id"]):
            return _no("transaction_details.order_id sudah digunakan")
        made = Session(
            order_id=details["order_id"],
            amount=details["gross_amount"],
            expires_at=expires_at.isoformat(),
            finish=(asked.get("callbacks") or {}).get("finish", ""),
            payer=(asked.get("customer_details") or {}).get("first_name", ""),
            items=[item["name"] for item in asked.get("item_details") or []],
        )
        self.sessions[made.token] = made
        return Answer.json({"token": made.token, "redirect_url": self.page_of(made)}, 201)

    def page_of(self, session: Session) -> str:
        return f"{self._address}/snap/v4/redirection/{session.token}"

    def choose_for(self, order_id: str, method: str) -> Transaction:
        """For tests: somebody chooses on the page how to pay this order."""
        with self.lock:
            session = next(kept for kept in self.sessions.values() if kept.order_id == order_id)
            return self.choose(session, method)

    def choose(self, session: Session, method: str) -> Transaction:
        """A person chooses how to pay. After a refusal they choose again: a new transaction of the same order."""
        found = self.find(session.order_id)
        if found is None or found.status == "deny":
            found = Transaction(
                order_id=session.order_id,
                amount=f"{session.amount}.00",
                payment_type=method,
                expires_at=session.expires_at,
                payer=session.payer,
            )
            self.open(found)
        return found

    def back_to_the_shop(self, session: Session) -> str:
        """Where the page leads when the person is done; empty: the shop named no address."""
        found = self.find(session.order_id)
        if not session.finish or found is None:
            return session.finish
        said = {"order_id": found.order_id, "status_code": code(found.status), "transaction_status": found.status}
        return f"{session.finish}{'&' if '?' in session.finish else '?'}{urlencode(said)}"

    def is_known(self, order_id: str) -> bool:
        return super().is_known(order_id) or any(kept.order_id == order_id for kept in self.sessions.values())

    def state(self) -> dict[str, Any]:
        return {
            "transactions": [asdict(kept) for kept in self.transactions.values()],
            "sessions": [asdict(kept) for kept in self.sessions.values()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.transactions = {kept["order_id"]: Transaction(**kept) for kept in state["transactions"]}
        self.sessions = {kept["token"]: Session(**kept) for kept in state["sessions"]}


def _no(*said: str, status: int = 400) -> Answer:
    return Answer.json({"error_messages": list(said)}, status)
