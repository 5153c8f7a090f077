"""A customer's tax invoice (faktur pajak): asking for it and downloading it."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Ability
from billing import tax_invoices
from billing.models import TaxInvoice
from billing.views.confirmations import download
from billing.views.lookups import find_invoice


@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    invoice = find_invoice(request, slug, Ability.PAY)
    try:
        tax_invoices.ask(invoice=invoice, actor=request.user)
    except tax_invoices.CannotAsk as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Permintaan faktur pajak kami terima. Anda mendapat email begitu terbit."))
    return redirect(f"{invoice.get_absolute_url()}#tax-invoice")


@require_safe
def document(request: HttpRequest, slug: str) -> FileResponse:
    invoice = find_invoice(request, slug, Ability.SEE_INVOICES)
    return download(get_object_or_404(TaxInvoice, invoice=invoice, filed_at__isnull=False))
