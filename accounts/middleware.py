"""Which customer the signed-in person acts for in this request, and staff's second factor."""

from collections.abc import Callable

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import Customer, Membership

SESSION_KEY = "customer"


def active_membership(request: HttpRequest) -> Membership | None:
    """The membership chosen in the session, else the person's first; ``None`` for guests and for people without any."""
    if not hasattr(request, "_active_membership"):
        request._active_membership = _find(request)
    return request._active_membership


def _find(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    memberships = list(Membership.objects.filter(user=request.user).select_related("customer").order_by("pk"))
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


SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def second_factor_of_staff(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """With ``STAFF_MFA_REQUIRED``, the admin opens only to staff who have set up a second factor."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.STAFF_MFA_REQUIRED and _enters_admin(request) and not _has_second_factor(request):
            messages.warning(request, _("Pasang verifikasi dua langkah dahulu: meja kerja staf memintanya."))
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _enters_admin(request: HttpRequest) -> bool:
    in_admin = request.path.startswith(reverse("admin:index")) and request.path != reverse("admin:logout")
    return in_admin and request.user.is_authenticated and request.user.is_staff


def _has_second_factor(request: HttpRequest) -> bool:
    return get_mfa_adapter().is_mfa_enabled(request.user, types=SECOND_FACTORS)
