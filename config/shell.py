"""What stands around pages: the bar on top, the client area's menu, the steps of an order and the foot.

They are rendered once for everybody whose bar has the same entries; names and form tokens are filled in.
"""

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.middleware import active_membership
from accounts.models import Shop
from cart.carts import count_items
from catalog import stencils
from config import navigation


def head() -> SafeString:
    """Icon, stylesheets and scripts."""
    return _piece("head")


def order_steps(current: int) -> SafeString:
    """The steps of an order, ``current`` (1 to 4) being the one of this page."""

    def make(marks: dict[str, str]) -> str:
        return render_to_string("parts/order_steps.html", {"current": current})

    return stencils.filled("order-steps", make, vary=(current,))


def foot() -> SafeString:
    """The foot of the page, and where its script says what happens."""
    return _piece("foot")


def _piece(name: str) -> SafeString:
    """A part that is the same on every page."""
    return stencils.filled(name, lambda marks: render_to_string(f"parts/{name}.html", {"shop": Shop.current()}))


def topbar(request: HttpRequest, csrf_token: str) -> SafeString:
    user, membership = request.user, active_membership(request)
    customer = membership.customer if membership else None
    entries = {
        "signed_in": user.is_authenticated,
        "is_staff": user.is_staff,
        "has_name": bool(getattr(user, "name", "")),
        "role": membership.role if membership else None,
        "section": _section(request),
        "cart_count": count_items(request),
    }
    values = {"csrf_token": csrf_token, "here": request.get_full_path()}
    if user.is_authenticated:
        values |= {
            "initial": user.get_short_name()[:1].upper(),
            "full_name": user.get_full_name(),
            "email": user.email,
            "customer_name": customer.name if customer else "",
        }

    def make(marks: dict[str, str]) -> str:
        known = {
            "shop": Shop.current(),
            "languages": settings.LANGUAGES,
            "client_nav": navigation.entries(entries["role"]),
        }
        return render_to_string("parts/topbar.html", known | entries | marks)

    return stencils.filled("topbar", make, vary=tuple(entries.values()), values=values)


def side(request: HttpRequest) -> SafeString:
    """The client area's menu, the entry of this page marked as current."""
    membership = active_membership(request)
    role = membership.role if membership else None
    current = navigation.current(role, request.path)

    def make(marks: dict[str, str]) -> str:
        return render_to_string("parts/side.html", {"client_nav": navigation.entries(role), "current": current})

    return stencils.filled("side", make, vary=(role, current))


def _section(request: HttpRequest) -> str:
    """Which of the bar's links leads to where the visitor is."""
    for name in ("catalog:store", "client-home", "tickets:help"):
        if request.path.startswith(reverse(name)):
            return name
    return ""
