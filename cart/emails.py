"""The cart's emails."""

from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.models import User


@outbox.email("cart/address_known", sample=lambda: {"name": "Sari"})
def address_known(*, name: str, reveal: bool) -> outbox.Content:
    return outbox.Content({"name": name, "link": outbox.absolute(reverse("cart:checkout"))})


def tell_that_address_is_known(user: User) -> None:
    """Somebody tried to order with this person's address without signing in. Once a day, however often it is tried."""
    outbox.enqueue(
        key=f"user:{user.pk}:address_known:{timezone.localdate():%Y-%m-%d}",
        to=user.email,
        template="cart/address_known",
        arguments={"name": user.get_short_name()},
        language=user.language,
        user=user,
    )
