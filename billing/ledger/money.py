"""V1, V2, V4: invoices and credit notes add up, money is in one place, numbers have neither gap nor twin."""

from collections.abc import Iterator
from decimal import Decimal

from django.db import models
from django.db.models.functions import Lag

from accounts.models import Customer
from billing import numbering
from billing.ledger.breach import Breach, breaches, more, sum_for_each, unequal
from billing.models import (
    Allocation,
    CreditEntry,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    NumberCounter,
    Payment,
    PaymentReversal,
    ProviderRefund,
    Refund,
)
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
    yield from _credit_notes_add_up()


def _credit_notes_add_up() -> Iterator[Breach]:
    """V1 of credit notes: each is the sum of its lines, and no more than its invoice and that invoice's lines."""
    notes = CreditNote.objects.annotate(of_lines=sum_for_each(CreditNoteLine.objects.all(), "credit_note", "amount"))
    yield from breaches(
        "V1",
        "credit note",
        unequal(notes, "subtotal", "of_lines"),
        "subtotal {row.subtotal}, but its lines sum to {row.of_lines}",
    )
    strays = CreditNoteLine.objects.exclude(
        invoice_line__invoice=models.F("credit_note__invoice"), currency=models.F("invoice_line__currency")
    )
    yield from breaches("V1", "credit note line", strays, "is of another invoice or currency than its note")
    invoices = Invoice.objects.annotate(
        credited=sum_for_each(CreditNote.objects.all(), "invoice", "total"),
        tax_credited=sum_for_each(CreditNote.objects.all(), "invoice", "tax"),
    )
    yield from breaches(
        "V1",
        "invoice",
        unequal(invoices, "amount_credited", "credited"),
        "says {row.amount_credited} is credited, its notes sum to {row.credited}",
    )
    yield from breaches(
        "V1", "invoice", more(invoices, "tax_credited", "tax"), "tax {row.tax}, credited of it {row.tax_credited}"
    )
    lines = InvoiceLine.objects.annotate(
        taken=sum_for_each(CreditNoteLine.objects.all(), "invoice_line", "amount"),
        most=models.ExpressionWrapper(
            models.F("amount") - models.F("discount"),
            output_field=models.DecimalField(max_digits=20, decimal_places=2),
        ),
    )
    yield from breaches("V1", "invoice line", more(lines, "taken", "most"), "net {row.net}, credited of it {row.taken}")


def money_is_where_it_belongs() -> Iterator[Breach]:
    """V2: paid ⇔ allocations = total − credit notes; allocations ≤ payments; payments − refunds − allocations = credit."""
    yield from _invoices_know_their_allocations()
    yield from _payments_are_allocated_once()
    for currency, _label in CURRENCIES:
        yield from _credit_is_what_is_left(currency)


def _invoices_know_their_allocations() -> Iterator[Breach]:
    invoices = Invoice.objects.annotate(
        allocated=sum_for_each(Allocation.objects.all(), "invoice", "amount"),
        owed=models.ExpressionWrapper(
            models.F("total") - models.F("amount_credited"),
            output_field=models.DecimalField(max_digits=20, decimal_places=2),
        ),
    )
    yield from breaches(
        "V2",
        "invoice",
        unequal(invoices, "amount_paid", "allocated"),
        "says {row.amount_paid} is paid, allocations sum to {row.allocated}",
    )
    yield from breaches(
        "V2",
        "invoice",
        unequal(invoices.filter(status=Status.PAID), "owed", "allocated"),
        "is paid, but of {row.owed} only {row.allocated} is allocated",
    )
    for field, source in (
        ("amount_withheld", Payment.Source.WITHHOLDING),
        ("amount_written_off", Payment.Source.WRITE_OFF),
    ):
        of_source = Allocation.objects.filter(payment__source=source)
        with_sum = invoices.annotate(of_source=sum_for_each(of_source, "invoice", "amount"))
        message = f"{field} is {{row.{field}}}, such allocations sum to {{row.of_source}}"
        yield from breaches("V2", "invoice", unequal(with_sum, field, "of_source"), message)
    covered = invoices.filter(status=Status.UNPAID, allocated__gte=models.F("owed"))
    yield from breaches("V2", "invoice", covered, "is unpaid, though {row.allocated} of {row.owed} is allocated")
    not_credited = invoices.filter(status=Status.REFUNDED).exclude(amount_credited=models.F("total"))
    yield from breaches("V2", "invoice", not_credited, "is refunded, credited is {row.amount_credited} of {row.total}")
    closed = invoices.filter(status__in=[Status.DRAFT, Status.CANCELLED, Status.REFUNDED]).exclude(allocated=0)
    yield from breaches("V2", "invoice", closed, "is {row.status}, though {row.allocated} is allocated")


def _spent() -> models.QuerySet[Allocation]:
    """What pays for something: funds that were added are credit again."""
    return Allocation.objects.exclude(invoice__kind=Invoice.Kind.ADD_FUNDS, invoice__status=Status.PAID)


