"""The statement of account: what was invoiced and what came in between two days, and what was owed before and after.

A positive balance is what the customer owes, a negative one what the shop holds for them as credit. Cancelled invoices are
not part of it, nor are those that add funds: nobody owes them, and what pays them is credit. A payment that was taken back
is one entry when it came and one when it went.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates, spreadsheets
from accounts.models import Customer
from billing.models import CreditNote, Invoice, Payment, PaymentReversal, Refund
from billing.models.invoices import sum_of
from catalog.money import DEFAULT_CURRENCY, ZERO

COUNTED = (Invoice.Status.UNPAID, Invoice.Status.PAID, Invoice.Status.REFUNDED)


@dataclass(frozen=True)
class Entry:
    """``charge`` is what the customer owes more, ``credit`` what they owe less; ``balance`` what is owed afterwards."""

    day: date
    words: str
    reference: str
    charge: Decimal
    credit: Decimal
    balance: Decimal
    invoice: Invoice | None = None


@dataclass(frozen=True)
class Statement:
    """``first`` and ``last`` are days of the company's time zone, both included."""

    customer: Customer
    first: date
    last: date
    currency: str
    opening: Decimal
    entries: tuple[Entry, ...]

    @property
    def closing(self) -> Decimal:
        return self.entries[-1].balance if self.entries else self.opening

    @property
    def charged(self) -> Decimal:
        return sum((entry.charge for entry in self.entries), ZERO)

    @property
    def credited(self) -> Decimal:
        return sum((entry.credit for entry in self.entries), ZERO)


def of(customer: Customer, first: date, last: date, currency: str = DEFAULT_CURRENCY) -> Statement:
    """The customer's statement in one currency, at most ten queries. ``first`` is not after ``last``."""
    of_customer = Invoice.objects.filter(customer=customer, currency=currency, status__in=COUNTED)
    invoices = of_customer.exclude(kind=Invoice.Kind.ADD_FUNDS)
    notes = CreditNote.objects.filter(invoice__in=of_customer)
    refunds = Refund.objects.filter(customer=customer, currency=currency)
    payments = Payment.objects.filter(customer=customer, currency=currency)
    reversals = PaymentReversal.objects.filter(payment__customer=customer, payment__currency=currency)
    opening = (
        sum_of(invoices.filter(issued_on__lt=first), "total")
        - sum_of(payments.filter(received_on__lt=first), "amount")
        + sum_of(reversals.filter(created_at__lt=_begins(first)), "payment__amount")
        - sum_of(notes.filter(issued_on__lt=first), "total")
        + sum_of(refunds.filter(paid_on__lt=first), "amount")
    )
    moves = [
        *_of_invoices(invoices.filter(issued_on__range=(first, last))),
        *_of_payments(payments.filter(received_on__range=(first, last)).select_related("method")),
        *_of_reversals(reversals.filter(created_at__gte=_begins(first)).select_related("payment"), last),
        *_of_credit_notes(notes.filter(issued_on__range=(first, last)).select_related("invoice")),
        *_of_refunds(refunds.filter(paid_on__range=(first, last))),
    ]
    balance, entries = opening, []
    # On the same day what is owed comes before what pays it.
    for move in sorted(moves, key=lambda one: (one.day, -one.charge, one.reference)):
        balance += move.charge - move.credit
        entries.append(Entry(move.day, move.words, move.reference, move.charge, move.credit, balance, move.invoice))
    return Statement(customer, first, last, currency, opening, tuple(entries))


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class _Move:
    day: date
    words: str
    reference: str
    charge: Decimal = ZERO
    credit: Decimal = ZERO
    invoice: Invoice | None = None


def _of_invoices(invoices) -> Iterator[_Move]:
    for one in invoices:
        yield _Move(
            one.issued_on,
            _("Tagihan %(kind)s") % {"kind": one.get_kind_display().lower()},
            one.number,
            charge=one.total,
            invoice=one,
        )


def _of_payments(payments) -> Iterator[_Move]:
    for one in payments:
        words = _("Pembayaran, %(way)s") % {"way": one.method or one.get_source_display()}
        yield _Move(one.received_on, words, one.reference, credit=one.amount)


def _of_reversals(reversals, last: date) -> Iterator[_Move]:
    for one in reversals:
        day = timezone.localdate(one.created_at)
        if day <= last:
            yield _Move(day, _("Pembayaran dibatalkan"), one.payment.reference, charge=one.payment.amount)


def _of_credit_notes(notes) -> Iterator[_Move]:
    for one in notes:
        words = _("Nota kredit untuk tagihan %(invoice)s") % {"invoice": one.invoice}
        yield _Move(one.issued_on, words, one.number, credit=one.total)


def _of_refunds(refunds) -> Iterator[_Move]:
    for one in refunds:
        words = _("Dikembalikan lewat %(bank)s %(number)s") if one.via else _("Dikembalikan ke %(bank)s %(number)s")
        words = words % {"bank": one.bank, "number": one.number}
        yield _Move(one.paid_on, words, one.holder, charge=one.amount)


def as_csv(statement: Statement) -> str:
    """For spreadsheets."""
    heading = [_("Tanggal"), _("Keterangan"), _("Referensi"), _("Tagihan"), _("Pembayaran"), _("Saldo")]
    entries = [
        [one.day, one.words, one.reference, one.charge or None, one.credit or None, one.balance]
        for one in statement.entries
    ]
    opening = [statement.first, _("Saldo awal"), None, None, None, statement.opening]
    closing = [statement.last, _("Saldo akhir"), None, None, None, statement.closing]
    return spreadsheets.as_csv([heading, opening, *entries, closing])


def name_of(statement: Statement) -> str:
    """Such as ``rekening-2026-01-01-2026-01-31``, without an ending."""
    return f"rekening-{statement.first:%Y-%m-%d}-{statement.last:%Y-%m-%d}"


def period_words(statement: Statement) -> str:
    return f"{dates.long_date(statement.first)} – {dates.long_date(statement.last)}"
