"""Payments by ticket: an attachment becomes a Konfirmasi Pembayaran, and is decided where it came in (K6).

The forms, warnings and services are the verification desk's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext

from accounts.models import Shop, User
from accounts.promises import Promise
from billing import confirmations, doubts, uploads
from billing import payments as billing_payments
from billing.admin.desk import VERIFY, Comparison
from billing.admin.desk_forms import ApproveForm, RejectForm
from billing.admin.files import SHOWN_INLINE
from billing.confirmations import Transfer
from billing.forms import ConfirmWhichForm
from billing.models import Invoice, PaymentConfirmation, ProofFile
from catalog.money import format_money
from tickets import payments
from tickets.admin.forms import PROOF_TYPES, FromAttachmentsForm, proofs_of
from tickets.admin.lookup import find, thread_of
from tickets.models import Message, Ticket
from tickets.refusals import TicketRefused

REFUSALS = (confirmations.ConfirmationRefused, billing_payments.PaymentRefused)
Forms = tuple[ApproveForm, RejectForm]


@dataclass(frozen=True)
class Card:
    """A confirmation that came by the ticket; the forms are there for whoever may decide it now."""

    confirmation: PaymentConfirmation
    comparison: Comparison
    promise: Promise
    waits: bool
    may_verify: bool
    own: bool
    warnings: Sequence[doubts.Doubt]
    # To look at while deciding; pictures only, others are opened at the desk.
    pictures: Sequence[ProofFile] = ()
    approve: ApproveForm | None = None
    reject: RejectForm | None = None


def of_ticket(user: User, ticket: Ticket, may_answer: bool, said: Sequence[Message]) -> dict:
    """For the ticket's page: its confirmations, and whether an attachment could become one."""
    cards = cards_of(user, ticket) if ticket.has_confirmations else []
    may_confirm = may_answer and ticket.customer_id is not None and _holds_a_new_proof(said, cards)
    return {"confirmations": cards, "may_confirm": may_confirm}


def _holds_a_new_proof(said: Sequence[Message], cards: Sequence[Card]) -> bool:
    """Whether the customer attached a file that may prove a payment and is no part of a confirmation that stands."""
    stands = {PaymentConfirmation.Status.SUBMITTED, PaymentConfirmation.Status.APPROVED}
    used = {card.confirmation.ticket_link.message_id for card in cards if card.confirmation.status in stands}
    files = [one for message in said if not message.from_staff for one in message.attachments.all()]
    return any(one.content_type in PROOF_TYPES and one.message_id not in used for one in files)


def cards_of(user: User, ticket: Ticket, came_back: Mapping[int, Forms] | None = None) -> list[Card]:
    found = PaymentConfirmation.objects.filter(ticket_link__ticket=ticket).order_by("-pk")
    found = found.select_related("invoice__customer", "bank_account", "decided_by", "payment", "ticket_link")
    found = found.prefetch_related("proofs")
    return [_card(user, one, (came_back or {}).get(one.pk)) for one in found]


def _card(user: User, confirmation: PaymentConfirmation, came_back: Forms | None) -> Card:
    shop = Shop.current()
    waits = confirmation.status == PaymentConfirmation.Status.SUBMITTED
    own = confirmation.submitted_by_id == user.pk
    may_verify = user.has_perm(VERIFY)
    decides = waits and may_verify and not own
    approve, reject = came_back or (_forms(confirmation) if decides else (None, None))
    return Card(
        confirmation=confirmation,
        comparison=Comparison.of([confirmation]),
        promise=Promise.of(confirmation.submitted_at, shop.verification_minutes, shop=shop),
        waits=waits,
        may_verify=may_verify,
        own=own,
        warnings=doubts.about(confirmation) if decides else [],
        pictures=[one for one in confirmation.proofs.all() if decides and one.content_type in SHOWN_INLINE],
        approve=approve,
        reject=reject,
    )


def _forms(confirmation: PaymentConfirmation, request: HttpRequest | None = None) -> Forms:
    """One pair for each confirmation of the page; the one whose button was pressed holds what was posted."""
    prefix = f"confirmation-{confirmation.pk}"
    posted = request.POST if request else None
    decision = request.POST.get("decision") if request else ""
    return (
        ApproveForm(posted if decision == "approve" else None, prefix=prefix, initial={"amount": confirmation.amount}),
        RejectForm(posted if decision == "reject" else None, prefix=prefix),
    )