def _payments_are_allocated_once() -> Iterator[Breach]:
    reversed_ids = PaymentReversal.objects.values("payment")
    payments = Payment.objects.annotate(
        allocated=sum_for_each(_spent(), "payment", "amount"),
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
    allocations = _spent().filter(currency=currency)
    sent = ProviderRefund.objects.filter(currency=currency, status=ProviderRefund.Status.QUEUED)
    customers = Customer.objects.annotate(
        paid_in=sum_for_each(kept, "customer", "amount"),
        allocated=sum_for_each(allocations, "payment__customer", "amount"),
        refunded=sum_for_each(Refund.objects.filter(currency=currency), "customer", "amount"),
        on_the_way=sum_for_each(sent, "payment__customer", "amount"),
        credit=sum_for_each(CreditEntry.objects.filter(currency=currency), "customer", "amount"),
        left=models.ExpressionWrapper(
            models.F("paid_in") - models.F("refunded") - models.F("on_the_way") - models.F("allocated"),
            output_field=models.DecimalField(max_digits=20, decimal_places=2),
        ),
    )
    yield from breaches(
        "V2",
        "customer",
        unequal(customers, "left", "credit"),
        f"{currency} payments {{row.paid_in}} − refunds {{row.refunded}} and {{row.on_the_way}} on the way − "
        "allocations {row.allocated}, "
        "but credit is {row.credit}",
    )
    below_zero = customers.filter(credit__lt=Decimal(0))
    yield from breaches("V2", "customer", below_zero, f"{currency} credit is {{row.credit}}")
    yield from _refunds_are_taken_out(currency)


def _refunds_are_taken_out(currency: str) -> Iterator[Breach]:
    """A transfer takes its amount out; what a provider sends was taken out when it was asked for, or is back."""
    transfers = Refund.objects.filter(currency=currency, via="").annotate(
        taken=sum_for_each(CreditEntry.objects.all(), "refund", "amount"),
        taken_off=models.ExpressionWrapper(
            models.F("amount") + models.F("taken"),
            output_field=models.DecimalField(max_digits=20, decimal_places=2),
        ),
    )
    yield from breaches(
        "V2", "refund", transfers.exclude(taken_off=0), "of {row.amount}, its credit entries sum to {row.taken}"
    )
    back = models.Q(status=ProviderRefund.Status.REFUSED)
    asked = ProviderRefund.objects.filter(currency=currency).annotate(
        taken=sum_for_each(CreditEntry.objects.all(), "provider_refund", "amount"),
        wanted=models.Case(
            models.When(back, then=models.Value(0)),
            default=-models.F("amount"),
            output_field=models.DecimalField(max_digits=16, decimal_places=2),
        ),
    )
    yield from breaches(
        "V2",
        "provider refund",
        unequal(asked, "taken", "wanted"),
        "of {row.amount} is {row.status}, its credit entries sum to {row.taken}",
    )
    other = asked.filter(refund__isnull=False).exclude(refund__amount=models.F("amount"))
    yield from breaches("V2", "provider refund", other, "of {row.amount} is another amount in the books")
    nobodys = Refund.objects.filter(currency=currency, sent_by=None).exclude(via="")
    yield from breaches("V2", "refund", nobodys, "is by {row.via}, which was not asked for it")


def numbers_have_no_gap() -> Iterator[Breach]:
    """V4: the numbers per series and period follow each other, and the counter stands at the last."""
    yield from _numbers_follow("invoice", Invoice.objects.exclude(sequence=None))
    yield from _numbers_follow("credit note", CreditNote.objects.all())
    for counter in NumberCounter.objects.iterator():
        numbered = numbering.documents_of(counter.series).model.objects
        numbers = numbered.filter(series=counter.series, period=counter.period)
        last = numbers.aggregate(last=models.Max("sequence"))["last"]
        if last is not None and last != counter.value:
            row = f"counter {counter.series} {counter.period}"
            yield Breach("V4", row, f"stands at {counter.value}, the last number given is {last}")
    without = Invoice.objects.filter(status__in=[Status.UNPAID, Status.PAID, Status.REFUNDED], sequence=None)
    yield from breaches("V4", "invoice", without, "is {row.status} and has no number")


def _numbers_follow(kind: str, issued: models.QuerySet) -> Iterator[Breach]:
    before = models.Window(
        Lag("sequence", default=0),
        partition_by=[models.F("series"), models.F("period")],
        order_by=models.F("sequence").asc(),
    )
    jumps = issued.annotate(before=before).exclude(before=models.F("sequence") - 1)
    for one in jumps.order_by("pk").iterator(chunk_size=500):
        if not _given_by_another_counter(issued, one):
            yield Breach("V4", f"{kind} {one.pk} ({one})", f"number {one.sequence} follows {one.before}")


def _given_by_another_counter(issued: models.QuerySet, one: Invoice | CreditNote) -> bool:
    """Whether all the numbers left out were given in the same year, while numbers began again more or less often."""
    elsewhere = issued.filter(series=one.series, issued_on__year=one.issued_on.year).exclude(period=one.period)
    missing = elsewhere.filter(sequence__gt=one.before, sequence__lt=one.sequence)
    return missing.values("sequence").distinct().count() == one.sequence - 1 - one.before
