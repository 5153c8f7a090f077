"""Credit as its customer sees it: every entry, adding to it, what was paid out, and the credit notes that it comes from."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Sum, Window
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Ability
from billing import documents, funds, lifecycle, payments, pdf, transitions
from billing.downloads import as_file
from billing.forms import AddFundsForm
from billing.models import CreditEntry, CreditNote, Refund
from billing.views.confirmations import download
from billing.views.lookups import abilities_at, acting_for, find_invoice, require
from catalog.money import DEFAULT_CURRENCY, ZERO

PER_PAGE = 20


@require_safe
def credit(request: HttpRequest) -> HttpResponse:
    """All entries, newest first, each with the balance after it."""
    customer = acting_for(request, Ability.SEE_INVOICES)
    entries = CreditEntry.objects.filter(customer=customer, currency=DEFAULT_CURRENCY)
    running = Window(Sum("amount"), order_by=F("pk").asc())
    found = entries.annotate(balance=running).select_related("invoice", "refund").order_by("-pk")
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "balance": payments.credit_balance(customer) if customer else ZERO,
        "may_add": customer is not None and Ability.PAY in abilities_at(request, customer.pk),
    }
    return render(request, "billing/credit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_funds(request: HttpRequest) -> HttpResponse:
    customer = acting_for(request, Ability.PAY)
    if customer is None:
        return redirect("client-home")
    form = AddFundsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return redirect(funds.add(customer=customer, actor=request.user, **form.cleaned_data))
        except funds.CannotAdd as refusal:
            form.add_error("amount", str(refusal))
    return render(request, "billing/add_funds.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
def invoice_drop(request: HttpRequest, slug: str) -> HttpResponse:
    """Funds that nobody wants to add any more."""
    found = find_invoice(request, slug, Ability.PAY)
    try:
        funds.drop(invoice=found, actor=request.user)
        messages.success(request, _("Tagihan dibatalkan. Tidak ada yang perlu Anda bayar."))
    except (lifecycle.CannotCancel, transitions.InvalidTransition) as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


def _find_note(request: HttpRequest, slug: str) -> CreditNote:
    notes = CreditNote.objects.visible_to(request.user).select_related("invoice")
    note = get_object_or_404(notes, slug=slug)
    require(request, note.invoice.customer_id, Ability.SEE_INVOICES)
    return note


@require_safe
def credit_note(request: HttpRequest, slug: str) -> HttpResponse:
    note = _find_note(request, slug)
    context = {
        "note": note,
        "lines": note.lines.select_related("invoice_line"),
        "totals": documents.totals_of_note(note),
        "refunds": note.refunds.all(),
    }
    return render(request, "billing/credit_note.html", context)


@require_safe
def credit_note_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    note = _find_note(request, slug)
    return as_file(pdf.of_credit_note(note), f"{note.slug}.pdf", "application/pdf")


@require_safe
def refund_proof(request: HttpRequest, pk: int) -> FileResponse:
    """The proof of a transfer that we made, for members who see invoices."""
    refund = get_object_or_404(Refund.objects.exclude(file="").filter(customer__memberships__user=request.user), pk=pk)
    require(request, refund.customer_id, Ability.SEE_INVOICES)
    return download(refund)
