"""What an invoice's page shows, for its customer's members and for the holder of its private link alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts import outbox
from accounts.models import Shop
from accounts.office_hours import OfficeHours, due_at
from accounts.roles import Ability
from billing import (
    attempts,
    documents,
    funds,
    gateways,
    instalments,
    paylinks,
    payments,
    paymethods,
    receipts,
    tax_invoices,
    transfer_groups,
    withholding,
)
from billing.forms import ConfirmationForm, PoNumberForm
from billing.models import Invoice, PaymentAttempt, PaymentConfirmation, Service
from billing.views import provider_page
from billing.views.lookups import abilities_at
from catalog import stencils


@dataclass(frozen=True)
class Doors:
    """Where the page's forms go; empty for what the visitor may not do."""

    confirm: str = ""
    start: str = ""
    pdf: str = ""
    qris: str = ""
    method: str = ""
    po: str = ""
    tax_invoice: str = ""
    credit: str = ""
    share: str = ""
    unshare: str = ""
    drop: str = ""
    state: str = ""
    proofs: bool = False
    withdraw: bool = False


def doors_of_member(invoice: Invoice, allowed: frozenset[Ability]) -> Doors:
    def door(name: str, ability: Ability = Ability.SEE_INVOICES) -> str:
        return reverse(f"billing:{name}", args=[invoice.slug]) if ability in allowed else ""

    return Doors(
        confirm=door("invoice-confirm", Ability.CONFIRM),
        start=door("invoice-pay", Ability.PAY),
        pdf=door("invoice-pdf"),
        qris=door("invoice-qris"),
        method=door("invoice-method", Ability.PAY),
        po=door("invoice-po", Ability.PAY),
        tax_invoice=door("tax-invoice", Ability.PAY),
        credit=door("invoice-credit", Ability.PAY),
        share=door("invoice-share", Ability.PAY),
        unshare=door("invoice-unshare", Ability.PAY),
        drop=door("invoice-drop", Ability.PAY) if funds.may_be_dropped(invoice) else "",
        state=door("invoice-state"),
        proofs=True,
        withdraw=Ability.CONFIRM in allowed,
    )


def page_of(request: HttpRequest, invoice: Invoice, **forms) -> dict:
    """For a signed-in member. ``forms`` are those that came back with errors, by their name in the template."""
    allowed = abilities_at(request, invoice.customer_id)
    return build(request, invoice, doors_of_member(invoice, allowed), **forms) | _share(invoice, Ability.PAY in allowed)


def _share(invoice: Invoice, may_pay: bool) -> dict:
    link = getattr(invoice, "pay_link", None)
    if not may_pay or link is None or not link.is_open:
        return {}
    path = reverse("billing:pay", args=[paylinks.token_of(link)])
    return {"pay_link": link, "pay_link_address": outbox.absolute(path)}


def build(request: HttpRequest, invoice: Invoice, doors: Doors, **forms) -> dict:
    """The page's context. Asks the database only for what the invoice's state shows."""
    prefetch_related_objects([invoice], "lines")
    page = {
        "invoice": invoice,
        "doors": doors,
        "lines": invoice.lines.all(),
        "totals": documents.totals(invoice),
        "po_form": PoNumberForm(initial={"po_number": invoice.po_number}),
        "credit_notes": invoice.credit_notes.all() if invoice.amount_credited else [],
        "rest": documents.asks_for_a_rest(invoice),
        "instalment": instalments.label(invoice),
        # The holder of a private link sees this invoice only.
        "parts": instalments.siblings(invoice) if doors.proofs else [],
        **forms,
    }
    if doors.proofs and tax_invoices.is_taxed(invoice):
        page |= {
            "taxed": True,
            "tax_invoice": getattr(invoice, "tax_invoice", None),
            "has_tax_id": tax_invoices.has_tax_id(invoice),
        }
    if invoice.amount_paid and doors.proofs:
        page["receipts"] = receipts.of_invoice(invoice)
    if invoice.status == Invoice.Status.UNPAID:
        page |= _unpaid(request, invoice, doors, typed=page.get("form"))
    elif invoice.status == Invoice.Status.PAID:
        page |= _paid(invoice)
    elif invoice.status == Invoice.Status.CANCELLED:
        page["came_late"] = attempts.received_for(invoice)
    return page


