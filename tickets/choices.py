"""What the form for a new ticket offers to a person: departments, and the customer's own services and invoices."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from billing.models import Invoice, Service
from tickets.models import Department

# Lists that people still read; what the page before asked about comes first, so it is always among them.
MOST_SERVICES = 100
MOST_INVOICES = 50
_ENDED = (Service.Status.TERMINATED, Service.Status.CANCELLED)


class Topic(models.TextChoices):
    """What a page's "ask about this" is about; which department that is, staff says (``Department.handles_…``)."""

    PAYMENTS = "payments", _("Pembayaran")
    SERVICES = "services", _("Layanan")
    ORDERS = "orders", _("Pesanan")


def customer_of(user: User, *, invoice: str, service: int | None, customer: int | None) -> Customer | None:
    """Which of the person's customers the invoice (its slug), the service or the form itself belongs to, if any."""
    asked = Q(pk=customer)
    if invoice:
        asked |= Q(invoices__slug=invoice)
    if service:
        asked |= Q(services=service)
    return Customer.objects.visible_to(user).filter(asked).first()


def departments(customer: Customer | None) -> list[Department]:
    return list(Department.objects.open_to(has_customer=customer is not None))


def department_for(topic: str, offered: Iterable[Department]) -> Department | None:
    """The first department that takes care of the topic; ``None`` where staff named none."""
    return next((one for one in offered if topic and getattr(one, f"handles_{topic}")), None)


def services_of(customer: Customer, *, asked: int | None) -> list[Service]:
    """What the customer has or waits for, ``asked`` first, which may be a part of another service or ended."""
    offered = Q(parent=None) & ~Q(status__in=_ENDED)
    found = Service.objects.filter(offered | Q(pk=asked), customer=customer)
    return list(found.order_by(Case(When(pk=asked, then=0), default=1), "-created_at", "-pk")[:MOST_SERVICES])


def invoices_of(customer: Customer, *, asked: str) -> list[Invoice]:
    """The invoice with the slug ``asked``, then those to pay, then the newest."""
    found = Invoice.objects.issued().filter(customer=customer).with_awaiting_verification()
    order = Case(When(slug=asked, then=0), When(status=Invoice.Status.UNPAID, then=1), default=2)
    return list(found.order_by(order, "-issued_on", "-pk")[:MOST_INVOICES])
