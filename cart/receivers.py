"""What the cart does when someone signs in."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from cart import carts


@receiver(user_logged_in, dispatch_uid="cart.take_the_guest_cart_along")
def take_the_guest_cart_along(*, request: HttpRequest | None, user: User, **_kwargs) -> None:
    """The guest's cart survives sign-in and sign-up. Every door sends this signal, the second factor's included."""
    if request is None or not hasattr(request, "session"):
        return
    token = request.session.pop(carts.SESSION_CART, None)
    cart = carts.merge_guest_cart(user=user, token=token) if token else carts.of(user)
    carts.remember(request, cart)
