"""What a way of paying has to answer. Every amount crosses this border as the gateway wants it, nowhere else (MO4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.functional import Promise

from billing.models import BankAccount, Invoice, Payment


class NotSupported(Exception):
    """This way of paying does not know the act; the caller asked the wrong gateway."""


@dataclass(frozen=True)
class Instructions:
    """How to pay one invoice: the exact ``amount``, with its unique ``code`` (U1) if it has one, and the ``reference`` to
    write, then where to."""

    amount: Decimal
    currency: str
    reference: str
    accounts: tuple[BankAccount, ...] = ()
    code: int = 0
    # What an automatic method shows instead of accounts: label → value, such as a virtual account's number.
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """What happens when the customer has chosen the method: stay on the invoice, or go to ``redirect_url``."""

    redirect_url: str = ""


@dataclass(frozen=True)
class Notice:
    """What a provider says of one payment, in the shop's own terms. ``transaction_id`` is unique at the provider."""

    transaction_id: str
    invoice_id: int
    state: str
    amount: Decimal
    currency: str


class Gateway:
    """One way of paying. What a gateway does not override, it does not support.

    Money that a gateway learns of enters at ``payments.record()`` with the cause ``<code>:<transaction id>``, so that a
    provider may tell the same thing any number of times.
    """

    code: str
    name: str | Promise
    # The customer tells us of a transfer with a proof (RULES K).
    supports_confirmation = False
    # Unpaid orders wait longer for it (O3): a transfer between banks may take days.
    is_slow = False

    def start(self, invoice: Invoice) -> Start:
        """Begin a payment of an unpaid invoice; called again, it goes on with the same one."""
        return Start()

    def instructions(self, invoice: Invoice) -> Instructions:
        """What the invoice page shows an unpaid customer."""
        raise NotImplementedError

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Check the signature of a provider's call and read it. Raises ``PermissionError`` for a bad signature."""
        raise NotSupported(self.code)

    def ask_status(self, transaction_id: str) -> Notice:
        """Ask the provider itself: a webhook is believed only as far as this confirms it."""
        raise NotSupported(self.code)

    def expire(self, transaction_id: str) -> None:
        """Close an open attempt at the provider, so that it cannot be paid any more."""
        raise NotSupported(self.code)

    def refund(self, payment: Payment, amount: Decimal) -> str:
        """Send money back and return the provider's id of the refund."""
        raise NotSupported(self.code)
