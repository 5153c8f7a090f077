"""Links that show a hidden or retired product as the store would, for those who were given the link."""

from django.core import signing
from django.urls import reverse

from catalog.models import Product

SALT = "catalog.preview"
MAX_AGE = 7 * 24 * 3600


def link(product: Product) -> str:
    token = signing.dumps(product.pk, salt=SALT)
    return reverse("catalog:group", args=[product.group.slug], query={"preview": token})


def product_id(token: str) -> int | None:
    """The product that the link is for; ``None`` for a link that is forged or older than a week."""
    try:
        return signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
