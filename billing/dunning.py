"""Who is late with paying: overdue invoices by customer, what was done last, and what happens by itself next.

What comes next follows the rules of the steps themselves: reminders, late fees, suspensions, the proposal to end a service,
and orders that are cancelled. While a confirmation waits for staff none of it happens (K2).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max, Min, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Shop
from billing import late_fees, unpaid_orders
from billing.models import Invoice, InvoiceLine, Order, Service
from billing.reports.receivables import BALANCE, Age
from catalog.money import DEFAULT_CURRENCY, total_of


@dataclass(frozen=True)
class Step:
    """What happens to an unpaid invoice on a day: by itself, or as a proposal to staff."""

    on: date
    words: str | Promise


@dataclass(frozen=True)
class LateInvoice:
    """``steps`` are to come, the next one first; none while ``waits`` for staff to decide on a confirmation."""

    invoice: Invoice
    days: int
    last_reminder: date | None
    waits: bool
    steps: Sequence[Step]


@dataclass(frozen=True)
class Debtor:
    customer: Customer
    invoices: Sequence[LateInvoice]

    @property
    def amount(self) -> Decimal:
        return total_of(one.invoice.balance for one in self.invoices)

    @property
    def days(self) -> int:
        """Of the oldest."""
        return max(one.days for one in self.invoices)


def overdue(today: date, age: Age | None = None, currency: str = DEFAULT_CURRENCY) -> QuerySet[Invoice]:
    """Open invoices past their day; with an ``age`` only those that are so old."""
    late = Invoice.objects.open().filter(currency=currency, due_on__lt=today)
    return late.filter(age.days(today)) if age else late


def customers_in_debt(today: date, age: Age | None = None) -> QuerySet:
    """The ids of customers with what they owe of these invoices, whose oldest is the oldest first."""
    by_customer = overdue(today, age).order_by().values("customer")
    return by_customer.annotate(owed=Sum(BALANCE), oldest=Min("due_on")).order_by("oldest", "customer")


def debtors(customer_ids: Sequence[int], today: date, age: Age | None = None) -> list[Debtor]:
    """These customers in this order, with their late invoices: three queries, however many there are."""
    invoices = (
        overdue(today, age)
        .filter(customer__in=customer_ids)
        .select_related("customer", "order__payment_method", "late_fee")
        .with_awaiting_verification()
        .annotate(last_reminder=Max("reminders__sent_on"), last_offset=Max("reminders__offset"))
        .order_by("due_on", "pk")
    )
    return _described(list(invoices), customer_ids, today)


def _described(invoices: Sequence[Invoice], customer_ids: Sequence[int], today: date) -> list[Debtor]:
    services = _services_of(invoices)
    late: dict[int, list[LateInvoice]] = defaultdict(list)
    shop = Shop.current()
    for one in invoices:
        steps = () if one.awaiting_verification else _steps(one, services[one.pk], today, shop)
        late[one.customer_id].append(
            LateInvoice(
                one,
                (today - one.due_on).days,
                one.last_reminder,
                one.awaiting_verification,
                sorted(steps, key=lambda step: step.on),
            )
        )
    return [Debtor(late[pk][0].invoice.customer, late[pk]) for pk in customer_ids if pk in late]


def _services_of(invoices: Sequence[Invoice]) -> dict[int, list[Service]]:
    """By invoice, the services that it renews; each knows its grace and the period that the invoice is for."""
    shop_days = Value(Shop.current().suspend_after_days)
    lines = (
        InvoiceLine.objects.filter(invoice__in=invoices, kind="renewal", service__isnull=False)
        .select_related("service")
        .annotate(grace=Coalesce("service__suspend_after_days", "service__product__suspend_after_days", shop_days))
        .order_by("pk")
    )
    found: dict[int, list[Service]] = defaultdict(list)
    for line in lines:
        line.service.grace, line.service.renewed_period = line.grace, line.period_start
        found[line.invoice_id].append(line.service)
    return found


def _steps(invoice: Invoice, services: Sequence[Service], today: date, shop: Shop) -> Iterator[Step]:
    """A day that has come is today's: the next run does it."""
    yield from _reminder(invoice, today, shop)
    order_waits = invoice.order is not None and invoice.order.status == Order.Status.PENDING
    if order_waits:
        days = unpaid_orders.days_past_due(invoice.order.payment_method, shop)
        yield Step(max(invoice.due_on + timedelta(days=days), today), _("Pesanan dibatalkan"))
    elif _may_be_charged(invoice, shop):
        yield Step(max(invoice.due_on + timedelta(days=shop.late_fee_after_days), today), _("Denda"))
    for service in services:
        if service.status == Service.Status.ACTIVE and service.next_due == service.renewed_period:
            stops_on = service.next_due + timedelta(days=service.grace)
            yield Step(max(stops_on, today), _("%(service)s ditangguhkan") % {"service": service})
        unpaid = service.suspended_because == Service.SuspendedBecause.UNPAID
        if service.status == Service.Status.SUSPENDED and unpaid and service.parent_id is None:
            ends_on = service.next_due + timedelta(days=shop.terminate_after_days)
            yield Step(max(ends_on, today), _("Diusulkan mengakhiri %(service)s") % {"service": service})


def _reminder(invoice: Invoice, today: date, shop: Shop) -> Iterator[Step]:
    """The next of the shop's days that has not been reminded of."""
    if invoice.kind == Invoice.Kind.ADD_FUNDS:
        return
    for offset in shop.reminder_offsets:
        day = invoice.due_on + timedelta(days=offset)
        if day >= today and (invoice.last_offset is None or offset > invoice.last_offset):
            yield Step(day, _("Pengingat"))
            return


def _may_be_charged(invoice: Invoice, shop: Shop) -> bool:
    return (
        shop.late_fee != late_fees.OFF
        and invoice.kind not in late_fees.WITHOUT
        and getattr(invoice, "late_fee", None) is None
    )
