"""A provider that lives in the test: it says what it is told to say, and remembers what it was asked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from billing.gateways.base import BadSignature, Channel, Gateway, Notice, Provider, Report, Started, State, Unreadable
from billing.models import Invoice, PaymentAttempt, PaymentMethod
from tests import factories
from tests.billing.shop import place

TOKEN = b"sealed:"


class PretendProvider(Provider):
    """A webhook is ``sealed:<order id>:<event>``, with an amount after it where it claims one."""

    code = "pretend"
    name = "Pretend"

    def is_configured(self) -> bool:
        return True

    def is_sandbox(self) -> bool:
        return True

    def settings_wanted(self) -> tuple[str, ...]:
        return ()

    def read_webhook(self, body, headers) -> Notice:
        if not body.startswith(TOKEN):
            raise BadSignature
        parts = body.removeprefix(TOKEN).decode().split(":")
        if len(parts) < 2:
            raise Unreadable("event")
        amount = Decimal(parts[2]) if len(parts) > 2 else None
        return Notice(order_id=parts[0], event=parts[1], amount=amount, currency="IDR" if amount else "")


class PretendPage(Gateway):
    code = "pretend_page"
    name = "Pretend page"
    provider = "pretend"
    supports_refund = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        # What the next calls raise, by kind.
        self.raises: dict[str, list[Exception]] = {}
        # What the provider says of every attempt; ``None``: it waits.
        self.says: Report | None = None
        # What was sent back, by the key of each refund.
        self.sent_back: dict[str, Decimal] = {}

    def start(self, attempt, wire) -> Started:
        self._note("start", attempt)
        return Started(f"p-{attempt.pk}", attempt.expires_at, redirect_url=f"https://pay.example/{attempt.order_id}")

    def status(self, attempt, wire) -> Report:
        self._note("status", attempt)
        return self.says or Report(State.PENDING, attempt.amount, attempt.currency)

    def expire(self, attempt, wire) -> None:
        self._note("expire", attempt)

    def refund(self, attempt, amount, *, key, reason, wire) -> str:
        """The same key again sends nothing a second time; what was sent is told from then on, as of a paid attempt."""
        self._note("refund", attempt)
        self.sent_back.setdefault(key, amount)
        self.tells_of_refunds(attempt)
        return f"r-{key}"

    def tells_of_refunds(self, attempt) -> None:
        back = sum(self.sent_back.values(), Decimal(0))
        self.says = replace(self.says, state=State.REFUNDED, refunded=back)

    def _note(self, kind: str, attempt: PaymentAttempt) -> None:
        self.asked.append((kind, attempt.order_id))
        waiting = self.raises.get(kind)
        if waiting:
            raise waiting.pop(0)

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _order_id in self.asked]

    def pays(self, attempt: PaymentAttempt, *, transaction: str = "t-1", **fields) -> None:
        facts = {"amount": attempt.amount, "currency": attempt.currency, "channel": "gopay", "paid_at": timezone.now()}
        self.says = Report(State.PAID, transaction_id=transaction, **{**facts, **fields})

    def reports(self, state: State, attempt: PaymentAttempt, **fields) -> None:
        self.says = Report(state, attempt.amount, attempt.currency, **fields)


class PretendAccount(PretendPage):
    code = "pretend_va"
    name = "Pretend virtual account"
    channels = (Channel("bca", "BCA"), Channel("mandiri", "Mandiri"))

    def start(self, attempt, wire) -> Started:
        self._note("start", attempt)
        facts = {"bank": "BCA", "number": "70012345678901"}
        if attempt.channel == "mandiri":
            facts = {"bank": "Mandiri", "biller_code": "70012", "number": "987654321098"}
        return Started(f"va-{attempt.pk}", attempt.expires_at, facts=facts)


def method_of(gateway: Gateway, **fields) -> PaymentMethod:
    return PaymentMethod.objects.create(gateway=gateway.code, name_id=str(gateway.name), **fields)


def invoice_by(gateway: Gateway, customer, **fields) -> Invoice:
    """An unpaid invoice of 100.000 that is to be paid by the gateway; its attempt, if it got one, is not begun yet."""
    return place(customer, factories.product(), method=method_of(gateway), **fields).invoice


def let_time_pass(attempt: PaymentAttempt, **span) -> None:
    """As if the attempt had been made that much earlier."""
    back = timedelta(**span)
    attempt.refresh_from_db()
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        due_at=attempt.due_at - back,
        expires_at=attempt.expires_at - back,
        claimed_at=attempt.claimed_at and attempt.claimed_at - back,
    )
    attempt.refresh_from_db()
