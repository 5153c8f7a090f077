"""Work on carts that no request waits for."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.models import Shop
from cart.models import Cart


@shared_task
def delete_expired_carts() -> int:
    """Forget guests' carts that nobody used for the shop's number of days; people's own carts stay."""
    oldest = timezone.now() - timedelta(days=Shop.current().guest_cart_days)
    _rows, by_model = Cart.objects.filter(user=None, updated_at__lt=oldest).delete()
    return by_model.get("cart.Cart", 0)
