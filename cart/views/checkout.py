"""Checkout: one page, one form, one order.

A guest whose address has an account already cannot order without signing in, and the page must not say that there is an
account. So that case is refused with words that fit any address, after everything else about the order is in order, its
owner is told by email (once a day), and tries are counted per visitor. What an attacker learns costs him an order for each
address that is unknown; the pages for sign-in, sign-up and reset tell him nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.middleware import active_membership, memberships_of
from accounts.models import Customer, Membership, User
from accounts.people import EmailTaken
from accounts.roles import ALLOWED, Ability
from billing import ordering, paymethods
from billing.models import Order, TermsVersion
from cart import carts, emails, quotes
from cart.checkout import Buyer, CartChanged, Seen, Terms, changes, check_out
from cart.forms.checkout import CheckoutForms
from cart.models import Cart
from cart.quotes import CartQuote
from catalog import snapshots, stencils
from catalog.pricing import ConfigurationError
from catalog.promotions import PromotionRefused

# A guest's repeated post is recognised by its key and its password for this long.
REPEAT_WINDOW = timedelta(hours=1)
NEW_CUSTOMER = "new"
EDIT = "edit"


@dataclass(frozen=True)
class Choice:
    """Which of the person's customers orders: ``membership`` is ``None`` for guests and for a new customer."""

    memberships: Sequence[Membership]
    membership: Membership | None

    @property
    def customer(self) -> Customer | None:
        return self.membership.customer if self.membership else None

    def can(self, ability: Ability) -> bool:
        return self.membership is None or self.membership.role in ALLOWED[ability]


@login_not_required
@sensitive_post_parameters("account-password")
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and (repeated := _repeated(request)):
        return repeated
    choice = _choose(request)
    if not choice.can(Ability.ORDER):
        return _cannot_order(request, choice)
    cart = carts.current(request)
    cart_quote = quotes.quote_cart(cart, choice.customer, fresh=request.method == "POST")
    if not cart_quote.orderable:
        # Emptied by the same form's first post between the two looks.
        return (request.method == "POST" and _repeated(request)) or redirect("cart:review")
    if request.method != "POST":
        return _page(request, choice, cart, cart_quote, _forms(request, choice))
    return _post(request, choice, cart, cart_quote)


def _post(request: HttpRequest, choice: Choice, cart: Cart, cart_quote: CartQuote) -> HttpResponse:
    forms = _forms(request, choice, request.POST)
    if not forms.is_valid():
        return _page(request, choice, cart, cart_quote, forms, status=422)
    seen, now = Seen.read(forms.order.cleaned_data["seen"]), Seen.of(cart_quote)
    if seen is None or seen.amounts != now.amounts or seen.total != now.total:
        return _show_again(
            request, choice, forms, seen, _("Harga berubah sejak Anda melihatnya. Periksa, lalu pesan lagi.")
        )
    if not _may_try(request, forms):
        forms.refuse(_("Terlalu banyak percobaan. Tunggu beberapa menit, lalu coba lagi."))
        return _page(request, choice, cart, cart_quote, forms, status=429)
    try:
        order = check_out(
            cart=cart,
            checkout_key=forms.order.cleaned_data["checkout_key"],
            cart_quote=cart_quote,
            buyer=_buyer(request, choice, forms),
            terms=_terms(request, forms),
        )
    except EmailTaken:
        return _address_known(request, choice, forms)
    except CartChanged as refusal:
        return _repeated(request) or _show_again(request, choice, forms, now, str(refusal))
    except (ordering.OrderRefused, PromotionRefused, ConfigurationError) as refusal:
        return _show_again(request, choice, forms, now, str(refusal))
    return _thank(request, order)


def _buyer(request: HttpRequest, choice: Choice, forms: CheckoutForms) -> Buyer:
    return Buyer(
        user=request.user if request.user.is_authenticated else None,
        customer=choice.customer,
        details=forms.details,
        new_account=forms.account.account if forms.account else None,
    )


