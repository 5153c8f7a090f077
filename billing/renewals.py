"""Renewal invoices: one line per service and period (S3), one invoice per customer and due date (I4), written in bulk.

What is due is found by an index, so services that are not due cost nothing; a batch is one transaction. Everything takes
the day as an argument and may run any number of times a day.
"""

import logging
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import translation

from accounts import outbox
from accounts.models import OutboxEmail, Shop
from billing import credit, failures, invoicing, numbering, payments
from billing.models import Invoice, InvoiceEvent, InvoiceLine, PriceChange, Service, ServiceChange
from catalog import tax
from catalog.cycles import Cycle, next_due
from catalog.money import ZERO

STEP = "renewal"
BATCH = 250
YEARLY = (Cycle.ANNUALLY, Cycle.BIENNIALLY, Cycle.TRIENNIALLY)
SHORTER = (Cycle.MONTHLY, Cycle.QUARTERLY, Cycle.SEMIANNUALLY)
logger = logging.getLogger(__name__)


@dataclass
class Report:
    invoices: int = 0
    services: int = 0
    failed: int = 0


def due(today: date, shop: Shop) -> models.QuerySet[Service]:
    """Active services whose next period is to be invoiced by now; each at most once a day, whatever its dates say."""
    soon = today + timedelta(days=shop.renewal_days)
    within_the_year = today + timedelta(days=shop.renewal_days_yearly)
    lies_ahead = Q(cycle__in=SHORTER, renews_from__lte=soon) | Q(cycle__in=YEARLY, renews_from__lte=within_the_year)
    untouched_today = Q(renewed_on=None) | Q(renewed_on__lt=today)
    # A new price that was announced for the period comes first (``billing.price_changes``).
    at_its_price = ~Exists(
        PriceChange.objects.to_come().filter(service=OuterRef("pk"), effective_from__lte=OuterRef("renews_from"))
    )
    goes_on = Q(ends_on=None) | Q(ends_on__gt=F("renews_from"))
    return Service.objects.filter(
        lies_ahead, untouched_today, goes_on, at_its_price, _is_not_changing(), status=Service.Status.ACTIVE
    )


def _is_not_changing() -> Q:
    """No change of it, or of what it is part of, waits to be paid: then its next price is not known yet. A domain's is."""
    changing = ServiceChange.objects.open().filter(service=Coalesce(OuterRef("parent"), OuterRef("pk")))
    return Q(kind=Service.Kind.DOMAIN) | ~Exists(changing)


def renew_due(today: date) -> Report:
    """Invoice all that is due. A batch that fails is tried again customer by customer; who still fails is written down."""
    report = Report()
    for batch in _batches(today):
        try:
            _renew(batch.services, today, report)
        except Exception:
            customers = batch.by_customer()
            logger.exception("Renewals of %d customers failed together, and are tried one by one", len(customers))
            for customer_id, services in customers.items():
                done = failures.guarded(
                    STEP,
                    f"customer:{customer_id}",
                    lambda services=services: _renew(services, today, report),
                    customer_id=customer_id,
                )
                report.failed += done is None
        else:
            _settle(batch)
    return report


def renew_customer(customer_id: int, today: date) -> bool:
    """Invoice what is due of one customer: staff tries again what failed. Raises whatever failed."""
    ids = due(today, Shop.current()).filter(customer=customer_id).values_list("pk", flat=True)
    return _renew(list(ids), today, Report())


@dataclass
class _Batch:
    """The ids of services and, beside each, its customer's."""

    services: array = field(default_factory=lambda: array("q"))
    customers: array = field(default_factory=lambda: array("q"))

    def by_customer(self) -> dict[int, list[int]]:
        found = defaultdict(list)
        for service, customer in zip(self.services, self.customers, strict=True):
            found[customer].append(service)
        return found


def _batches(today: date) -> Iterator[_Batch]:
    """What is due, customers never divided. The ids alone are held, eight bytes each, however many there are."""
    everything = _Batch()
    pairs = due(today, Shop.current()).order_by("customer_id", "pk").values_list("pk", "customer_id")
    for service, customer in pairs.iterator(chunk_size=2_000):
        everything.services.append(service)
        everything.customers.append(customer)
    start, count = 0, len(everything.services)
    while start < count:
        end = min(start + BATCH, count)
        while end < count and everything.customers[end] == everything.customers[end - 1]:
            end += 1
        yield _Batch(everything.services[start:end], everything.customers[start:end])
        start = end


def _settle(batch: _Batch) -> None:
    """What failed another day works now."""
    failures.settle_many(STEP, [f"customer:{pk}" for pk in set(batch.customers)])


@transaction.atomic
def _renew(ids: Sequence[int], today: date, report: Report) -> bool:
    """Invoice these services where they are still due: of two runs at once, the second waits here and finds nothing."""
    still_due = due(today, Shop.current()).filter(pk__in=list(ids))
    # Parents before their children, as an order lists them.
    in_order = still_due.select_related("customer", "order__payment_method").order_by(
        "customer_id", "renews_from", "pk"
    )
    services = list(in_order.select_for_update(of=("self",)))
    if not services:
        return True
    terms = tax.in_force(today)
    drafts = [_draft(group, due_on, today, terms) for due_on, group in _groups(services, today)]
    _write(drafts, today)
    _move_on(services, today)
    tell([draft.invoice for draft in drafts])
    for draft in drafts:
        if not draft.invoice.total:
            payments.close_paid(invoice=draft.invoice, actor=None)
    credit.pay_renewals([draft.invoice for draft in drafts])
    report.invoices += len(drafts)
    report.services += len(services)
    return True


