"""Services as their customer sees them, and their login details for those who may."""

from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import dates
from accounts.roles import Ability
from billing import cancellations, changes, early, logins, price_changes, retention, transfers
from billing.forms import EndServiceForm, StayForm
from billing.models import Invoice, Service
from billing.views.invoice_page import activation_by
from billing.views.lookups import abilities_at, acting_for, find_service

PER_PAGE = 20
INVOICES_SHOWN = 10


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    customer = acting_for(request, Ability.SEE_SERVICES)
    found = Service.objects.filter(customer=customer, parent=None).with_open_change().select_related("product__group")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "billing/services.html", {"page_obj": page})


@require_safe
def service(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "billing/service.html", _page_of(request, find_service(request, pk)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def service_login(request: HttpRequest, pk: int) -> HttpResponse:
    """The login details, shown by a POST after the password was typed lately, and kept by no cache."""
    found = find_service(request, pk, Ability.SEE_LOGIN_DETAILS)
    return _reveal(request, found) if request.method == "POST" else redirect(found)


@reauthentication_required
def _reveal(request: HttpRequest, found: Service) -> HttpResponse:
    page = _page_of(request, found) | {"login_details": logins.reveal(service=found, actor=request.user)}
    return render(request, "billing/service.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def service_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask when and why, then ask for the end of the service (S7)."""
    found = find_service(request, pk, Ability.ORDER)
    if not cancellations.can_be_asked(found):
        messages.warning(request, _("Layanan ini tidak berjalan atau sudah diminta berhenti."))
        return redirect(found)
    form = EndServiceForm(request.POST or None, service=found)
    if not form.is_valid():
        context = {"service": found, "form": form, "offer": retention.offer_for(found, timezone.now())}
        return render(request, "billing/end_service.html", context, status=422 if form.is_bound else 200)
    try:
        cancellations.request(service=found, actor=request.user, **form.cleaned_data)
    except cancellations.CannotEnd as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("Permintaan dicatat. %(service)s berjalan sampai %(day)s.")
        last = found.ends_on - timedelta(days=1)
        messages.success(request, words % {"service": found, "day": dates.full_date(last)})
    return redirect(found)


@require_POST
def service_stay(request: HttpRequest, pk: int) -> HttpResponse:
    """Stay for the offer of the end page."""
    found = find_service(request, pk, Ability.ORDER)
    form = StayForm(request.POST)
    try:
        if not form.is_valid():
            raise retention.CannotRetain(_("Tawaran ini tidak berlaku lagi."))
        retention.accept(service=found, promotion_id=form.cleaned_data["promotion"], actor=request.user)
    except retention.CannotRetain as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Terima kasih. Perpanjangan berikutnya mendapat potongan itu."))
    return redirect(found)


@require_POST
def service_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw the request."""
    found = find_service(request, pk, Ability.ORDER)
    try:
        cancellations.withdraw(service=found, actor=request.user)
    except cancellations.CannotEnd as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(service)s tetap berjalan seperti biasa.") % {"service": found})
    return redirect(found)


def _page_of(request: HttpRequest, found: Service) -> dict:
    allowed = abilities_at(request, found.customer_id)
    sees_invoices = Ability.SEE_INVOICES in allowed
    of_service = Q(lines__service=found) | Q(lines__service__parent=found)
    invoices = (
        Invoice.objects.issued().filter(of_service, customer=found.customer).with_awaiting_verification().distinct()
    )
    return {
        "service": found,
        "components": found.components.all(),
        "children": found.children.all(),
        "invoices": invoices[:INVOICES_SHOWN] if sees_invoices else [],
        "sees_invoices": sees_invoices,
        "sees_login_details": bool(found.login_details_encrypted) and Ability.SEE_LOGIN_DETAILS in allowed,
        "activation_by": activation_by(found),
        "coming_price": price_changes.to_come([found]).get(found.pk),
        "may_renew": Ability.ORDER in allowed and early.can_be_asked(found),
        "early_invoice": early.open_invoice(found) if Ability.ORDER in allowed else None,
        "may_transfer": Ability.EDIT_CUSTOMER in allowed and transfers.can_be_offered(found),
        "transfer": transfers.open_of(found) if Ability.EDIT_CUSTOMER in allowed else None,
        "open_change": None if found.parent_id else changes.open_change(found),
        "may_order": Ability.ORDER in allowed,
        "may_change": Ability.ORDER in allowed and changes.can_be_asked(found),
        "may_end": Ability.ORDER in allowed and cancellations.can_be_asked(found),
        "may_keep": Ability.ORDER in allowed and found.ends_on is not None and found.parent_id is None,
        "last_day": found.ends_on and found.ends_on - timedelta(days=1),
    }
