"""Credit notes: what is taken off an issued invoice, at the tax of that invoice, once per cause.

An unpaid invoice asks for less then. What was paid of it and is not owed any more becomes the customer's credit; a paid
invoice that is credited in full is refunded. Services stay as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Shop, User
from billing import books, invoicing, notices, numbering, payments, returning, transitions
from billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from catalog.money import ZERO, format_money, round_money, total_of

ISSUE = "billing.issue_credit_note"
# What may be corrected: a draft is changed, a cancelled invoice asks for nothing.
CORRECTABLE = frozenset({Invoice.Status.UNPAID, Invoice.Status.PAID})


class CannotCredit(Exception):
    """No credit note was made; the words say why."""


@dataclass(frozen=True)
class Amounts:
    """A note's: ``tax_base`` is the printed "DPP nilai lain" (T3)."""

    subtotal: Decimal
    tax: Decimal
    tax_base: Decimal

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax


def is_correctable(invoice: Invoice) -> bool:
    """Added funds are credit already: who wants them back is paid out. What was never issued cannot be corrected."""
    return (
        invoice.status in CORRECTABLE
        and invoice.kind != Invoice.Kind.ADD_FUNDS
        and invoice.total > invoice.amount_credited
    )


def left_of(invoice: Invoice) -> dict[int, Decimal]:
    """By the id of each line, how much of its net is not taken off yet; lines with nothing left are not there."""
    lines = invoice.lines.annotate(taken=Sum("credited__amount"))
    left = {line.pk: line.net - (line.taken or ZERO) for line in lines}
    return {pk: amount for pk, amount in left.items() if amount}


def priced(invoice: Invoice, amounts: Mapping[int, Decimal]) -> Amounts:
    """What a note over these net amounts, by the line's id, comes to; the last one takes what is left of the tax.

    Raises ``CannotCredit`` where an amount is none, or more than its line has left.
    """
    left = left_of(invoice)
    for pk, amount in amounts.items():
        if not payments.is_payable(amount, invoice.currency) or amount > left.get(pk, ZERO):
            raise CannotCredit(_("Jumlah per baris harus lebih besar dari nol dan paling banyak sisa baris itu."))
    if not amounts:
        raise CannotCredit(_("Isi jumlah untuk paling sedikit satu baris."))
    taxable = set(invoice.lines.filter(taxable=True).values_list("pk", flat=True))
    tax, base = _tax(invoice, _sum_of(amounts, taxable), _sum_of(left, taxable))
    return Amounts(total_of(amounts.values()), tax, base)


def _sum_of(amounts: Mapping[int, Decimal], lines: Iterable[int]) -> Decimal:
    return total_of(amounts.get(pk, ZERO) for pk in lines)


def _tax(invoice: Invoice, taxable: Decimal, taxable_left: Decimal) -> tuple[Decimal, Decimal]:
    """The tax on a part of the invoice, and its base. Parts are rounded each for itself, so the last takes what is left."""
    earlier = invoice.credit_notes.aggregate(tax=Sum("tax"), base=Sum("tax_base"))
    tax_left = invoice.tax - (earlier["tax"] or ZERO)
    base_left = invoice.tax_base - (earlier["base"] or ZERO)
    if taxable == taxable_left:
        return tax_left, base_left
    terms = invoice.tax_terms
    base = round_money(Fraction(taxable) * terms.base_fraction, invoice.currency)
    return min(terms.tax_on(taxable, invoice.currency), tax_left), min(base, base_left)


@transaction.atomic
def issue(*, invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, cause: str, actor: User) -> CreditNote:
    """A member of staff makes a credit note. Raises ``payments.NotAllowed`` and as ``credit`` does."""
    if not actor.has_perm(ISSUE):
        raise payments.NotAllowed(_("Anda tidak berhak membuat nota kredit."))
    return credit(invoice=invoice, amounts=amounts, reason=reason, cause=cause, actor=actor)