@dataclass
class _Draft:
    invoice: Invoice
    lines: list[InvoiceLine]


def _groups(services: Sequence[Service], today: date) -> Iterator[tuple[date, list[Service]]]:
    """The services of each invoice, and when it is due: the day that the period begins, or for one that has begun as long
    as any new invoice."""
    late = today + timedelta(days=Shop.current().invoice_due_days)
    groups: dict[tuple, list[Service]] = defaultdict(list)
    for service in services:
        due_on = service.renews_from if service.renews_from > today else late
        alone = service.parent_id or service.pk if service.customer.separate_invoices else None
        groups[due_on, service.customer_id, service.currency, alone].append(service)
    for (due_on, *_rest), group in groups.items():
        yield due_on, group


def _draft(services: Sequence[Service], due_on: date, today: date, terms: tax.TaxTerms | None) -> _Draft:
    customer, first = services[0].customer, services[0]
    with translation.override(customer.language):
        lines = [_line(service, sort) for sort, service in enumerate(services)]
    totals = tax.settle(lines, tax=terms, currency=first.currency)
    invoice = Invoice(
        customer=customer,
        kind=Invoice.Kind.RENEWAL,
        status=Invoice.Status.UNPAID,
        language=customer.language,
        payment_method=first.order.payment_method,
        currency=first.currency,
        subtotal=totals.subtotal,
        discount=totals.discount,
        tax=totals.tax,
        total=totals.total,
        tax_base=totals.tax_base,
        due_on=due_on,
        **invoicing.facts_at_issue(customer, today),
        **invoicing.tax_facts(terms),
    )
    return _Draft(invoice, lines)


def _line(service: Service, sort: int) -> InvoiceLine:
    """The service for one period at the net price it was sold at (P7), less what its promotion still takes off (D2)."""
    discount = ZERO if service.discounted_renewals_left == 0 else service.recurring_discount
    return line_of(service, service.renews_from, net=service.recurring_net, discount=discount, sort=sort)


def line_of(service: Service, start: date, *, net: Decimal, discount: Decimal, sort: int = 0) -> InvoiceLine:
    """One period of the service, described in the active language; not saved."""
    return InvoiceLine(
        service=service,
        kind="renewal",
        description=str(service.name)[:300],
        detail=service.domain,
        period_start=start,
        period_end=next_due(start, service.cycle, service.anchor_day) - timedelta(days=1),
        currency=service.currency,
        quantity=1,
        unit_price=net,
        amount=net,
        discount=discount,
        taxable=service.taxable,
        pph23=service.pph23,
        promotion_id=service.promotion_id if discount else None,
        sort=sort,
    )


def _write(drafts: Sequence[_Draft], today: date) -> None:
    """Invoices, lines and events, each in one statement. Issued at once: a renewal is never a draft."""
    taken = numbering.take_many(numbering.DEFAULT_SERIES, today, len(drafts))
    for draft, number in zip(drafts, taken, strict=True):
        invoice = draft.invoice
        invoice.number, invoice.slug = number.text, number.slug
        invoice.series, invoice.period, invoice.sequence = number.series, number.period, number.sequence
    Invoice.objects.bulk_create([draft.invoice for draft in drafts])
    for draft in drafts:
        for line in draft.lines:
            line.invoice = draft.invoice
    InvoiceLine.objects.bulk_create(line for draft in drafts for line in draft.lines)
    InvoiceEvent.objects.bulk_create(
        InvoiceEvent(invoice=draft.invoice, kind="created", to_status=Invoice.Status.UNPAID) for draft in drafts
    )


def _move_on(services: Sequence[Service], today: date) -> None:
    """The next period is one cycle later, on the anchor day (S2); one discounted renewal less is left (D2)."""
    by_day = defaultdict(list)
    for service in services:
        by_day[next_due(service.renews_from, service.cycle, service.anchor_day)].append(service.pk)
    for day, ids in by_day.items():
        Service.objects.filter(pk__in=ids).update(renews_from=day, renewed_on=today)
    discounted = [one.pk for one in services if one.recurring_discount and one.discounted_renewals_left]
    if discounted:
        Service.objects.filter(pk__in=discounted).update(discounted_renewals_left=F("discounted_renewals_left") - 1)


def tell(invoices: Iterable[Invoice]) -> None:
    """To the billing address; an invoice that asks for nothing does not ask to be paid (I5)."""
    outbox.enqueue_many(
        OutboxEmail(
            key=f"invoice:{invoice.pk}:renewal:billing",
            to=invoice.customer.billing_email,
            template="billing/renewal_invoice",
            arguments={"invoice_id": invoice.pk},
            language=invoice.customer.language,
            customer=invoice.customer,
        )
        for invoice in invoices
        if invoice.total
    )
