"""The payment confirmation ("Konfirmasi Pembayaran"): sending a proof, taking it back, and reading it again."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.models import User
from accounts.roles import Ability
from billing import confirmations, qris, together, uploads
from billing.downloads import RUNS_NOTHING
from billing.forms import ConfirmationForm, ConfirmWhichForm, SeveralInvoicesForm, TransferForm, transfer_accounts
from billing.models import Invoice, PaymentConfirmation, ProofFile
from billing.views.invoice_page import page_of
from billing.views.lookups import acting_for, find_invoice, open_invoices, require
from catalog.money import total_of

VERIFY = "billing.verify_payment"


@require_http_methods(["GET", "HEAD", "POST"])
def invoice_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    invoice = find_invoice(request, slug, Ability.CONFIRM)
    if request.method != "POST":
        return redirect(f"{invoice.get_absolute_url()}#confirm")
    form = ConfirmationForm(request.POST, request.FILES, invoice=invoice)
    if send(request, form, partial(confirmations.submit, invoice=invoice), actor=request.user):
        messages.success(request, _("Terima kasih. Konfirmasi pembayaran Anda kami terima."))
        return redirect(invoice)
    return render(request, "billing/invoice.html", page_of(request, invoice, form=form), status=422)


def send(request: HttpRequest, form: TransferForm, submit: Callable[..., object], *, actor: User | None) -> bool:
    """Submit what the form holds; what is refused stands in the form as its errors."""
    if not limits.allow("upload", actor.pk if actor else limits.client_ip(request)):
        form.add_error(None, _("Terlalu banyak unggahan dalam waktu singkat. Coba lagi beberapa menit lagi."))
    if not form.is_valid():
        return False
    try:
        submit(actor=actor, **form.cleaned_data)
    except confirmations.AlreadySubmitted:
        # A second press of the button: its page is the first one's.
        return True
    except ValidationError as error:
        form.add_error(None, error)
    except (confirmations.ConfirmationRefused, uploads.CannotStore) as error:
        form.add_error(None, str(error))
    return form.is_valid()


@require_safe
def confirm(request: HttpRequest) -> HttpResponse:
    """The menu's way in: the only unpaid invoice at once, else a choice among them."""
    customer = acting_for(request, Ability.CONFIRM)
    invoices = open_invoices(customer)
    form = ConfirmWhichForm(request.GET or None, invoices=invoices)
    if form.is_bound and form.is_valid():
        return redirect(f"{form.cleaned_data['invoice'].get_absolute_url()}#confirm")
    rows = list(invoices[:50])
    open_ones = [row for row in rows if not row.awaiting_verification]
    if len(rows) == len(open_ones) == 1:
        return redirect(f"{rows[0].get_absolute_url()}#confirm")
    return render(request, "billing/confirm.html", {"form": form, "invoices": rows, "several": len(open_ones) > 1})


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_together(request: HttpRequest) -> HttpResponse:
    """One transfer for the invoices that were ticked (C4)."""
    customer = acting_for(request, Ability.CONFIRM)
    invoices = open_invoices(customer)
    if request.method != "POST":
        invoices = invoices.filter(awaiting_verification=False)
    which = SeveralInvoicesForm(request.POST or request.GET, invoices=invoices)
    chosen = which.chosen()
    if len(chosen) == 1:
        return redirect(f"{chosen[0].get_absolute_url()}#confirm")
    if not chosen:
        messages.warning(request, _("Centang tagihan yang Anda bayar dengan satu transfer."))
        return redirect("billing:confirm")
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TransferForm(*posted, invoices=chosen)
    if form.is_bound and send(request, form, partial(together.submit, invoices=chosen), actor=request.user):
        messages.success(request, _("Terima kasih. Konfirmasi pembayaran Anda kami terima."))
        return redirect("billing:invoices")
    context = {
        "form": form,
        "invoices": chosen,
        "total": total_of(invoice.balance for invoice in chosen),
        "currency": chosen[0].currency,
        "reference": ", ".join(invoice.number for invoice in chosen),
        **_where_to(chosen),
    }
    return render(request, "billing/confirm_together.html", context, status=422 if form.is_bound else 200)


def _where_to(invoices: Sequence[Invoice]) -> dict:
    """The code that asks for all of it, where the first is paid by QRIS and one can, else the accounts to transfer to."""
    first, accounts = invoices[0], transfer_accounts(invoices[0])
    total = total_of(invoice.balance for invoice in invoices)
    codes = (account.code for account in accounts if account.code and account.method_id == first.payment_method_id)
    scan = next((qris.Scan(code, total, first.currency) for code in codes), None)
    if scan and not scan.refusal:
        return {"scan": scan}
    return {"accounts": [account for account in accounts if not account.code]}


@require_POST
def withdraw(request: HttpRequest, confirmation_id: int) -> HttpResponse:
    mine = PaymentConfirmation.objects.visible_to(request.user).select_related("invoice")
    confirmation = get_object_or_404(mine, pk=confirmation_id)
    require(request, confirmation.invoice.customer_id, Ability.CONFIRM)
    try:
        confirmations.withdraw(confirmation=confirmation, actor=request.user)
        messages.success(request, _("Konfirmasi ditarik. Anda dapat mengirim yang baru."))
    except confirmations.ConfirmationRefused as error:
        messages.error(request, str(error))
    return redirect(confirmation.invoice)


@require_safe
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """A proof as a download, for members who see invoices and for staff who verify: never shown inside a page of ours."""
    proofs = ProofFile.objects.select_related("confirmation__invoice")
    if request.user.has_perm(VERIFY):
        found = get_object_or_404(proofs, pk=pk)
    else:
        mine = PaymentConfirmation.objects.visible_to(request.user)
        found = get_object_or_404(proofs.filter(confirmation__in=mine), pk=pk)
        require(request, found.confirmation.invoice.customer_id, Ability.SEE_INVOICES)
    return download(found)


class SentFile(Protocol):
    """A file that somebody sent: a proof, or what is attached to a message."""

    file: FieldFile
    name: str
    content_type: str


def download(found: SentFile) -> FileResponse:
    return FileResponse(
        found.file.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type=found.content_type,
        headers={**RUNS_NOTHING, "Cache-Control": "private, no-store"},
    )
