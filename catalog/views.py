"""The store: its front page, its groups, and the plans of each."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog import offers, previews, store
from catalog.models import Product
from catalog.pages import for_visitors


def _overview_page(request: HttpRequest, template: str) -> HttpResponse:
    """The groups that have something to show, each with its lowest price."""
    offers.cached([pk for shelf in store.shelves() for pk in shelf.product_ids])
    groups = [
        {"shelf": shelf, "starting": store.lowest(shelf), "count": len(shelf.product_ids)}
        for shelf in store.shelves()
        if shelf.product_ids
    ]
    return render(request, template, {"groups": groups, "basis": store.price_basis()})


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return for_visitors(request, lambda: _overview_page(request, "catalog/home.html"))


@login_not_required
@require_safe
def storefront(request: HttpRequest) -> HttpResponse:
    return for_visitors(request, lambda: _overview_page(request, "catalog/store.html"))


@login_not_required
@require_safe
def group(request: HttpRequest, group_slug: str) -> HttpResponse:
    if "preview" in request.GET:
        return _preview(request, group_slug, request.GET["preview"])
    return for_visitors(request, lambda: _group_page(request, group_slug))


def _group_page(request: HttpRequest, group_slug: str) -> HttpResponse:
    shelf = store.shelf(group_slug)
    if shelf is None:
        raise Http404
    return _render_group(request, shelf, store.plans(shelf))


def _preview(request: HttpRequest, group_slug: str, token: str) -> HttpResponse:
    """One product as its card will look, read fresh; the link is the permission."""
    product = (
        Product.objects.filter(pk=previews.product_id(token), group__slug=group_slug).select_related("group").first()
    )
    if product is None:
        raise Http404
    offer = offers.load([product.pk])[product.pk]
    response = _render_group(request, store.shelf_of(product.group), [store.plan(offer)], preview=True)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


def _render_group(
    request: HttpRequest, shelf: store.Shelf, plans: list[store.Plan], *, preview: bool = False
) -> HttpResponse:
    context = {
        "shelves": store.shelves(),
        "here": shelf,
        "plans": plans,
        "basis": store.price_basis(),
        "preview": preview,
    }
    return render(request, "catalog/group.html", context)