@transaction.atomic
def credit(
    *, invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, cause: str, actor: User | None
) -> CreditNote:
    """Take net amounts, by the id of the invoice's lines, off it, once per ``cause``: a second call returns the same note.

    The number is taken last. Raises ``CannotCredit``: nothing to take off, no reason, too much, or an unpaid invoice of
    which nothing would be left, which is cancelled instead.
    """
    transitions.hold(invoice)
    earlier = CreditNote.objects.filter(cause=cause).first()
    if earlier:
        return _the_same(earlier, invoice, amounts)
    if not reason.strip():
        raise CannotCredit(_("Isi alasan nota kredit: pelanggan akan membacanya."))
    if not is_correctable(invoice):
        raise CannotCredit(_("Tagihan %(invoice)s tidak dapat dikoreksi lagi.") % {"invoice": invoice})
    of_note = priced(invoice, amounts)
    returned = _take_off(invoice, of_note.total, reason, actor)
    note = _write(invoice, amounts, of_note, reason.strip(), cause, actor)
    cause_of_entries = f"credit_note:{note.pk}"
    returning.give_credit(returned, invoice, cause=cause_of_entries, note=note.number, actor=actor)
    words = f"{note.number}: {format_money(note.total, note.currency)}"
    transitions.remark(invoice, "credited", actor=actor, note=words)
    notices.credit_note_issued(note)
    return note


def _the_same(note: CreditNote, invoice: Invoice, amounts: Mapping[int, Decimal]) -> CreditNote:
    if note.invoice_id != invoice.pk or dict(note.lines.values_list("invoice_line", "amount")) != dict(amounts):
        raise CannotCredit(
            _("Nota kredit dengan sebab yang sama sudah dibuat dengan isi lain: %(note)s.") % {"note": note}
        )
    return note


def _take_off(invoice: Invoice, amount: Decimal, reason: str, actor: User | None) -> returning.Returned:
    owed = invoice.total - invoice.amount_credited - amount
    was_paid = invoice.status == Invoice.Status.PAID
    if not owed and not was_paid:
        raise CannotCredit(
            _("Tagihan ini belum lunas dan tidak akan bersisa: pindahkan pembayarannya ke kredit, lalu batalkan.")
            if invoice.amount_paid
            else _("Tagihan ini belum dibayar dan tidak akan bersisa: batalkan saja tagihannya.")
        )
    cause = f"credited:{invoice.pk}:{invoice.credit_notes.count() + 1}"
    surplus = max(invoice.amount_paid - owed, ZERO)
    returned = returning.take_off(invoice, surplus, cause=cause, reason=reason, actor=actor)
    changes = {**books.columns_with(*returned.off), "amount_credited": invoice.amount_credited + amount}
    Invoice.objects.filter(pk=invoice.pk).update(**changes)
    invoice.refresh_from_db()
    if was_paid and not owed:
        transitions.move(invoice, Invoice.Status.REFUNDED, actor=actor, note=reason)
    elif not was_paid and not invoice.balance:
        payments.close_paid(invoice=invoice, actor=actor)
    return returned


def _write(
    invoice: Invoice, amounts: Mapping[int, Decimal], of_note: Amounts, reason: str, cause: str, actor: User | None
) -> CreditNote:
    today = timezone.localdate()
    number = numbering.take(numbering.CREDIT_NOTES, today)
    note = CreditNote.objects.create(
        invoice=invoice,
        cause=cause,
        number=number.text,
        slug=number.slug,
        series=number.series,
        period=number.period,
        sequence=number.sequence,
        issued_on=today,
        reason=reason,
        currency=invoice.currency,
        subtotal=of_note.subtotal,
        tax=of_note.tax,
        tax_base=of_note.tax_base,
        total=of_note.total,
        # Who was invoiced is who is credited, whatever they are called today.
        buyer=invoice.buyer,
        seller=invoicing.seller_of(Shop.current()),
        issued_by=actor,
    )
    lines = InvoiceLine.objects.filter(pk__in=amounts).order_by("sort", "pk")
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(credit_note=note, invoice_line=line, currency=note.currency, amount=amounts[line.pk])
        for line in lines
    )
    return note
