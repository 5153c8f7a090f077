"""The cart: what is in it, what it costs, and everything that changes it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from cart import carts, codes, quotes, sharing
from cart.forms.promo import PromoForm
from cart.models import Cart, CartItem
from catalog.promotions import PromotionRefused
from catalog.selection import Selection


@login_not_required
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    return _page(request, carts.current(request))


def _page(request: HttpRequest, cart: Cart | None, form: PromoForm | None = None, status: int = 200) -> HttpResponse:
    cart_quote = quotes.quote_cart(cart, request.customer or None)
    if carts.count_items(request) != len(cart_quote.lines):
        request.session[carts.SESSION_COUNT] = len(cart_quote.lines)
    context: dict[str, Any] = {
        "cart": cart,
        "cart_quote": cart_quote,
        "form": form or PromoForm(),
        "removed": request.session.get(carts.SESSION_REMOVED, ()),
        "share_token": sharing.token_of(cart_quote.lines),
    }
    return render(request, "cart/review.html", context, status=status)


@login_not_required
@require_POST
def remove(request: HttpRequest, item_id: int) -> HttpResponse:
    cart = carts.current(request)
    item = get_object_or_404(CartItem, pk=item_id, cart=cart)
    return _take_out(request, cart, cart.items.filter(pk=item.pk))


@login_not_required
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    cart = carts.current(request)
    return _take_out(request, cart, cart.items.all()) if cart else redirect("cart:review")


def _take_out(request: HttpRequest, cart: Cart, items: Any) -> HttpResponse:
    removed = carts.remove(cart=cart, items=items)
    carts.remember(request, cart, removed=removed)
    return redirect("cart:review")


@login_not_required
@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Undo the last removal."""
    removed = request.session.get(carts.SESSION_REMOVED, ())
    if removed:
        cart = carts.current(request, create=True)
        carts.restore(cart=cart, removed=removed)
        carts.remember(request, cart)
    return redirect("cart:review")


@login_not_required
@require_POST
def promo(request: HttpRequest) -> HttpResponse:
    """Check a code and keep it with the cart; a refusal says which condition failed (D5). An empty one takes it off."""
    cart = carts.current(request)
    if cart is None:
        return redirect("cart:review")
    if request.POST.get("action") == "remove":
        carts.set_promo_code(cart=cart, code="")
        return redirect("cart:review")
    form = PromoForm(request.POST)
    if not form.is_valid():
        return _page(request, cart, form, status=422)
    customer = request.customer or None
    items = quotes.quote_cart(cart, customer).items
    try:
        codes.check(form.cleaned_data["code"], items=items, customer=customer, visitor=limits.client_ip(request))
    except PromotionRefused as refusal:
        form.add_error("code", refusal.message)
        return _page(request, cart, form, status=429 if refusal.condition == codes.TOO_MANY else 422)
    carts.set_promo_code(cart=cart, code=form.cleaned_data["code"])
    return redirect("cart:review")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's cart by its link: shown at today's prices, and put into the visitor's own by a button."""
    try:
        items = sharing.items_of(token)
    except signing.BadSignature as error:
        raise Http404 from error
    cart_quote = quotes.quote_items(items, customer=request.customer or None)
    if request.method == "POST":
        return _take_over(request, cart_quote)
    return render(request, "cart/shared.html", {"cart_quote": cart_quote})


def _take_over(request: HttpRequest, cart_quote: quotes.CartQuote) -> HttpResponse:
    cart = carts.current(request, create=True)
    try:
        for line in cart_quote.lines:
            if not line.offer.retired:
                carts.add(cart=cart, product_id=line.offer.id, selection=Selection.from_json(line.item.selection))
    except carts.CartFull as full:
        messages.error(request, str(full))
    carts.remember(request, cart)
    return redirect("cart:review")
