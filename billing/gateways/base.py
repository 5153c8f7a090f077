"""What a way of paying has to answer. Every amount crosses this border as the gateway wants it, nowhere else (MO4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.utils.functional import Promise

from billing import qris
from billing.gateways.wire import Wire
from billing.models import BankAccount, Invoice, PaymentAttempt, PaymentMethod
from catalog.money import ZERO


class NotSupported(Exception):
    """This way of paying does not know the act; the caller asked the wrong gateway."""


class Refused(Exception):
    """The provider says no, and asking again would not help; the words are its own."""


class AlreadyThere(Exception):
    """The provider knows the order id already, from a call whose answer was lost: begin anew under another."""


class BadSignature(Exception):
    """A call to a webhook was not signed by the provider."""


class Unreadable(Exception):
    """A signed call does not have the documented form; the words say what is missing."""


class State(StrEnum):
    """What a provider says of an attempt, in the shop's words. REFUNDED: all or a part of what was paid went back."""

    PENDING = "pending"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Channel:
    """A bank to choose between, by the shop's own code."""

    code: str
    name: str


@dataclass(frozen=True)
class Instructions:
    """How to pay one invoice: the exact ``amount``, with its unique ``code`` (U1) if it has one, and the ``reference`` to
    write, then where to. Without accounts it is paid on the invoice's page."""

    amount: Decimal
    currency: str
    reference: str
    accounts: tuple[BankAccount, ...] = ()
    code: int = 0
    # The account's own code asking for the amount, where it is scanned and not typed.
    scan: qris.Scan | None = None


@dataclass(frozen=True)
class Started:
    """An attempt that the provider opened: its id there, and the page to go to or the ``facts`` to pay to."""

    provider_id: str
    expires_at: datetime
    redirect_url: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What the provider itself says of an attempt. ``amount`` is what is or was to be paid; ``transaction_id`` is unique at
    the provider and empty where nothing was begun; ``channel`` and ``detail`` are its own words."""

    state: State
    amount: Decimal
    currency: str
    transaction_id: str = ""
    paid_at: datetime | None = None
    channel: str = ""
    detail: str = ""
    refunded: Decimal = ZERO


@dataclass(frozen=True)
class Notice:
    """Which attempt a webhook is about, by our ``order_id`` or the provider's own id, and what it claims of it.

    It is believed only as far as the provider's own answer confirms it. Without an ``amount`` it claims none.
    """

    order_id: str = ""
    provider_id: str = ""
    event: str = ""
    amount: Decimal | None = None
    currency: str = ""


class Gateway:
    """One way of paying. What a gateway does not override, it does not support.

    Money that a gateway learns of enters at ``payments.record()`` with the cause ``<provider>:<transaction id>``, so that a
    provider may tell the same thing any number of times.
    """

    code: str
    name: str | Promise
    # Whose keys and webhooks it uses; empty where people transfer and staff verifies.
    provider = ""
    # The customer tells us of a transfer with a proof (RULES K).
    supports_confirmation = False
    # What the confirmation's fields are called, where a transfer's words do not fit.
    confirmation_labels: Mapping[str, str | Promise] = {}
    sender_bank_hint: str | Promise = ""
    # Unpaid orders wait longer for it (O3): a transfer between banks may take days.
    is_slow = False
    supports_refund = False
    # To be chosen between before an attempt starts; empty where there is nothing to choose.
    channels: Sequence[Channel] = ()

    def is_ready(self, method: PaymentMethod) -> bool:
        """Whether staff entered all that the method needs to be paid."""
        return True

    def refusal(self, amount: Decimal, currency: str) -> str:
        """Why this cannot be paid that way, in words for the customer; empty where it can."""
        return ""

    def instructions(self, invoice: Invoice) -> Instructions:
        """What the invoice asks for; how an attempt is paid is told by the attempt."""
        return Instructions(amount=invoice.balance, currency=invoice.currency, reference=invoice.number)

    def start(self, attempt: PaymentAttempt, wire: Wire) -> Started:
        """Open the attempt at the provider, for exactly its amount.

        Like all that follow it is called outside of transactions, and raises ``wire.Unreachable`` where asking again may
        help and ``Refused`` where it will not; besides ``AlreadyThere``.
        """
        raise NotSupported(self.code)

    def status(self, attempt: PaymentAttempt, wire: Wire) -> Report:
        """Ask the provider itself: a webhook is believed only as far as this confirms it."""
        raise NotSupported(self.code)

    def expire(self, attempt: PaymentAttempt, wire: Wire) -> None:
        """Close an open attempt at the provider, so that it cannot be paid any more; a closed one is no error."""
        raise NotSupported(self.code)

    def refund(self, attempt: PaymentAttempt, amount: Decimal, *, key: str, reason: str, wire: Wire) -> str:
        """Send money back to the payer, once per ``key``, and return the provider's id of the refund."""
        raise NotSupported(self.code)


class Provider:
    """A company that takes payments for the shop: its keys, and how it signs what it tells."""

    code: str
    name: str

    def is_configured(self) -> bool:
        """Whether the shop has its keys; without them none of its gateways is offered and its webhook is closed."""
        raise NotImplementedError

    def is_sandbox(self) -> bool:
        """Whether no real money moves."""
        raise NotImplementedError

    def settings_wanted(self) -> Sequence[str]:
        """The names of the settings that switch it on."""
        raise NotImplementedError

    def simulator_url(self, attempt: PaymentAttempt) -> str:
        """Where an invented payment of a sandbox's virtual account is made; empty where there is no such page."""
        return ""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Check the signature of a call and read it. ``headers`` are found in any case. Raises ``BadSignature`` and
        ``Unreadable``."""
        raise NotImplementedError
