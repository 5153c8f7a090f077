"""Finding what a page is about: the lookup is the check (404 for others' things, 403 for the wrong role)."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.middleware import active_membership, memberships_of
from accounts.models import Customer
from accounts.roles import ALLOWED, Ability
from billing.models import Invoice, Service


def find_invoice(request: HttpRequest, slug: str, ability: Ability = Ability.SEE_INVOICES) -> Invoice:
    """An invoice of any customer the person acts for. Raises 404, and 403 where the role lacks the ability."""
    invoices = Invoice.objects.visible_to(request.user).with_awaiting_verification()
    invoice = get_object_or_404(
        invoices.select_related("customer", "payment_method", "pay_link", "tax_invoice"), slug=slug
    )
    require(request, invoice.customer_id, ability)
    return invoice


def find_service(request: HttpRequest, pk: int, ability: Ability = Ability.SEE_SERVICES) -> Service:
    services = Service.objects.visible_to(request.user).select_related("customer", "parent", "order__invoice")
    service = get_object_or_404(services, pk=pk)
    require(request, service.customer_id, ability)
    return service


def abilities_at(request: HttpRequest, customer_id: int) -> frozenset[Ability]:
    """What the person may do for a customer."""
    found = next((one for one in memberships_of(request) if one.customer_id == customer_id), None)
    return frozenset(one for one in Ability if found and found.role in ALLOWED[one])


def require(request: HttpRequest, customer_id: int, ability: Ability) -> None:
    if ability not in abilities_at(request, customer_id):
        raise PermissionDenied(ability.label)


def acting_for(request: HttpRequest, ability: Ability) -> Customer | None:
    """The customer whose lists the person looks at, ``None`` for people without any. Raises 403 for the wrong role."""
    found = active_membership(request)
    if found is None:
        return None
    require(request, found.customer_id, ability)
    return found.customer


def are_several(request: HttpRequest, invoices: Iterable[Invoice]) -> bool:
    """Whether one transfer of the visitor could pay several of the invoices (C4)."""
    payable = [one for one in invoices if one.status == Invoice.Status.UNPAID and not one.awaiting_verification]
    return len(payable) > 1 and Ability.CONFIRM in abilities_at(request, payable[0].customer_id)


def open_invoices(customer: Customer | None) -> QuerySet[Invoice]:
    """What the customer has to pay, the most urgent first."""
    found = Invoice.objects.issued().open().filter(customer=customer)
    return found.with_awaiting_verification().order_by("due_on", "pk")
