"""Refunds: credit that is transferred back to the customer, with the proof of the transfer, once per cause.

It leaves the payments that the credit came from, the oldest first, so that payments − refunds − allocations = credit holds
for each of them (V2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from billing import books, crediting, notices, payments, transitions, uploads
from billing.models import CreditNote, Invoice, Payment, Refund
from billing.models.invoices import sum_of
from billing.payments import NotAllowed
from catalog.money import DEFAULT_CURRENCY, ZERO, format_money

PAY = "billing.pay_refund"
FOLDER = "refunds"


class CannotRefund(Exception):
    """Nothing was recorded; the words say why."""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What staff says of the transfer that they made; ``proof`` was looked at and made harmless."""

    paid_on: date
    bank: str
    number: str
    holder: str
    proof: uploads.AcceptedFile


def pay_out(
    *,
    customer: Customer,
    amount: Decimal,
    transfer: Transfer,
    reason: str,
    cause: str,
    actor: User,
    currency: str = DEFAULT_CURRENCY,
    credit_note: CreditNote | None = None,
) -> Refund:
    """Record that credit was transferred back, once per ``cause``: a second call returns the first's refund.

    Raises ``NotAllowed``, ``CannotRefund`` (no reason, not that much credit, a transfer to come) and
    ``uploads.CannotStore``; then no row and no file is left.
    """
    _check(transfer, reason, actor)
    with uploads.stored([transfer.proof], FOLDER) as names, transaction.atomic():
        return _write(
            transfer,
            names[0],
            customer=customer,
            cause=cause,
            credit_note=credit_note,
            currency=currency,
            amount=amount,
            reason=reason.strip(),
            recorded_by=actor,
        )


def credit_and_pay_out(
    *, invoice: Invoice, amounts: Mapping[int, Decimal], transfer: Transfer, reason: str, cause: str, actor: User
) -> Refund:
    """Make a credit note and pay out the credit that comes of it, both or neither; once per ``cause``.

    Raises as ``crediting.issue`` and ``pay_out`` do; ``CannotRefund`` also where no money comes back from the invoice.
    """
    _check(transfer, reason, actor)
    with uploads.stored([transfer.proof], FOLDER) as names, transaction.atomic():
        # In everybody's order: the invoice, its customer, and the note's number last.
        transitions.hold(invoice)
        books.hold_credit(invoice.customer_id)
        note = crediting.issue(invoice=invoice, amounts=amounts, reason=reason, cause=cause, actor=actor)
        entries = invoice.credit_entries.filter(cause__startswith=f"credit_note:{note.pk}:")
        return _write(
            transfer,
            names[0],
            customer=invoice.customer,
            cause=cause,
            credit_note=note,
            currency=note.currency,
            amount=sum_of(entries, "amount"),
            reason=reason.strip(),
            recorded_by=actor,
        )


def _check(transfer: Transfer, reason: str, actor: User) -> None:
    if not actor.has_perm(PAY):
        raise NotAllowed(_("Anda tidak berhak mengembalikan dana."))
    if not reason.strip():
        raise CannotRefund(_("Isi alasan pengembalian dana."))
    if transfer.paid_on > timezone.localdate():
        raise CannotRefund(_("Tanggal transfer tidak boleh di masa depan."))


def _facts(transfer: Transfer, name: str) -> dict:
    proof = transfer.proof
    return {
        "paid_on": transfer.paid_on,
        "bank": transfer.bank,
        "number": transfer.number,
        "holder": transfer.holder,
        "file": name,
        "name": proof.name,
        "content_type": proof.content_type,
        "size": proof.size,
        "sha256": proof.sha256,
    }


def _write(transfer: Transfer, name: str, **fields) -> Refund:
    """Save it and take its amount out of the credit. A proof that came twice is nobody's, and removed with the orphans."""
    refund = Refund(**_facts(transfer, name), **fields)
    books.hold_credit(refund.customer_id)
    earlier = Refund.objects.filter(cause=refund.cause).first()
    if earlier:
        if (earlier.customer_id, earlier.amount) != (refund.customer_id, refund.amount):
            raise CannotRefund(_("Pengembalian dana ini sudah dicatat dengan jumlah lain."))
        return earlier
    if not payments.is_payable(refund.amount, refund.currency):
        raise CannotRefund(_("Tidak ada uang yang dapat dikembalikan."))
    left = books.left_by_payment(refund.customer_id, refund.currency)
    available = sum((amount for _pk, amount in left), ZERO)
    if refund.amount > available:
        raise CannotRefund(
            _("Kredit pelanggan hanya %(available)s.") % {"available": format_money(available, refund.currency)}
        )
    refund.save()
    _take_out(refund, left)
    notices.refund_paid(refund)
    return refund


def _take_out(refund: Refund, left: list[tuple[int, Decimal]]) -> None:
    rest = refund.amount
    by_pk = Payment.objects.in_bulk([pk for pk, _amount in left])
    for pk, amount in left:
        part = min(amount, rest)
        if not part:
            return
        rest -= part
        cause = f"refund:{refund.pk}:payment:{pk}"
        note = f"{refund.bank} {refund.number}"
        books.enter(by_pk[pk], -part, cause=cause, actor=refund.recorded_by, refund=refund, note=note)
