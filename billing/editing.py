"""Invoices that staff writes by hand: a draft that may be rewritten until it is issued, and from then on never (I3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from billing import documents, invoicing, notices, payments, paymethods, transitions
from billing.models import Invoice, InvoiceLine, PaymentMethod
from catalog import tax
from catalog.money import ZERO, format_money

MAY_WRITE = "billing.add_invoice"
MAY_ISSUE = "billing.change_invoice"


class CannotEdit(Exception):
    """Nothing was changed; the words say why."""


class NoDraft(CannotEdit):
    """It was issued or thrown away meanwhile, or the shop made it itself."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(_("%(invoice)s bukan konsep lagi dan tidak dapat diubah.") % {"invoice": invoice})


class WrittenMeanwhile(CannotEdit):
    def __init__(self) -> None:
        super().__init__(_("Orang lain menyimpan konsep ini sejak Anda membukanya. Muat ulang, lalu ubah lagi."))


class CannotIssue(CannotEdit):
    """Something is missing that a document needs."""


@dataclass(frozen=True)
class WrittenLine:
    """One line as staff writes it; ``unit_price`` is net of tax, in the invoice's currency."""

    description: str
    quantity: int
    unit_price: Decimal
    detail: str = ""
    taxable: bool = True
    pph23: bool = False
    period_start: date | None = None
    period_end: date | None = None
    discount: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Content:
    lines: Sequence[WrittenLine]
    payment_method: PaymentMethod | None = None
    due_on: date | None = None
    po_number: str = ""
    notes: str = ""


def is_draft(invoice: Invoice) -> bool:
    return invoice.status == Invoice.Status.DRAFT and invoice.kind == Invoice.Kind.MANUAL


@transaction.atomic
def start(*, customer: Customer, actor: User) -> Invoice:
    """An empty draft for the customer. The person's own one that is still empty is taken again, so that pressing twice
    makes one.
    """
    # Whoever starts at the same time waits here, and finds the first one's.
    Customer.objects.filter(pk=customer.pk).update(name=models.F("name"))
    begun = Invoice.objects.filter(events__kind="created", events__actor=actor)
    empty = begun.filter(customer=customer, kind=Invoice.Kind.MANUAL, status=Invoice.Status.DRAFT, lines=None).first()
    if empty:
        return empty
    invoice = Invoice.objects.create(
        customer=customer,
        kind=Invoice.Kind.MANUAL,
        language=customer.language,
        payment_method=next(iter(paymethods.active()), None),
    )
    transitions.began(invoice, actor=actor)
    return invoice


def version(invoice: Invoice) -> int:
    """Grows whenever something happens to the draft."""
    return invoice.events.aggregate(last=models.Max("pk"))["last"] or 0


@transaction.atomic
def rewrite(*, invoice: Invoice, content: Content, seen: int, actor: User) -> None:
    """Put the content in place of what the draft said in version ``seen``.

    Raises ``NoDraft`` and ``WrittenMeanwhile``; then the draft is as it was.
    """
    transitions.hold(invoice)
    if not is_draft(invoice):
        raise NoDraft(invoice)
    if version(invoice) != seen:
        raise WrittenMeanwhile
    invoice.lines.all().delete()
    InvoiceLine.objects.bulk_create(_row(invoice, line, sort) for sort, line in enumerate(content.lines))
    facts = {
        "payment_method": content.payment_method,
        "due_on": content.due_on,
        "po_number": content.po_number,
        "notes": content.notes,
        **_sums(content.lines, invoice.currency),
    }
    Invoice.objects.filter(pk=invoice.pk).update(**facts)
    invoice.refresh_from_db()
    transitions.remark(invoice, "edited", actor=actor, note=format_money(invoice.total, invoice.currency))


def _row(invoice: Invoice, line: WrittenLine, sort: int) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        kind="manual",
        description=line.description,
        detail=line.detail,
        period_start=line.period_start,
        period_end=line.period_end,
        currency=invoice.currency,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        taxable=line.taxable,
        pph23=line.pph23,
        sort=sort,
    )


def _sums(lines: Iterable[WrittenLine | InvoiceLine], currency: str) -> dict:
    """The invoice's sums with the tax in force today (T1)."""
    terms = tax.in_force(timezone.localdate())
    totals = tax.settle(lines, tax=terms, currency=currency)
    return {
        "subtotal": totals.subtotal,
        "discount": totals.discount,
        "tax": totals.tax,
        "total": totals.total,
        "tax_base": totals.tax_base,
        **invoicing.tax_facts(terms),
    }


def preview(lines: Sequence[WrittenLine], currency: str) -> list[documents.TotalRow]:
    """The rows under the lines as the invoice would show them if it were issued today."""
    return documents.totals(Invoice(currency=currency, **_sums(lines, currency)))


@transaction.atomic
def issue(*, invoice: Invoice, actor: User) -> None:
    """Give the draft its number at today's tax and email it; one that asks for nothing is paid at once (I5).

    Raises ``NoDraft`` and ``CannotIssue``; then no number is used and nobody is told.
    """
    transitions.hold(invoice)
    if not is_draft(invoice):
        raise NoDraft(invoice)
    lines = list(invoice.lines.all())
    today = timezone.localdate()
    if not lines:
        raise CannotIssue(_("Tulis paling sedikit satu baris sebelum menerbitkan."))
    if invoice.due_on and invoice.due_on < today:
        raise CannotIssue(_("Jatuh tempo konsep ini sudah lewat. Ubah dulu tanggalnya."))
    # Written on another day, perhaps under another rule.
    Invoice.objects.filter(pk=invoice.pk).update(**_sums(lines, invoice.currency))
    invoice.refresh_from_db()
    notices.invoice_issued(invoice)
    invoicing.issue(invoice=invoice, actor=actor, on=today)
    if not invoice.total:
        payments.close_paid(invoice=invoice, actor=actor)
