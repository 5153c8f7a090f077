"""Turning a cart into an order: who orders, what was seen, and one transaction for all of it (O1, O2)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import customers, people
from accounts.models import Customer, User
from billing import ordering
from billing.models import Order, PaymentMethod, TermsVersion
from cart import carts
from cart.models import Cart
from cart.quotes import CartQuote

SEEN_SALT = "cart.seen"


class CartChanged(Exception):
    """The cart is no longer the one that the page was made for: ordered, merged or emptied meanwhile."""

    def __str__(self) -> str:
        return _("Keranjang berubah sejak halaman ini dibuka. Periksa, lalu pesan lagi.")


@dataclass(frozen=True)
class NewAccount:
    """A guest who gets an account with the order."""

    name: str
    email: str
    password: str


@dataclass(frozen=True)
class Buyer:
    """Who orders: somebody signed in for ``customer``, or for a new one; or a guest with a ``new_account``.

    ``details`` are ``accounts.people.CUSTOMER_FIELDS``: of the new customer, or what changed for a known one.
    """

    user: User | None
    customer: Customer | None
    details: Mapping[str, str]
    new_account: NewAccount | None = None


@dataclass(frozen=True)
class Terms:
    """How the buyer pays and what was agreed to, from which address and in which language."""

    payment_method: PaymentMethod
    accepted: TermsVersion | None
    notes: str
    ip_address: str
    language: str
    po_number: str = ""


@transaction.atomic
def check_out(*, cart: Cart, checkout_key: uuid.UUID, cart_quote: CartQuote, buyer: Buyer, terms: Terms) -> Order:
    """Order what the buyer saw in ``cart_quote``, and empty the cart.

    Raises ``CartChanged`` (a repeated form: its key may have become an order meanwhile, O2), ``accounts.people.EmailTaken``,
    and what ``billing.ordering.place_order`` raises; then nothing happened, no account was made either.
    """
    if not carts.claim_for_checkout(cart=cart, checkout_key=checkout_key):
        raise CartChanged
    user, customer = _resolve(buyer, terms.language)
    order = ordering.place_order(
        actor=user,
        customer=customer,
        items=[(item.offer.id, item.selection) for item in cart_quote.items],
        promotion_code=cart_quote.promotion.code if cart_quote.promotion else "",
        payment_method=terms.payment_method,
        terms=terms.accepted,
        ip_address=terms.ip_address,
        notes=terms.notes,
        po_number=terms.po_number,
        checkout_key=checkout_key,
        language=terms.language,
        expected_total=cart_quote.quote.total,
    )
    carts.forget_ordered(cart=cart, item_ids=[line.item.pk for line in cart_quote.lines])
    return order


def _resolve(buyer: Buyer, language: str) -> tuple[User, Customer]:
    """The person and the customer, made where they are new."""
    if buyer.new_account:
        account = buyer.new_account
        return people.create_account(
            email=account.email,
            password=account.password,
            name=account.name,
            language=language,
            customer=dict(buyer.details),
        )
    if buyer.customer is None:
        return buyer.user, people.create_customer(owner=buyer.user, **{"language": language, **buyer.details})
    if not buyer.details:
        return buyer.user, buyer.customer
    return buyer.user, customers.update(customer=buyer.customer, actor=buyer.user, **buyer.details)


# What the page showed, so that a change is noticed and named


@dataclass(frozen=True)
class Seen:
    """The total that was on the page, and its lines by key with their names and amounts."""

    total: Decimal
    lines: Mapping[str, tuple[str, Decimal]]

    @classmethod
    def of(cls, cart_quote: CartQuote) -> "Seen":
        lines = {f"{line.item}:{line.key}": (str(line.label), line.net) for line in cart_quote.quote.lines}
        return cls(cart_quote.quote.total, lines)

    def sign(self) -> str:
        lines = {key: [label, str(amount)] for key, (label, amount) in self.lines.items()}
        return signing.dumps([str(self.total), lines], salt=SEEN_SALT, compress=True)

    @classmethod
    def read(cls, token: str) -> "Seen | None":
        """``None`` for what was not signed here."""
        try:
            total, lines = signing.loads(token, salt=SEEN_SALT)
            return cls(Decimal(total), {key: (label, Decimal(amount)) for key, (label, amount) in lines.items()})
        except (signing.BadSignature, ValueError, InvalidOperation):
            return None

    @property
    def amounts(self) -> dict[str, Decimal]:
        """Without the names: they differ by language."""
        return {key: amount for key, (_label, amount) in self.lines.items()}


@dataclass(frozen=True)
class Change:
    """A line whose amount is another now; ``None`` where it was, or is, not there."""

    label: str
    before: Decimal | None
    after: Decimal | None


def changes(before: Seen, after: Seen) -> list[Change]:
    """What differs from what the buyer saw, in the order of the lines now."""
    found = []
    for key in [*after.lines, *(key for key in before.lines if key not in after.lines)]:
        label = (after.lines.get(key) or before.lines[key])[0]
        old, new = before.amounts.get(key), after.amounts.get(key)
        if old != new:
            found.append(Change(label, old, new))
    return found
