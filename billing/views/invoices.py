"""Invoices as their customer sees them: the list, one with how to pay it, its PDF, and the link to share it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Ability
from billing import attempts, credit, gateways, paylinks, paymethods, pdf, po_numbers, qr_codes
from billing.downloads import as_file
from billing.forms import PaymentMethodForm, PoNumberForm
from billing.list_forms import InvoiceFilterForm
from billing.models import Invoice
from billing.views.invoice_page import page_of, state_of
from billing.views.lookups import acting_for, are_several, find_invoice
from catalog.money import format_money

PER_PAGE = 20


@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    customer = acting_for(request, Ability.SEE_INVOICES)
    form = InvoiceFilterForm(request.GET)
    found = form.apply(Invoice.objects.issued().filter(customer=customer).with_awaiting_verification())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    filtered = any(form.cleaned_data.values())
    context = {"filter": form, "page_obj": page, "filtered": filtered, "several": are_several(request, page)}
    return render(request, "billing/invoices.html", context)


@require_safe
def invoice(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_invoice(request, slug)
    return render(request, "billing/invoice.html", page_of(request, found))


@require_safe
def invoice_state(request: HttpRequest, slug: str) -> HttpResponse:
    """Asked while staff verifies or a provider is paid: nothing new is 204, else htmx loads the page again."""
    return unchanged_or_refresh(request, find_invoice(request, slug))


def unchanged_or_refresh(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    response = HttpResponse(status=204)
    waits = invoice.status == Invoice.Status.UNPAID and not invoice.awaiting_verification
    if request.GET.get("seen") != state_of(invoice, attempts.latest(invoice) if waits else None):
        response["HX-Refresh"] = "true"
    return response


@require_safe
def invoice_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    return pdf_response(find_invoice(request, slug))


def pdf_response(invoice: Invoice) -> HttpResponse:
    """The document as a download; made now if no worker has yet."""
    return as_file(pdf.current(invoice), f"{invoice.slug}.pdf", "application/pdf")


@require_safe
def invoice_qris(request: HttpRequest, slug: str) -> HttpResponse:
    return qris_response(find_invoice(request, slug))


def qris_response(invoice: Invoice) -> HttpResponse:
    """The code as a picture to keep, for who pays on the phone that shows it. Raises 404 where nothing is to scan."""
    is_open = invoice.status == Invoice.Status.UNPAID and invoice.payment_method
    scan = gateways.for_method(invoice.payment_method).instructions(invoice).scan if is_open else None
    if scan is None or scan.refusal:
        raise Http404
    return as_file(qr_codes.png(scan.text), f"qris-{invoice.slug}.png", "image/png")


@require_POST
def invoice_method(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_invoice(request, slug, Ability.PAY)
    form = PaymentMethodForm(request.POST)
    if form.is_valid():
        try:
            paymethods.choose(invoice=found, method=form.cleaned_data["payment_method"], actor=request.user)
        except paymethods.CannotChoose as error:
            messages.error(request, str(error))
        return redirect(f"{found.get_absolute_url()}#pay")
    return render(request, "billing/invoice.html", page_of(request, found, method_form=form), status=422)


@require_POST
def invoice_po(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_invoice(request, slug, Ability.PAY)
    form = PoNumberForm(request.POST)
    if not form.is_valid():
        return render(request, "billing/invoice.html", page_of(request, found, po_form=form), status=422)
    try:
        po_numbers.set_number(invoice=found, po_number=form.cleaned_data["po_number"], actor=request.user)
    except po_numbers.CannotSet as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Nomor PO disimpan; PDF tagihan ini memuatnya."))
    return redirect(found)


@require_POST
def invoice_credit(request: HttpRequest, slug: str) -> HttpResponse:
    """Pay from the customer's credit, as far as it goes."""
    found = find_invoice(request, slug, Ability.PAY)
    try:
        used = credit.use(invoice=found, actor=request.user)
    except credit.CannotUse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(amount)s dibayar dari kredit.") % {"amount": format_money(used, found.currency)})
    return redirect(found)


@require_POST
def invoice_share(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_invoice(request, slug, Ability.PAY)
    paylinks.share(invoice=found, actor=request.user)
    messages.success(request, _("Tautan dibuat. Tautan yang lama, bila ada, tidak berlaku lagi."))
    return redirect(f"{found.get_absolute_url()}#share")


@require_POST
def invoice_unshare(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_invoice(request, slug, Ability.PAY)
    paylinks.revoke(invoice=found, actor=request.user)
    messages.success(request, _("Tautan dicabut."))
    return redirect(f"{found.get_absolute_url()}#share")