def _terms(request: HttpRequest, forms: CheckoutForms) -> Terms:
    return Terms(
        payment_method=forms.order.cleaned_data["payment_method"],
        accepted=forms.order.current_terms,
        notes=forms.order.cleaned_data["notes"],
        po_number=forms.order.cleaned_data["po_number"],
        ip_address=limits.client_ip(request),
        language=(get_language() or "id")[:2],
    )


# Who orders


def _choose(request: HttpRequest) -> Choice:
    """The customer that the page names, else the active one, else one for which the person may order."""
    if not request.user.is_authenticated:
        return Choice((), None)
    memberships = memberships_of(request)
    wanted = (request.POST if request.method == "POST" else request.GET).get("customer", "")
    if not memberships or wanted == NEW_CUSTOMER:
        return Choice(memberships, None)
    if wanted:
        named = [one for one in memberships if str(one.customer_id) == wanted]
        if not named:
            raise Http404
        return Choice(memberships, named[0])
    active = active_membership(request)
    ordering_ones = [one for one in memberships if one.role in ALLOWED[Ability.ORDER]]
    found = next((one for one in ordering_ones if one.pk == active.pk), None)
    return Choice(memberships, found or (ordering_ones[0] if ordering_ones else active))


def _cannot_order(request: HttpRequest, choice: Choice) -> HttpResponse:
    """Whom to ask, by name: only members see it."""
    able = Membership.objects.filter(customer=choice.customer, role__in=ALLOWED[Ability.ORDER]).select_related("user")
    context = {"choice": choice, "able": able}
    return render(request, "cart/cannot_order.html", context, status=403)


# The page


def _forms(request: HttpRequest, choice: Choice, data=None) -> CheckoutForms:
    guest = not request.user.is_authenticated
    # What is being ordered is checked against the database, what is only shown need not be.
    fresh = data is not None
    return CheckoutForms(
        data,
        guest=guest,
        customer=choice.customer,
        editing=choice.can(Ability.EDIT_CUSTOMER) and _wants_to_edit(request),
        person_email="" if guest else request.user.email,
        methods=paymethods.active() if fresh else paymethods.offered(),
        terms=TermsVersion.current() if fresh else snapshots.remember("terms", TermsVersion.current),
    )


def _wants_to_edit(request: HttpRequest) -> bool:
    """A known customer's data is shown; its form comes when asked for, and stays while it is being sent."""
    return EDIT in request.GET or any(name.startswith("billing-") for name in request.POST)


def _guest_fields(forms: CheckoutForms) -> SafeString:
    """A guest's fields. Empty they are the same for everybody, and forty of them cost more than the rest of the page."""

    def make(_marks=None) -> str:
        return render_to_string("cart/_guest.html", {"form": forms})

    return make() if forms.order.is_bound else stencils.filled("guest-fields", make)


def _page(
    request: HttpRequest, choice: Choice, cart: Cart, cart_quote: CartQuote, forms: CheckoutForms, status=200, **more
) -> HttpResponse:
    context = {
        "choice": choice,
        "cart_quote": cart_quote,
        "checkout_key": cart.checkout_key,
        "seen": Seen.of(cart_quote).sign(),
        "form": forms,
        "guest_fields": _guest_fields(forms) if forms.account else "",
        "may_edit": choice.can(Ability.EDIT_CUSTOMER),
        "edit_query": urlencode({"customer": choice.customer.pk if choice.customer else NEW_CUSTOMER, EDIT: 1}),
        **more,
    }
    return render(request, "cart/checkout.html", context, status=status)


def _show_again(
    request: HttpRequest, choice: Choice, forms: CheckoutForms, seen: Seen | None, message: str
) -> HttpResponse:
    """Nothing was ordered: the page again with everything typed, what changed, and the numbers of now."""
    cart = carts.current(request)
    cart_quote = quotes.quote_cart(cart, choice.customer, fresh=True)
    if not cart_quote.orderable:
        messages.error(request, message)
        return redirect("cart:review")
    forms.refuse(message)
    changed = changes(seen, Seen.of(cart_quote)) if seen else []
    return _page(request, choice, cart, cart_quote, forms, 422, changed=changed, seen_before=seen)


