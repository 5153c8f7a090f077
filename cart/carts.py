"""The visitor's cart: found by the session, kept through sign-in and sign-up, and never a price in it."""

import uuid
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from cart.models import Cart, CartItem
from catalog.selection import Selection

SESSION_CART = "cart"
SESSION_COUNT = "cart_items"
SESSION_REMOVED = "cart_removed"

# One order is priced, shown and written as a whole; nobody orders more lines than this by hand.
MOST_ITEMS = 30


class CartFull(Exception):
    """The cart holds as many items as one order can."""

    def __str__(self) -> str:
        return _("Keranjang sudah berisi %(most)s barang. Selesaikan pesanan ini dulu.") % {"most": MOST_ITEMS}


class CartGone(Exception):
    """The cart was merged, ordered or expired while it was used."""


# What a request knows


def count_items(request: HttpRequest) -> int:
    """How many items the header shows. Kept in the session: a visitor without a cart costs no query."""
    return request.session.get(SESSION_COUNT, 0)


def current(request: HttpRequest, create: bool = False) -> Cart | None:
    """The signed-in person's cart, or the one whose token the guest's session knows."""
    if request.user.is_authenticated:
        return Cart.objects.get_or_create(user=request.user)[0] if create else of(request.user)
    token = request.session.get(SESSION_CART)
    cart = Cart.objects.filter(token=token, user=None).first() if token else None
    if cart is None and create:
        cart = Cart.objects.create()
        request.session[SESSION_CART] = str(cart.token)
    return cart


def of(user: User) -> Cart | None:
    return Cart.objects.filter(user=user).first()


def remember(request: HttpRequest, cart: Cart | None, *, removed: Iterable[CartItem] = ()) -> None:
    """Keep the header's count, and what was just removed so that it can be put back, in the session."""
    count = cart.items.count() if cart else 0
    if count_items(request) != count:
        request.session[SESSION_COUNT] = count
    kept = [{"product": item.product_id, "selection": item.selection} for item in removed]
    if kept:
        request.session[SESSION_REMOVED] = kept
    else:
        request.session.pop(SESSION_REMOVED, None)


# What changes a cart


@transaction.atomic
def add(*, cart: Cart, product_id: int, selection: Selection) -> CartItem:
    """Raises ``CartFull`` and ``CartGone``."""
    _touch(cart)
    if cart.items.count() >= MOST_ITEMS:
        raise CartFull
    return CartItem.objects.create(cart=cart, product_id=product_id, selection=selection.to_json())


@transaction.atomic
def replace(*, item: CartItem, selection: Selection) -> None:
    """Configure an item anew. Raises ``CartGone``."""
    _touch(item.cart)
    item.selection = selection.to_json()
    item.save(update_fields=["selection"])


@transaction.atomic
def remove(*, items: QuerySet[CartItem], cart: Cart) -> list[CartItem]:
    """Take items out and return what they were, to be put back by ``restore``. Raises ``CartGone``."""
    _touch(cart)
    removed = list(items)
    CartItem.objects.filter(cart=cart, pk__in=[item.pk for item in removed]).delete()
    return removed


@transaction.atomic
def restore(*, cart: Cart, removed: Iterable[dict]) -> None:
    """Put back what ``remember`` kept. Raises ``CartFull`` and ``CartGone``."""
    for item in removed:
        add(cart=cart, product_id=item["product"], selection=Selection.from_json(item["selection"]))


@transaction.atomic
def set_promo_code(*, cart: Cart, code: str) -> None:
    _touch(cart)
    cart.promo_code = code
    cart.save(update_fields=["promo_code"])


def claim_for_checkout(*, cart: Cart, checkout_key: uuid.UUID) -> bool:
    """Take the cart for the one order that this key may become (O2): true once, and it gets a new key for the next order.

    The first statement of the checkout's transaction. A second post with the same key waits for the first's commit, then
    finds the key gone.
    """
    return bool(
        Cart.objects.filter(pk=cart.pk, checkout_key=checkout_key).update(
            checkout_key=uuid.uuid4(), updated_at=timezone.now()
        )
    )


@transaction.atomic
def forget_ordered(*, cart: Cart, item_ids: Collection[int]) -> None:
    """What was ordered leaves the cart with its promotion; what was added meanwhile in another window stays."""
    cart.items.filter(pk__in=item_ids).delete()
    Cart.objects.filter(pk=cart.pk).update(promo_code="", updated_at=timezone.now())


@transaction.atomic
def merge_guest_cart(*, user: User, token: str) -> Cart:
    """Give what a guest put together to the person who signed in, once, and return the person's cart.

    A configuration that both carts hold is kept once. The person's cart is locked first, so that sign-ins in two windows
    cannot both find it missing there.
    """
    own, _made = Cart.objects.get_or_create(user=user)
    _touch(own)
    guest = Cart.objects.filter(token=token, user=None).first()
    if guest is None:
        return own
    held = [(item.product_id, Selection.from_json(item.selection)) for item in own.items.all()]
    wanted = [
        item.pk for item in guest.items.all() if (item.product_id, Selection.from_json(item.selection)) not in held
    ]
    guest.items.filter(pk__in=wanted).update(cart=own)
    if guest.promo_code and not own.promo_code:
        Cart.objects.filter(pk=own.pk).update(promo_code=guest.promo_code)
        own.promo_code = guest.promo_code
    guest.delete()
    return own


def _touch(cart: Cart) -> None:
    """Mark the cart as used, which also locks its row until the end of the transaction."""
    if not Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now()):
        raise CartGone
