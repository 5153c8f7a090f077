"""Handing a service over: offered on its page, answered on the page that the link in the email opens."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from accounts.middleware import SESSION_KEY, memberships_of
from accounts.models import Customer
from accounts.roles import ALLOWED, Ability
from billing import transfers
from billing.forms import AnswerTransferForm, OfferTransferForm
from billing.models import Service, ServiceTransfer
from billing.views.lookups import find_service


@require_http_methods(["GET", "HEAD", "POST"])
def service_transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say to whom; the answer is the same whether or not the address is known here."""
    found = find_service(request, pk, Ability.EDIT_CUSTOMER)
    if not transfers.can_be_offered(found):
        messages.warning(request, _("Hanya layanan yang berjalan dan tidak berhenti yang dapat dipindahkan."))
        return redirect(found)
    form = OfferTransferForm(request.POST or None)
    if form.is_valid() and not limits.allow("transfer", request.user.pk):
        form.add_error(None, _("Terlalu banyak tawaran. Coba lagi nanti."))
    if not form.is_valid():
        context = {"service": found, "form": form, "days": transfers.DAYS_TO_ANSWER}
        return render(request, "billing/transfer_service.html", context, status=422 if form.is_bound else 200)
    return _offer(request, found, form.cleaned_data["email"])


def _offer(request: HttpRequest, found: Service, email: str) -> HttpResponse:
    try:
        made = transfers.offer(service=found, email=email, actor=request.user)
    except transfers.CannotTransfer as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Tawaran dikirim ke %(email)s.") % {"email": made.email})
    return redirect(found)


@require_POST
def transfer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_service(request, pk, Ability.EDIT_CUSTOMER)
    offered = transfers.open_of(found)
    if offered is None:
        messages.warning(request, _("Tidak ada tawaran yang menunggu jawaban."))
        return redirect(found)
    try:
        transfers.withdraw(transfer=offered, actor=request.user)
    except transfers.CannotTransfer as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Tawaran ditarik. Layanan tetap milik Anda."))
    return redirect(found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered by whom; agreed to for a customer whom the person may order for, or declined."""
    if not limits.allow("transfer_link", limits.client_ip(request)):
        return render(request, "429.html", status=429)
    found = transfers.find(token)
    if found is None:
        raise Http404
    form = AnswerTransferForm(request.POST or None, customers=_customers(request, found))
    if request.method != "POST" or not found.is_open:
        return _page(request, found, form)
    if request.POST.get("action") == "decline":
        return _answered(request, found, None)
    return _answered(request, found, form.cleaned_data["customer"]) if form.is_valid() else _page(request, found, form)


def _customers(request: HttpRequest, found: ServiceTransfer) -> list[Customer]:
    """For whom the person may take it: as they may order, and not the customer that gives."""
    mine = [one for one in memberships_of(request) if one.role in ALLOWED[Ability.ORDER]]
    return [one.customer for one in mine if one.customer_id != found.from_customer_id]


def _page(request: HttpRequest, found: ServiceTransfer, form: AnswerTransferForm) -> HttpResponse:
    context = {"transfer": found, "service": found.service, "form": form}
    return render(request, "billing/transfer.html", context, status=422 if form.is_bound and form.errors else 200)


def _answered(request: HttpRequest, found: ServiceTransfer, customer: Customer | None) -> HttpResponse:
    try:
        if customer is None:
            transfers.decline(transfer=found, actor=request.user)
        else:
            taken = transfers.accept(transfer=found, customer=customer, actor=request.user)
    except transfers.CannotTransfer as refusal:
        messages.error(request, str(refusal))
        return redirect(request.path)
    if customer is None:
        messages.success(request, _("Tawaran ditolak. Tidak ada yang berpindah."))
        return redirect("client-home")
    request.session[SESSION_KEY] = customer.pk
    messages.success(request, _("%(service)s sekarang milik %(customer)s.") % {"service": taken, "customer": customer})
    return redirect(taken)
