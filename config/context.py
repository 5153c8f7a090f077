"""What every page's template knows: the shop, and lazily the customer and the cart, so that cached pages cost no query."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Shop
from cart.carts import count_items
from config.navigation import client_nav


def page(request: HttpRequest) -> dict:
    return {
        "shop": SimpleLazyObject(Shop.current),
        "customer": SimpleLazyObject(lambda: getattr(request, "customer", None)),
        "cart_count": SimpleLazyObject(lambda: count_items(request)),
        "client_nav": SimpleLazyObject(lambda: client_nav(request)),
        "languages": settings.LANGUAGES,
    }
