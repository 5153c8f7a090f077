"""The private link to one invoice: whoever holds it may read, print, and confirm the payment of this invoice only."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import confirmations, paylinks
from billing.forms import ConfirmationForm
from billing.models import Invoice
from billing.views.confirmations import send
from billing.views.invoice_page import Doors, build
from billing.views.invoices import pdf_response, qris_response, unchanged_or_refresh


def find(token: str) -> Invoice | None:
    """The link's invoice, ``None`` where the link is not valid."""
    try:
        return paylinks.find(token)
    except paylinks.LinkNotValid:
        return None


def ended(request: HttpRequest) -> HttpResponse:
    """The same answer for a changed, an old and an unknown link: it tells nothing about invoices."""
    return render(request, "billing/pay_ended.html", status=404)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, token: str) -> HttpResponse:
    invoice = find(token)
    if invoice is None:
        return ended(request)
    doors = Doors(
        confirm=request.path,
        pdf=reverse("billing:pay-pdf", args=[token]),
        qris=reverse("billing:pay-qris", args=[token]),
        start=reverse("billing:pay-start", args=[token]),
        state=reverse("billing:pay-state", args=[token]),
    )
    form = None
    if request.method == "POST":
        form = ConfirmationForm(request.POST, request.FILES, invoice=invoice)
        if send(request, form, partial(confirmations.submit, invoice=invoice), actor=None):
            messages.success(request, _("Terima kasih. Konfirmasi pembayaran Anda kami terima."))
            return redirect(request.path)
    page = build(request, invoice, doors, form=form)
    return render(request, "billing/pay.html", page, status=422 if form else 200)


@login_not_required
@require_safe
def pay_state(request: HttpRequest, token: str) -> HttpResponse:
    """As ``invoices.invoice_state``."""
    invoice = find(token)
    return unchanged_or_refresh(request, invoice) if invoice else ended(request)


@login_not_required
@require_safe
def pay_pdf(request: HttpRequest, token: str) -> HttpResponse:
    invoice = find(token)
    return pdf_response(invoice) if invoice else ended(request)


@login_not_required
@require_safe
def pay_qris(request: HttpRequest, token: str) -> HttpResponse:
    invoice = find(token)
    return qris_response(invoice) if invoice else ended(request)
