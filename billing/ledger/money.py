"""V1, V2, V4: invoices add up, money is in one place, numbers have neither gap nor twin."""

from collections.abc import Iterator
from decimal import Decimal

from django.db import models
from django.db.models.functions import Lag

from accounts.models import Customer
from billing.ledger.breach import Breach, breaches, more, sum_for_each, unequal
from billing.models import Allocation, CreditEntry, Invoice, InvoiceLine, NumberCounter, Payment, PaymentReversal
from catalog.money import CURRENCIES

Status = Invoice.Status


def invoices_add_up() -> Iterator[Breach]:
    """V1: total = Σ lines − discount + tax; one currency per invoice; no negative line."""
    invoices = Invoice.objects.annotate(
        of_lines=sum_for_each(InvoiceLine.objects.all(), "invoice", "amount"),
        discount_of_lines=sum_for_each(InvoiceLine.objects.all(), "invoice", "discount"),
        parts=models.ExpressionWrapper(
            models.F("subtotal") - models.F("discount") + models.F("tax"),
            output_field=models.DecimalField(max_digits=20, decimal_places=2),
        ),
    )
    yield from breaches(
        "V1",
        "invoice",
        unequal(invoices, "subtotal", "of_lines"),
        "subtotal {row.subtotal}, but its lines sum to {row.of_lines}",
    )
    yield from breaches(
        "V1",
        "invoice",
        unequal(invoices, "discount", "discount_of_lines"),
        "discount {row.discount}, but its lines' discounts sum to {row.discount_of_lines}",
    )
    yield from breaches(
        "V1",
        "invoice",
        unequal(invoices, "total", "parts"),
        "total {row.total}, but subtotal − discount + tax is {row.parts}",
    )
    lines = InvoiceLine.objects.select_related("invoice")
    yield from breaches(
        "V1",
        "invoice line",
        lines.exclude(currency=models.F("invoice__currency")),
        "in {row.currency}, its invoice in {row.invoice.currency}",
    )
    negative = models.Q(amount__lt=0) | models.Q(discount__lt=0) | models.Q(discount__gt=models.F("amount"))
    yield from breaches("V1", "invoice line", lines.filter(negative), "amount {row.amount} − discount {row.discount}")


def money_is_where_it_belongs() -> Iterator[Breach]:
    """V2: paid ⇔ allocations = total; allocations ≤ payments; payments − refunds − allocations = credit."""
    yield from _invoices_know_their_allocations()
    yield from _payments_are_allocated_once()
    for currency, _label in CURRENCIES:
        yield from _credit_is_what_is_left(currency)


def _invoices_know_their_allocations() -> Iterator[Breach]:
    invoices = Invoice.objects.annotate(allocated=sum_for_each(Allocation.objects.all(), "invoice", "amount"))
    yield from breaches(
        "V2",
        "invoice",
        unequal(invoices, "amount_paid", "allocated"),
        "says {row.amount_paid} is paid, allocations sum to {row.allocated}",
    )
    yield from breaches(
        "V2",
        "invoice",
        unequal(invoices.filter(status=Status.PAID), "total", "allocated"),
        "is paid, but of {row.total} only {row.allocated} is allocated",
    )
    tax = Allocation.objects.filter(payment__source=Payment.Source.WITHHOLDING)
    yield from breaches(
        "V2",
        "invoice",
        unequal(invoices.annotate(of_tax=sum_for_each(tax, "invoice", "amount")), "amount_withheld", "of_tax"),
        "says {row.amount_withheld} is tax kept back, such allocations sum to {row.of_tax}",
    )
    covered = invoices.filter(status=Status.UNPAID, allocated__gte=models.F("total"))
    yield from breaches("V2", "invoice", covered, "is unpaid, though {row.allocated} of {row.total} is allocated")
    closed = invoices.filter(status__in=[Status.DRAFT, Status.CANCELLED]).exclude(allocated=0)
    yield from breaches("V2", "invoice", closed, "is {row.status}, though {row.allocated} is allocated")


