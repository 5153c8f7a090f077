"""What every page's template knows: the shop and the customer, read only when used."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Shop


def page(request: HttpRequest) -> dict:
    return {
        "shop": SimpleLazyObject(Shop.current),
        "customer": SimpleLazyObject(lambda: getattr(request, "customer", None)),
        "languages": settings.LANGUAGES,
    }
