"""What an invoice's page shows, for its customer's members and for the holder of its private link alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from accounts import outbox
from accounts.models import Shop
from accounts.office_hours import OfficeHours, due_at
from accounts.roles import Ability
from billing import documents, gateways, paylinks
from billing.forms import ConfirmationForm
from billing.models import Invoice, PaymentConfirmation, PaymentMethod, Service
from billing.views.lookups import abilities_at


@dataclass(frozen=True)
class Doors:
    """Where the page's forms go; empty for what the visitor may not do."""

    confirm: str = ""
    pdf: str = ""
    method: str = ""
    share: str = ""
    unshare: str = ""
    state: str = ""
    proofs: bool = False
    withdraw: bool = False


def doors_of_member(invoice: Invoice, allowed: frozenset[Ability]) -> Doors:
    def door(name: str, ability: Ability = Ability.SEE_INVOICES) -> str:
        return reverse(f"billing:{name}", args=[invoice.slug]) if ability in allowed else ""

    return Doors(
        confirm=door("invoice-confirm", Ability.CONFIRM),
        pdf=door("invoice-pdf"),
        method=door("invoice-method", Ability.PAY),
        share=door("invoice-share", Ability.PAY),
        unshare=door("invoice-unshare", Ability.PAY),
        state=door("invoice-state"),
        proofs=True,
        withdraw=Ability.CONFIRM in allowed,
    )


def page_of(request: HttpRequest, invoice: Invoice, **forms) -> dict:
    """For a signed-in member. ``forms`` are those that came back with errors, by their name in the template."""
    allowed = abilities_at(request, invoice.customer)
    return build(invoice, doors_of_member(invoice, allowed), **forms) | _share(invoice, Ability.PAY in allowed)


def _share(invoice: Invoice, may_pay: bool) -> dict:
    link = getattr(invoice, "pay_link", None)
    if not may_pay or link is None or not link.is_open:
        return {}
    path = reverse("billing:pay", args=[paylinks.token_of(link)])
    return {"pay_link": link, "pay_link_address": outbox.absolute(path)}


def build(invoice: Invoice, doors: Doors, **forms) -> dict:
    """The page's context. Asks the database only for what the invoice's state shows."""
    page = {
        "invoice": invoice,
        "doors": doors,
        "lines": invoice.lines.all(),
        "totals": documents.totals(invoice),
        **forms,
    }
    if invoice.status == Invoice.Status.UNPAID:
        page |= _unpaid(invoice, doors, forms)
    elif invoice.status == Invoice.Status.PAID:
        page |= _paid(invoice)
    return page


def _unpaid(invoice: Invoice, doors: Doors, forms: Mapping) -> dict:
    last = invoice.confirmations.exclude(status=PaymentConfirmation.Status.WITHDRAWN).prefetch_related("proofs").first()
    if last and last.status == PaymentConfirmation.Status.SUBMITTED:
        return {
            "waiting": last,
            "answer_by": answer_by(last),
            "seen": state_of(invoice, waiting=True),
        }
    page = {
        "rejected": last if last and last.status == PaymentConfirmation.Status.REJECTED else None,
    }
    if invoice.payment_method:
        gateway = gateways.for_method(invoice.payment_method)
        page["instructions"] = gateway.instructions(invoice)
        if doors.confirm and gateway.supports_confirmation:
            page["form"] = forms.get("form") or ConfirmationForm(invoice=invoice)
    if doors.method:
        page["other_methods"] = [
            method for method in PaymentMethod.objects.filter(active=True) if method.pk != invoice.payment_method_id
        ]
    return page


def _paid(invoice: Invoice) -> dict:
    services = Service.objects.filter(invoice_lines__invoice=invoice, parent=None).distinct()
    return {
        "services": [(service, activation_by(service)) for service in services],
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


def state_of(invoice: Invoice, *, waiting: bool) -> str:
    """Changes whenever the page would: while it stands still, nothing has to be loaded again."""
    return f"{invoice.status}-{invoice.amount_paid:f}-{int(waiting)}"