def _unpaid(request: HttpRequest, invoice: Invoice, doors: Doors, typed: ConfirmationForm | None) -> dict:
    last = invoice.confirmations.exclude(status=PaymentConfirmation.Status.WITHDRAWN).prefetch_related("proofs").first()
    if last and last.status == PaymentConfirmation.Status.SUBMITTED:
        return {
            "waiting": last,
            "together": transfer_groups.of(last),
            "answer_by": answer_by(last),
            "seen": state_of(invoice, None),
        }
    page = {
        "rejected": last if last and last.status == PaymentConfirmation.Status.REJECTED else None,
    }
    if invoice.payment_method:
        gateway = gateways.for_method(invoice.payment_method)
        page["instructions"] = gateway.instructions(invoice)
        if gateway.provider:
            attempt = attempts.latest(invoice)
            page["provider"] = provider_page.of_invoice(invoice, gateway, attempt)
            page["seen"] = state_of(invoice, attempt)
        page["withholding"] = _withholding(invoice)
        if doors.confirm and gateway.supports_confirmation and not typed:
            page["blank_form"] = _blank_form(request, invoice, doors.confirm, page["instructions"].amount)
    if doors.credit and invoice.kind != Invoice.Kind.ADD_FUNDS:
        page["credit"] = min(payments.credit_balance(invoice.customer, invoice.currency), invoice.balance)
    if doors.method:
        page["other_methods"] = paymethods.others(invoice)
    return page


def _blank_form(request: HttpRequest, invoice: Invoice, action: str, asked: Decimal) -> SafeString:
    """The form as it is before anybody typed: its many fields are rendered once for all invoices."""

    def make(marks: Mapping[str, str]) -> str:
        typed = {"amount": marks["amount"], "sender_name": marks["sender_name"]}
        form = ConfirmationForm(invoice=invoice, initial=typed)
        if withheld:
            form.say_withheld(marks["withheld"], marks["rest"])
        return render_to_string("billing/_confirm_form.html", {"form": form, **marks})

    withheld = _withholding(invoice)
    values = {
        "action": action,
        "amount": ConfirmationForm.base_fields["amount"].prepare_value(asked),
        "csrf_token": get_token(request),
        "sender_name": invoice.buyer.get("name", ""),
        **{name: documents.money_in(amount, invoice.currency) for name, amount in withheld.items()},
    }
    vary = (invoice.payment_method_id, timezone.localdate(), bool(withheld))
    return stencils.filled("confirmation", make, vary=vary, values=values)


def _withholding(invoice: Invoice) -> dict:
    """What a company transfers when it keeps PPh 23 back (T6)."""
    withheld = withholding.claimable(invoice)
    rest = invoice.balance - withheld
    return {"withheld": withheld, "rest": rest} if withheld and rest else {}


def _paid(invoice: Invoice) -> dict:
    services = Service.objects.filter(invoice_lines__invoice=invoice, parent=None).distinct()
    return {
        "services": [(service, activation_by(service)) for service in services],
        "received": documents.received(invoice),
        "words": documents.in_words(invoice),
    }


def answer_by(confirmation: PaymentConfirmation) -> datetime:
    """When the customer can expect staff's decision (K7)."""
    shop = Shop.current()
    return due_at(confirmation.submitted_at, shop.verification_minutes, OfficeHours.of_shop(shop))


def activation_by(service: Service) -> datetime | None:
    """When the customer can expect a service that staff activates (K7); nothing for others."""
    if service.status != Service.Status.PENDING or service.activation_due_since is None:
        return None
    shop = Shop.current()
    return due_at(service.activation_due_since, shop.activation_minutes, OfficeHours.of_shop(shop))


def state_of(invoice: Invoice, attempt: PaymentAttempt | None) -> str:
    """Changes whenever the page would: while it stands still, nothing has to be loaded again.

    ``attempt`` is the newest by the invoice's method, where it waits to be paid.
    """
    waiting = invoice.awaiting_verification
    tried = f"{attempt.pk}{attempt.status}" if attempt else ""
    return f"{invoice.status}-{invoice.amount_paid + invoice.amount_credited:f}-{int(waiting)}-{tried}"
