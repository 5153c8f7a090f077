"""Renewing a service before its time, and giving that up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Ability
from billing import early, lifecycle, transitions
from billing.forms import RenewEarlyForm
from billing.models import Service
from billing.views.lookups import find_service


@require_http_methods(["GET", "HEAD", "POST"])
def service_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose how many periods, then see the invoice for them."""
    found = find_service(request, pk, Ability.ORDER)
    offers = early.offers(found, timezone.localdate()) if early.can_be_asked(found) else []
    if not offers:
        messages.warning(request, _("Layanan ini tidak dapat diperpanjang lebih awal."))
        return redirect(found)
    form = RenewEarlyForm(request.POST or None, offers=offers, currency=found.currency)
    if not form.is_valid():
        context = {"service": found, "form": form}
        return render(request, "billing/renew_service.html", context, status=422 if form.is_bound else 200)
    return _renew(request, found, form.cleaned_data["periods"])


def _renew(request: HttpRequest, found: Service, periods: int) -> HttpResponse:
    try:
        invoice = early.renew(service=found, periods=periods, actor=request.user)
    except early.CannotRenew as refusal:
        messages.error(request, str(refusal))
        return redirect(refusal.invoice or found)
    messages.success(request, _("Tagihan perpanjangan dibuat. Sampai dibayar, Anda dapat membatalkannya."))
    return redirect(invoice)


@require_POST
def service_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the early renewal that is not paid yet."""
    found = find_service(request, pk, Ability.ORDER)
    invoice = early.open_invoice(found)
    if invoice is None:
        messages.warning(request, _("Tidak ada perpanjangan lebih awal yang dapat dibatalkan."))
        return redirect(found)
    try:
        early.give_up(invoice=invoice, actor=request.user)
    except lifecycle.CannotCancel as refusal:
        messages.error(request, str(refusal))
    except transitions.InvalidTransition:
        messages.error(request, _("Tagihan ini baru saja dibayar atau dibatalkan."))
    else:
        messages.success(request, _("Tagihan %(number)s dibatalkan.") % {"number": invoice})
    return redirect(found)
