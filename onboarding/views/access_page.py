"""Who of the customer has which role in the products it subscribed to: owners change it, others read who can help."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Membership
from accounts.roles import Role
from accounts.views.acting import for_customer
from catalog.models import Product
from onboarding import member_roles
from onboarding.forms.roles import MemberRoleForm
from onboarding.models import MemberRole, ProductRole
from onboarding.refusals import NotAllowed


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer()
def access(request: HttpRequest, mine: Membership) -> HttpResponse:
    products = _products(mine)
    if request.method != "POST":
        return _page(request, mine, products)
    if mine.role != Role.OWNER:
        raise PermissionDenied
    form = MemberRoleForm(request.POST, customer=mine.customer, products=products)
    if form.is_valid() and _give(request, form):
        return redirect(f"{request.path}#product-{form.cleaned_data['product'].pk}")
    return _page(request, mine, products, form=form, status=422)


def _give(request: HttpRequest, form: MemberRoleForm) -> bool:
    given = form.cleaned_data
    try:
        member_roles.give(**given, actor=request.user)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    known = {"name": given["membership"].user, "product": given["product"].name, "role": given["role"]}
    words = _("Peran %(name)s di %(product)s sekarang %(role)s.") if given["role"] else None
    messages.success(request, (words or _("%(name)s tidak punya peran lagi di %(product)s.")) % known)
    return True


def _products(mine: Membership) -> list[Product]:
    """Those whose onboarding the customer has or had."""
    used = Product.objects.filter(onboarding_cases__customer=mine.customer_id).distinct()
    return list(used.prefetch_related("onboarding_roles"))


def _page(request: HttpRequest, mine: Membership, products: list[Product], *, form=None, status=200) -> HttpResponse:
    members = list(Membership.objects.filter(customer=mine.customer_id).select_related("user").order_by("pk"))
    context = {
        "mine": mine,
        "may_change": mine.role == Role.OWNER,
        "owners": [one.user for one in members if one.role == Role.OWNER],
        "products": _with_members(products, members),
        "form": form,
    }
    return render(request, "onboarding/access.html", context, status=status)


def _with_members(
    products: list[Product], members: list[Membership]
) -> list[tuple[Product, list[tuple[Membership, ProductRole | None]]]]:
    """Each product with its members' roles: one query."""
    rows = MemberRole.objects.filter(membership__in=members).select_related("role")
    given = {(one.product_id, one.membership_id): one.role for one in rows}
    return [(product, [(one, given.get((product.pk, one.pk))) for one in members]) for product in products]