# Guests and their addresses


def _may_try(request: HttpRequest, forms: CheckoutForms) -> bool:
    """Count a guest's tries with different addresses; the same form sent again is one try."""
    if forms.account is None:
        return True
    address = limits.client_ip(request)
    same_try = uuid.uuid5(forms.order.cleaned_data["checkout_key"], forms.account.cleaned_data["email"])
    is_new = cache.add(f"checkout-try:{address}:{same_try}", 1, timeout=600)
    return not is_new or limits.allow("checkout", address)


def _address_known(request: HttpRequest, choice: Choice, forms: CheckoutForms) -> HttpResponse:
    email = forms.account.cleaned_data["email"]
    known = User.objects.filter(email=email).first()
    if known:
        emails.tell_that_address_is_known(known)
    forms.refuse(
        _(
            "Pesanan belum dapat dibuat dengan alamat email ini. Bila Anda pernah mendaftar, masuk lewat "
            "“Sudah punya akun? Masuk” di atas. Petunjuk selanjutnya kami kirim ke alamat itu."
        ),
        field="email",
    )
    cart = carts.current(request)
    return _page(request, choice, cart, quotes.quote_cart(cart, None), forms, status=422)


def _repeated(request: HttpRequest) -> HttpResponse | None:
    """The answer to a form that has become an order already (O2): its invoice, to whoever placed it.

    A guest's session may have changed with the first answer, so his account's password in the form stands for him, for an
    account that was made with this very order, and for an hour.
    """
    try:
        order = ordering.find(uuid.UUID(request.POST.get("checkout_key", "")))
    except ValueError:
        return None
    if order is None:
        return None
    if request.user.is_authenticated:
        return redirect(order.invoice) if Order.objects.visible_to(request.user).filter(pk=order.pk).exists() else None
    return _thank(request, order) if _is_the_new_account(request, order) else None


def _is_the_new_account(request: HttpRequest, order: Order) -> bool:
    user = order.placed_by
    return (
        user is not None
        and order.created_at > timezone.now() - REPEAT_WINDOW
        and abs(order.created_at - user.date_joined) < timedelta(minutes=1)
        and user.email == request.POST.get("account-email", "").strip().lower()
        and user.check_password(request.POST.get("account-password", ""))
    )


def _thank(request: HttpRequest, order: Order) -> HttpResponse:
    """The invoice; a guest is signed in to the account that was just made, by the ordinary way in.

    The address is confirmed later: its owner has the mail already, and here nothing but the new order can be seen.
    """
    carts.remember(request, carts.current(request))
    answer = redirect(order.invoice)
    if not request.user.is_authenticated:
        answer = perform_login(
            request, order.placed_by, email_verification=EmailVerificationMethod.NONE, redirect_url=answer.url
        )
        # That somebody is signed in now is not what they want to hear: reading a message takes it away.
        list(messages.get_messages(request))
    words = _("Terima kasih, pesanan Anda kami terima. Tagihannya juga kami kirim ke %(email)s.")
    messages.success(request, words % {"email": order.customer.billing_email})
    return answer


class CheckoutSignIn(LoginView):
    """Signing in without leaving the checkout: allauth's own view, with its limits and second factor."""

    success_url = reverse_lazy("cart:checkout")
    http_method_names = ["post"]

    def form_invalid(self, form) -> HttpResponse:
        cart = carts.current(self.request)
        cart_quote = quotes.quote_cart(cart, None)
        if not cart_quote.orderable:
            return redirect("cart:review")
        choice = Choice((), None)
        forms = _forms(self.request, choice)
        return _page(self.request, choice, cart, cart_quote, forms, status=422, login_form=form)


sign_in = CheckoutSignIn.as_view()