class DecidingPages(ModelAdmin):
    """Adds confirming and deciding to the admin of tickets."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:ticket_id>/confirm/", view(self.confirm), name="tickets_confirm"),
            path(
                "<int:ticket_id>/confirmations/<int:confirmation_id>/",
                view(self.decide),
                name="tickets_decide",
            ),
            *super().get_urls(),
        ]

    def confirm(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        ticket = find(request, ticket_id, to_answer=True)
        invoices = _payable(ticket)
        which = ConfirmWhichForm(request.GET or None, invoices=invoices)
        chosen = which.cleaned_data["invoice"] if which.is_bound and which.is_valid() else _likely(ticket, invoices)
        form = None
        if chosen:
            posted = request.POST if request.method == "POST" else None
            form = FromAttachmentsForm(posted, invoice=chosen, offered=proofs_of(ticket))
            if form.is_valid() and self._confirm(request, ticket, chosen, form):
                return redirect(thread_of(ticket))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Jadikan konfirmasi pembayaran"),
            "opts": self.model._meta,
            "ticket": ticket,
            "invoice": chosen,
            "which": ConfirmWhichForm(initial={"invoice": chosen and chosen.slug}, invoices=invoices),
            "several": len(invoices) > 1,
            "form": form,
            "pictures": [one for one in proofs_of(ticket) if one.content_type in SHOWN_INLINE] if form else [],
        }
        wrong = form is not None and form.is_bound
        return TemplateResponse(request, "admin/tickets/confirm.html", context, status=422 if wrong else 200)

    def _confirm(self, request: HttpRequest, ticket: Ticket, invoice: Invoice, form: FromAttachmentsForm) -> bool:
        given = dict(form.cleaned_data)
        attachments = list(given.pop("attachments"))
        try:
            payments.confirmation_from_attachments(
                ticket=ticket,
                attachments=attachments,
                invoice=invoice,
                transfer=Transfer(**given),
                actor=request.user,
            )
        except ValidationError as error:
            form.add_error(None, _by_field(error))
        except (*REFUSALS, TicketRefused, uploads.CannotStore) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, gettext("Konfirmasi untuk %(invoice)s menunggu verifikasi.") % {"invoice": invoice}
            )
            return True
        return False

    def decide(self, request: HttpRequest, ticket_id: int, confirmation_id: int) -> HttpResponse:
        ticket = find(request, ticket_id)
        if not request.user.has_perm(VERIFY):
            raise PermissionDenied
        found = PaymentConfirmation.objects.filter(ticket_link__ticket=ticket)
        confirmation = get_object_or_404(found.select_related("invoice__customer"), pk=confirmation_id)
        approve, reject = _forms(confirmation, request)
        if approve.is_bound and approve.is_valid():
            _told(request, confirmation, lambda: _approve(request, confirmation, approve))
        elif reject.is_bound and reject.is_valid():
            _told(request, confirmation, lambda: _reject(request, confirmation, reject))
        elif approve.is_bound or reject.is_bound:
            cards = cards_of(request.user, ticket, {confirmation.pk: (approve, reject)})
            return self.page(request, ticket, confirmations=cards, status=422)
        return redirect(thread_of(ticket))


def _payable(ticket: Ticket) -> QuerySet[Invoice]:
    """What the customer may have paid; nothing without a customer."""
    return Invoice.objects.issued().open().filter(customer=ticket.customer_id).order_by("due_on", "pk")


def _likely(ticket: Ticket, invoices: QuerySet[Invoice]) -> Invoice | None:
    """The ticket's invoice, else the first of the service that it is about, else the one that is due first."""
    related = invoices.filter(pk=ticket.invoice_id).first() if ticket.invoice_id else None
    if related is None and ticket.service_id:
        related = invoices.filter(order=ticket.service.order_id).first()
    return related or invoices.first()


def _by_field(error: ValidationError) -> ValidationError:
    """What the service says of the proofs is said of the attachments that were chosen."""
    if not hasattr(error, "error_dict"):
        return error
    return ValidationError(
        {"attachments" if name == "proofs" else name: text for name, text in error.error_dict.items()}
    )


def _approve(request: HttpRequest, confirmation: PaymentConfirmation, form: ApproveForm) -> str:
    amount = form.cleaned_data["amount"]
    confirmations.approve(confirmation=confirmation, amount=amount, actor=request.user)
    words = {"amount": format_money(amount, confirmation.currency), "invoice": confirmation.invoice}
    return gettext("%(amount)s diterima untuk %(invoice)s.") % words


def _reject(request: HttpRequest, confirmation: PaymentConfirmation, form: RejectForm) -> str:
    reason = form.reason(confirmation.invoice.customer.language)
    confirmations.reject(confirmation=confirmation, reason=reason, actor=request.user)
    return gettext("%(invoice)s ditolak; pelanggan menerima alasannya lewat email.") % {"invoice": confirmation.invoice}


def _told(request: HttpRequest, confirmation: PaymentConfirmation, act) -> None:
    try:
        done = act()
    except REFUSALS as refusal:
        own = isinstance(refusal, confirmations.AlreadyDecided) and confirmation.decided_by_id == request.user.pk
        # A second press of one's own button is no fault.
        messages.add_message(request, messages.INFO if own else messages.ERROR, str(refusal))
    else:
        messages.success(request, done)
