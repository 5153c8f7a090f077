"""Which customer the signed-in person acts for in this request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.models import Customer, Membership

SESSION_KEY = "customer"


def active_membership(request: HttpRequest) -> Membership | None:
    """The membership chosen in the session, else the person's first; ``None`` for guests and for people without any."""
    if not hasattr(request, "_active_membership"):
        request._active_membership = _find(request)
    return request._active_membership


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The signed-in person's memberships with their customers, as the session's look-up found them."""
    known = getattr(request.user, "known_memberships", None)
    if known is None:
        # Signed in by this very request.
        found = Membership.objects.filter(user=request.user).select_related("customer").order_by("pk")
        known = request.user.known_memberships = list(found)
    return known


def _find(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    memberships = memberships_of(request)
    chosen = request.session.get(SESSION_KEY)
    return next((one for one in memberships if one.customer_id == chosen), memberships[0] if memberships else None)


def current_customer(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set ``request.customer`` (a ``Customer`` or ``None``, read only when used)."""

    def find_customer(request: HttpRequest) -> Customer | None:
        found = active_membership(request)
        return found.customer if found else None

    def middleware(request: HttpRequest) -> HttpResponse:
        request.customer = SimpleLazyObject(lambda: find_customer(request))
        return get_response(request)

    return middleware
