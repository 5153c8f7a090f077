"""Finding the case that a page is about: others' are not found, one's own in the wrong role gets the page that says so."""

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from catalog.models import Product
from onboarding.models import Case, ProductRole

_SHOWN = ("customer", "product", "service", "pic__contact", "requirement")


def of_case(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the case of the address in place of its number, and the case's own time zone to write dates in.

    Raises ``Http404`` for others' cases; a role that does not see the tracker gets ``no_access`` (M1b).
    """

    @wraps(view)
    def wrapped(request: HttpRequest, number: str, **kwargs) -> HttpResponse:
        mine = Case.objects.of_members(request.user).select_related(*_SHOWN)
        case = get_object_or_404(mine, number=number.upper())
        if not Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
            return no_access(request, case.customer_id, case.product)
        with timezone.override(ZoneInfo(case.time_zone)):
            return view(request, case, **kwargs)

    return wrapped


def no_access(request: HttpRequest, customer_id: int, *products: Product) -> HttpResponse:
    """The page that says that the person's role does not open this, and who can change that; nothing else (403)."""
    members = Membership.objects.filter(customer=customer_id).select_related("user").order_by("pk")
    owners = [one.user for one in members if one.role == Role.OWNER]
    context = {
        "products": products,
        "owners": owners,
        "is_owner": request.user in owners,
        "roles": ProductRole.objects.filter(product__in=products, sees_tracker=True).select_related("product"),
    }
    return render(request, "onboarding/no_access.html", context, status=403)
