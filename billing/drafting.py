"""Invoices made outside an order: settled, written with their lines and issued in one step."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import Customer, User
from billing import invoicing, transitions
from billing.models import Invoice, InvoiceLine, PaymentMethod
from catalog import tax


@transaction.atomic
def invoice_of(
    *,
    customer: Customer,
    kind: str,
    lines: Sequence[InvoiceLine],
    today: date,
    currency: str,
    actor: User | None = None,
    note: str = "",
    language: str = "",
    payment_method: PaymentMethod | None = None,
    due_on: date | None = None,
    taxed: bool = True,
    **fields,
) -> Invoice:
    """Issue an invoice with these lines, which are not saved yet and are numbered as they come; net amounts, taxed by the
    rule in force ``today`` unless it carries no tax.

    It is due as any new invoice unless ``due_on`` says otherwise (I7), in the customer's language unless another is given.
    ``note`` goes with its first event, ``fields`` are further columns. The number is taken last. Where nothing is asked for
    (I5) it stays unpaid: call ``payments.close_paid``.
    """
    terms = tax.in_force(today) if taxed else None
    totals = tax.settle(lines, tax=terms, currency=currency)
    invoice = Invoice.objects.create(
        customer=customer,
        kind=kind,
        language=language or customer.language,
        payment_method=payment_method,
        currency=currency,
        subtotal=totals.subtotal,
        discount=totals.discount,
        tax=totals.tax,
        total=totals.total,
        tax_base=totals.tax_base,
        due_on=due_on,
        **invoicing.tax_facts(terms),
        **fields,
    )
    for sort, line in enumerate(lines):
        line.invoice, line.sort = invoice, sort
    InvoiceLine.objects.bulk_create(lines)
    transitions.began(invoice, actor=actor, note=note)
    invoicing.issue(invoice=invoice, actor=actor, on=today)
    return invoice