def _payments_are_allocated_once() -> Iterator[Breach]:
    reversed_ids = PaymentReversal.objects.values("payment")
    payments = Payment.objects.annotate(
        allocated=sum_for_each(Allocation.objects.all(), "payment", "amount"),
        credited=sum_for_each(CreditEntry.objects.all(), "payment", "amount"),
    )
    yield from breaches(
        "V2",
        "payment",
        more(payments, "allocated", "amount"),
        "of {row.amount}, {row.allocated} is allocated",
    )
    yield from breaches("V2", "payment", payments.filter(allocated__lt=0), "{row.allocated} is allocated")
    taken_back = payments.filter(pk__in=reversed_ids)
    yield from breaches(
        "V2",
        "payment",
        taken_back.exclude(allocated=0, credited=0),
        "was reversed, but {row.allocated} is still allocated and {row.credited} is credit",
    )
    elsewhere = Allocation.objects.select_related("payment", "invoice").exclude(
        payment__customer=models.F("invoice__customer"),
        currency=models.F("invoice__currency"),
        payment__currency=models.F("currency"),
    )
    yield from breaches("V2", "allocation", elsewhere, "payment and invoice differ in customer or currency")


def _credit_is_what_is_left(currency: str) -> Iterator[Breach]:
    kept = Payment.objects.filter(currency=currency).exclude(pk__in=PaymentReversal.objects.values("payment"))
    allocations = Allocation.objects.filter(currency=currency)
    customers = Customer.objects.annotate(
        paid_in=sum_for_each(kept, "customer", "amount"),
        allocated=sum_for_each(allocations, "payment__customer", "amount"),
        credit=sum_for_each(CreditEntry.objects.filter(currency=currency), "customer", "amount"),
        left=models.ExpressionWrapper(
            models.F("paid_in") - models.F("allocated"),
            output_field=models.DecimalField(max_digits=20, decimal_places=2),
        ),
    )
    yield from breaches(
        "V2",
        "customer",
        unequal(customers, "left", "credit"),
        f"{currency} payments {{row.paid_in}} − allocations {{row.allocated}}, but credit is {{row.credit}}",
    )
    below_zero = customers.filter(credit__lt=Decimal(0))
    yield from breaches("V2", "customer", below_zero, f"{currency} credit is {{row.credit}}")


def numbers_have_no_gap() -> Iterator[Breach]:
    """V4: invoice numbers per series and period follow each other, and the counter stands at the last."""
    issued = Invoice.objects.exclude(sequence=None)
    before = models.Window(
        Lag("sequence", default=0),
        partition_by=[models.F("series"), models.F("period")],
        order_by=models.F("sequence").asc(),
    )
    jumps = issued.annotate(before=before).exclude(before=models.F("sequence") - 1)
    for invoice in jumps.order_by("pk").iterator(chunk_size=500):
        if not _given_by_another_counter(issued, invoice):
            message = f"number {invoice.sequence} follows {invoice.before}"
            yield Breach("V4", f"invoice {invoice.pk} ({invoice})", message)
    for counter in NumberCounter.objects.iterator():
        numbers = issued.filter(series=counter.series, period=counter.period)
        last = numbers.aggregate(last=models.Max("sequence"))["last"]
        if last is not None and last != counter.value:
            row = f"counter {counter.series} {counter.period}"
            yield Breach("V4", row, f"stands at {counter.value}, the last invoice is number {last}")
    without = Invoice.objects.filter(status__in=[Status.UNPAID, Status.PAID, Status.REFUNDED], sequence=None)
    yield from breaches("V4", "invoice", without, "is {row.status} and has no number")


def _given_by_another_counter(issued: models.QuerySet[Invoice], invoice: Invoice) -> bool:
    """Whether all the numbers left out were given in the same year, while numbers began again more or less often."""
    elsewhere = issued.filter(series=invoice.series, issued_on__year=invoice.issued_on.year).exclude(
        period=invoice.period
    )
    missing = elsewhere.filter(sequence__gt=invoice.before, sequence__lt=invoice.sequence)
    return missing.values("sequence").distinct().count() == invoice.sequence - 1 - (invoice.before)
