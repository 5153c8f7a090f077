"""Which customer a page is about."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import CustomerForm
from accounts.middleware import active_membership
from accounts.roles import ALLOWED, Ability


def for_customer(ability: Ability | None = None) -> Callable:
    """Give the view the visitor's active membership as its second argument.

    People without any customer get the page that says so; a role without the ability is refused (403).
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            membership = active_membership(request)
            if membership is None:
                return no_customer(request)
            if ability and membership.role not in ALLOWED[ability]:
                raise PermissionDenied(ability.label)
            return view(request, membership, *args, **kwargs)

        return wrapped

    return decorate


def no_customer(request: HttpRequest) -> HttpResponse:
    """What someone sees who acts for nobody yet; a form sent there has nothing to act on (404)."""
    if request.method not in {"GET", "HEAD"}:
        raise Http404
    initial = {"name": request.user.name, "billing_email": request.user.email}
    return render(request, "accounts/no_customer.html", {"form": CustomerForm(initial=initial)})
