"""Opening a ticket, and the short and old addresses that lead to its form."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.models import Customer
from accounts.roles import Ability
from billing import uploads
from billing.confirmations import ConfirmationRefused
from billing.views.lookups import abilities_at
from tickets import choices, opening, payments, promises
from tickets.forms.new import Asked, AskedForm, LegacyForm, TicketForm
from tickets.forms.transfers import MessageForms, TransferForm
from tickets.models import Department, Ticket
from tickets.refusals import TicketRefused


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``refresh`` in what is posted shows the form again as it was typed: for browsers without scripts, and for htmx."""
    asked = AskedForm.read(request.POST if request.method == "POST" else request.GET)
    customer = _customer(request, asked)
    allowed = abilities_at(request, customer.pk) if customer else frozenset()
    if customer and Ability.OPEN_TICKETS not in allowed:
        raise PermissionDenied(Ability.OPEN_TICKETS.label)
    sends = request.method == "POST" and "refresh" not in request.POST
    forms = _forms(request, sends, customer=customer, allowed=allowed, asked=asked)
    if sends and (made := _send(request, forms, customer)):
        messages.success(request, _thanks(made))
        return redirect(made)
    page = {"form": forms, "asking_for": customer, "invoice": forms.message.chosen("invoice")}
    return render(request, "tickets/new.html", page, status=422 if sends else 200)


def _customer(request: HttpRequest, asked: Asked) -> Customer | None:
    """Of several customers the one that the form is about, else the one that the person acts for."""
    if asked.invoice or asked.service or asked.customer:
        found = choices.customer_of(request.user, invoice=asked.invoice, service=asked.service, customer=asked.customer)
        if found:
            return found
    return request.customer or None


def _forms(
    request: HttpRequest, sends: bool, *, customer: Customer | None, allowed: frozenset[Ability], asked: Asked
) -> MessageForms:
    """Bound if they are sent; a form that is only shown again begins with what was typed."""
    data, files = (request.POST, request.FILES) if sends else (None, None)
    typed = request.POST.dict() if request.method == "POST" and not sends else {}
    ticket = TicketForm(
        data,
        files,
        customer=customer,
        sees_invoices=Ability.SEE_INVOICES in allowed,
        asked=asked,
        initial={name: typed[name] for name in TicketForm.base_fields if name in typed},
    )
    return MessageForms(ticket, _transfer(ticket, data, typed) if Ability.CONFIRM in allowed else None)


def _transfer(ticket: TicketForm, data, typed: dict) -> TransferForm | None:
    department, invoice = ticket.chosen("department"), ticket.chosen("invoice")
    if department is None or not payments.takes_payments(department, invoice):
        return None
    if data is None:
        names = {name: f"transfer-{name}" for name in TransferForm.base_fields}
        return TransferForm(invoice=invoice, initial={name: typed[key] for name, key in names.items() if key in typed})
    # A page that did not show these fields says nothing about a transfer.
    return TransferForm(data, invoice=invoice) if "transfer-amount" in data else None


def _send(request: HttpRequest, forms: MessageForms, customer: Customer | None) -> Ticket | None:
    """Open the ticket that the forms describe; what is refused stands in them as errors."""
    if request.FILES and not limits.allow("upload", request.user.pk):
        forms.refuse(_("Terlalu banyak unggahan dalam waktu singkat. Coba lagi beberapa menit lagi."))
    if not forms.is_valid():
        return None
    given = {name: forms.message.cleaned_data[name] for name in ("body", "files", "submission_key")}
    given |= {"actor": request.user, "question": forms.message.question(customer, get_language())}
    transfer = forms.transfer.transfer if forms.transfer else None
    try:
        if transfer:
            return payments.open_with_confirmation(transfer=transfer, **given)
        return opening.open_ticket(**given)
    except ValidationError as error:
        forms.refuse(error)
    except (TicketRefused, ConfirmationRefused, uploads.CannotStore) as error:
        forms.refuse(str(error))
    return None


def _thanks(ticket: Ticket) -> str:
    received = _("Terima kasih. Tiket %(number)s sudah kami terima.") % {"number": ticket.number}
    return f"{received} {promises.answer_words(ticket)}".strip()


@login_not_required
@require_safe
def new_short(request: HttpRequest) -> HttpResponse:
    """``/tickets/new/?department=billing&invoice=…``, for emails: the form asks people to sign in and keeps all of it."""
    return redirect(address(AskedForm.read(request.GET)))


@login_not_required
@require_safe
def new_legacy(request: HttpRequest) -> HttpResponse:
    """``submitticket.php?step=2&deptid=4`` of the system before this one."""
    form = LegacyForm(request.GET)
    number = form.cleaned_data["deptid"] if form.is_valid() else None
    department = Department.objects.filter(active=True, legacy_number=number).exclude(legacy_number=None).first()
    return redirect(address(Asked(department=department.slug if department else "")))


def address(asked: Asked) -> str:
    """The form's address with what it is to fill in."""
    query = urlencode({name: value for name, value in vars(asked).items() if value})
    return reverse("tickets:new") + (f"?{query}" if query else "")
