"""Paying an invoice through a provider: beginning an attempt, coming back from the provider's page, and its webhooks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import limits
from accounts.models import User
from accounts.roles import Ability
from billing import attempts, gateways
from billing.attempts import webhooks
from billing.forms import ChannelForm
from billing.models import Invoice, PaymentAttempt
from billing.views.lookups import find_invoice
from billing.views.pay import ended, find

# Which private link an attempt was begun from, so that its payer comes back to it.
SESSION_KEY = "paid_by_link"


@require_POST
def invoice_pay(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_invoice(request, slug, Ability.PAY)
    _begin(request, found, actor=request.user)
    return redirect(f"{found.get_absolute_url()}#pay")


@login_not_required
@require_POST
def pay_start(request: HttpRequest, token: str) -> HttpResponse:
    """The same for the holder of a private link, who is led back to it from the provider's page."""
    found = find(token)
    if found is None:
        return ended(request)
    attempt = _begin(request, found, actor=None)
    if attempt:
        request.session[SESSION_KEY] = {"attempt": attempt.pk, "token": token}
    return redirect(f"{reverse('billing:pay', args=[token])}#pay")


def _begin(request: HttpRequest, invoice: Invoice, actor: User | None) -> PaymentAttempt | None:
    form = ChannelForm(request.POST)
    channel = form.cleaned_data["channel"] if form.is_valid() else ""
    try:
        return attempts.begin(invoice=invoice, channel=channel, actor=actor)
    except attempts.CannotStart as refusal:
        messages.error(request, str(refusal))
        return None


@login_not_required
@require_safe
def returned(request: HttpRequest, order_id: str) -> HttpResponse:
    """Where the provider's page leads back to: to the invoice, or the private link it was opened from.

    Nothing that the address says is believed; the provider is asked at once.
    """
    attempt = get_object_or_404(PaymentAttempt.objects.select_related("invoice"), order_id=order_id)
    if attempt.is_live:
        attempts.ask_now(attempt)
    begun = request.session.get(SESSION_KEY, {})
    if begun.get("attempt") == attempt.pk:
        return redirect("billing:pay", begun["token"])
    return redirect(attempt.invoice)


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """A provider's call; open only for one whose keys the shop has."""
    if not gateways.is_open(provider):
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > webhooks.MOST_BYTES:
        return HttpResponse(status=413)
    if not limits.allow("webhook", provider, limits.client_ip(request)):
        # As for every other failure that passes, it is sent again.
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    return HttpResponse(status=webhooks.receive(provider, request.body, request.headers))
