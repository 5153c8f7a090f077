"""A cart as a link: what was configured, without secrets and without prices, which are computed by whoever opens it."""

from collections.abc import Iterable
from dataclasses import replace

from django.core import signing

from cart.carts import MOST_ITEMS
from cart.models import CartItem
from cart.quotes import CartLine
from catalog.models import Product
from catalog.selection import Selection

SALT = "cart.shared"
# Longer addresses are cut by some browsers, proxies and chat programs.
LONGEST_TOKEN = 1800


def token_of(lines: Iterable[CartLine]) -> str:
    """The lines' configurations, signed so that only carts made here open; empty where the link would be too long."""
    shared = [[line.offer.id, _without_secrets(line.selection)] for line in lines if line.selection]
    token = signing.dumps(shared, salt=SALT, compress=True)
    return token if shared and len(token) <= LONGEST_TOKEN else ""


def _without_secrets(selection: Selection) -> dict:
    if selection.domain:
        selection = replace(selection, domain=replace(selection.domain, epp_code=""))
    return selection.to_json()


def items_of(token: str) -> list[CartItem]:
    """The configurations of a link, as items of no cart; products that are gone are left out.

    Raises ``signing.BadSignature``.
    """
    shared = signing.loads(token, salt=SALT)[:MOST_ITEMS]
    known = set(
        Product.objects.filter(pk__in={product_id for product_id, _selection in shared}).values_list("pk", flat=True)
    )
    return [
        CartItem(product_id=product_id, selection=selection) for product_id, selection in shared if product_id in known
    ]
