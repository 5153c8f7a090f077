"""Configuring a product: a new one for the cart, or one that is in it already."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.crypto import CannotDecrypt
from cart import carts, quotes
from cart.models import CartItem
from catalog import controls, offers, pages, snapshots
from catalog.configure_form import ConfigureForm, data_of, default_data
from catalog.cycle_totals import cycle_totals
from catalog.models import Product
from catalog.offers import ProductOffer
from catalog.selection import Selection


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def configure(request: HttpRequest, group_slug: str, product_slug: str) -> HttpResponse:
    if request.method == "POST":
        return _post(request, _find(group_slug, product_slug))
    return pages.for_visitors(request, lambda: _opened(request, _find(group_slug, product_slug)))


def _opened(request: HttpRequest, offer: ProductOffer) -> HttpResponse:
    data = default_data(offer, request.GET.get("cycle", "")) | _link_data(request.GET)
    return _page(request, _read(request, offer, data, blame=request.GET))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, item_id: int) -> HttpResponse:
    """Configure an item of the cart anew; one that can no longer be ordered is explained by the cart's page."""
    item = get_object_or_404(CartItem, pk=item_id, cart=carts.current(request))
    offer = offers.cached([item.product_id])[item.product_id]
    if offer.retired or not offer.cycles:
        return redirect("cart:review")
    if request.method == "POST":
        return _post(request, offer, item)
    return _page(request, _read(request, offer, _item_data(offer, item)), item=item)


@login_not_required
@require_safe
@never_cache
def live_quote(request: HttpRequest, group_slug: str, product_slug: str) -> HttpResponse:
    """The summary for a form that is being filled in; with another cycle, its options and prices too."""
    reading = _read(request, _find(group_slug, product_slug), request.GET)
    other_cycle = request.GET.get("shown_cycle") != reading.form.chosen_cycle
    context = _context(reading) if other_cycle else _numbers(reading)
    context |= {"problem": reading.problem_of_filled_fields(), "other_cycle": other_cycle}
    # Without the request: nothing in it is anybody's own.
    return HttpResponse(render_to_string("cart/_live.html", context))


@login_not_required
@require_safe
@never_cache
def domain_search(request: HttpRequest, group_slug: str, product_slug: str) -> HttpResponse:
    form = ConfigureForm(_find(group_slug, product_slug), request.GET)
    return render(request, "cart/_extensions.html", {"extensions": controls.extensions(form, search=True)})


@dataclass(frozen=True)
class Reading:
    """A form, what it says was chosen, and what that costs."""

    form: ConfigureForm
    selection: Selection
    draft: quotes.Draft

    def problem_of_filled_fields(self) -> str:
        """What to say beside the numbers: the first problem with something that was filled in."""
        for problem, message in self.draft.problems.items():
            field = self.form.field_of(problem)
            if field is None or self.form.data.get(field):
                return str(message)
        return ""


def _read(request: HttpRequest, offer: ProductOffer, data: Any, *, blame: Container[str] | None = ()) -> Reading:
    """``blame`` are the fields whose errors are shown: what a link has filled in; ``None`` for a form that was sent."""
    form = ConfigureForm(offer, data)
    form.is_valid()
    selection = form.selection()
    code = str(data.get("promo") or "")
    draft = quotes.draft(offer, selection, promo_code=code, visitor=limits.client_ip(request))
    form.refuse(draft.problems)
    if blame is not None:
        form.keep_errors_of([name for name in form.fields if name in blame and data.get(name)])
    return Reading(form, selection, draft)


def _find(group_slug: str, product_slug: str) -> ProductOffer:
    """The product at this address: hidden ones have one too, retired ones and those without a price do not."""
    product_id = snapshots.remember("addresses", _addresses).get((group_slug, product_slug))
    offer = offers.cached([product_id]).get(product_id) if product_id else None
    if offer is None or not offer.cycles:
        raise Http404
    return offer


def _addresses() -> dict[tuple[str, str], int]:
    rows = Product.objects.orderable().values_list("group__slug", "slug", "pk")
    return {(group_slug, slug): product_id for group_slug, slug, product_id in rows}


def _link_data(query: QueryDict) -> dict[str, Any]:
    return {name: query.getlist(name) if name == "addons" else query[name] for name in query}


def _item_data(offer: ProductOffer, item: CartItem) -> dict[str, Any]:
    """The item's own choices over the product's defaults; only the defaults where they cannot be read any more."""
    try:
        selection = Selection.from_json(item.selection)
    except (CannotDecrypt, KeyError):
        return default_data(offer)
    return default_data(offer, selection.cycle) | data_of(offer, selection)


def _post(request: HttpRequest, offer: ProductOffer, item: CartItem | None = None) -> HttpResponse:
    action = request.POST.get("action", "")
    if action in {"recalculate", "search"}:
        reading = _read(request, offer, request.POST, blame=request.POST)
        return _page(request, reading, item=item, search=action == "search")
    reading = _read(request, offer, request.POST, blame=None)
    if offer.stock_left is not None and Product.objects.get(pk=offer.id).stock_left <= 0:
        reading.form.add_error(None, _("Stok produk ini baru saja habis."))
    if not reading.form.errors:
        try:
            _keep(request, reading, item)
        except carts.CartFull as full:
            reading.form.add_error(None, str(full))
        else:
            return redirect("cart:review")
    return _page(request, reading, item=item, status=422)


def _keep(request: HttpRequest, reading: Reading, item: CartItem | None) -> None:
    """Raises ``carts.CartFull``."""
    if item:
        cart = item.cart
        carts.replace(item=item, selection=reading.selection)
    else:
        cart = carts.current(request, create=True)
        carts.add(cart=cart, product_id=reading.form.offer.id, selection=reading.selection)
    if reading.draft.promotion:
        carts.set_promo_code(cart=cart, code=reading.draft.promotion.code)
    carts.remember(request, cart)


def _numbers(reading: Reading) -> dict[str, Any]:
    return {"draft": reading.draft, "cycles": cycle_totals(reading.form.offer, reading.selection)}


def _context(reading: Reading, *, search: bool = False) -> dict[str, Any]:
    form = reading.form
    return {
        **_numbers(reading),
        "offer": form.offer,
        "form": form,
        "option_groups": controls.option_groups(form),
        "addons": controls.addons(form),
        "domain_prices": controls.domain_prices(form),
        "extensions": controls.extensions(form, search=search),
    }


def _page(
    request: HttpRequest, reading: Reading, *, item: CartItem | None = None, search: bool = False, status: int = 200
) -> HttpResponse:
    context = _context(reading, search=search)
    return render(request, "cart/configure.html", {**context, "item": item}, status=status)
