"""Who gets what from the cart's addresses. The store is public; a cart belongs to whoever put it together."""

from collections.abc import Mapping

from catalog.models import Product
from tests import factories
from tests.access import Row, World, public


def _product(world: World) -> Mapping[str, object]:
    product: Product = factories.product()
    return {"group_slug": product.group.slug, "product_slug": product.slug}


def _somebody_elses_item(world: World) -> Mapping[str, object]:
    return {"item_id": factories.cart_item().pk}


def _nobody_finds(url: str, **more) -> Row:
    return public(url, status=404, make=_somebody_elses_item, **more)


ROWS = [
    public("cart:configure", make=_product),
    public("cart:configure", status=302, make=_product, method="post", data=lambda world: {"cycle": "monthly"}),
    public("cart:configure-quote", make=_product),
    public("cart:domain-search", make=_product),
    public("cart:review"),
    _nobody_finds("cart:edit"),
    _nobody_finds("cart:remove", method="post"),
    public("cart:empty", status=302, method="post"),
    public("cart:restore", status=302, method="post"),
    public("cart:promo", status=302, method="post"),
    public("cart:shared", status=404, make=lambda world: {"token": "forged"}),
    # Without anything in the cart there is nothing to check out; tests/cart/test_checkout.py has the roles.
    Row("cart:checkout", anonymous=302, stranger=302, lesser=403, staff=302, allowed=302),
    Row("cart:sign-in", method="post", anonymous=302, stranger=302, lesser=302, staff=302, allowed=302),
]
