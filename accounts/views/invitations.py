"""The page that an invitation's link opens."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import invitations, limits
from accounts.middleware import SESSION_KEY
from accounts.models import Invitation


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites to what; accept by POST, signed in with the invited address."""
    if not limits.allow("invitation", limits.client_ip(request)):
        return render(request, "429.html", status=429)
    found = invitations.find(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _accept(request, found)
    return _page(request, found)


def _accept(request: HttpRequest, found: Invitation) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    try:
        membership = invitations.accept(invitation=found, user=request.user)
    except (invitations.NotForYou, invitations.InvitationClosed):
        return _page(request, found, status=422)
    request.session[SESSION_KEY] = membership.customer_id
    messages.success(request, _("Anda sekarang anggota %(name)s.") % {"name": found.customer.name})
    return redirect("client-home")


def _page(request: HttpRequest, found: Invitation, *, status: int = 200) -> HttpResponse:
    if not request.user.is_authenticated and found.is_open:
        # Who holds the link reads the address's mail: signing up with it needs no second proof.
        get_adapter(request).stash_verified_email(request, found.email)
    context = {
        "invitation": found,
        "is_for_me": request.user.is_authenticated and invitations.is_for(found, request.user),
    }
    return render(request, "accounts/invitation.html", context, status=status)
