"""What was paid of an invoice and is not owed any more goes back: money becomes credit, the rest is undone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import books, payments, transitions
from billing.models import Invoice, Payment, PaymentConfirmation, PaymentReversal
from billing.payments import NotAllowed, PaymentRefused
from catalog.money import format_money, total_of


@dataclass
class Returned:
    """``off`` is what each payment pays less of the invoice (negative), ``credit`` what of it is money."""

    off: list[tuple[Payment, Decimal]] = field(default_factory=list)
    credit: list[tuple[Payment, Decimal]] = field(default_factory=list)


def take_off(invoice: Invoice, amount: Decimal, *, cause: str, reason: str, actor: User | None) -> Returned:
    """Take so much of what was paid off an invoice that this transaction holds.

    What was only let go of (written off, small differences) is undone first, then money goes back, the newest payment's
    first, and last tax that the buyer kept back. The invoice's columns are the caller's to update by ``off``, and so are the
    entries of ``credit``.
    """
    returned, left = Returned(), amount
    for payment, paid in _in_returning_order(invoice):
        part = min(paid, left)
        if not part:
            break
        left -= part
        returned.off.append((payment, -part))
        if payment.source in books.WITHOUT_MONEY:
            _shrink(payment, invoice, paid, part, cause=cause, reason=reason, actor=actor)
        else:
            books.allocate(payment, invoice, -part, cause=f"{cause}:payment:{payment.pk}")
            returned.credit.append((payment, part))
    return returned


def _in_returning_order(invoice: Invoice) -> Iterator[tuple[Payment, Decimal]]:
    paid = books.paid_by_payments(invoice)

    def turn(payment: Payment) -> tuple[int, int]:
        if payment.source == Payment.Source.WITHHOLDING:
            return (2, -payment.pk)
        return (0 if payment.source in books.WITHOUT_MONEY else 1, -payment.pk)

    for payment in sorted(Payment.objects.filter(pk__in=paid), key=turn):
        yield payment, paid[payment.pk]


def _shrink(
    payment: Payment, invoice: Invoice, paid: Decimal, part: Decimal, *, cause: str, reason: str, actor: User | None
) -> None:
    """No money came in, so none becomes credit: the payment is reversed, and what still holds of it recorded anew."""
    PaymentReversal.objects.create(payment=payment, reason=reason, actor=actor)
    books.allocate(payment, invoice, -paid, cause=f"reversal:{payment.pk}:invoice:{invoice.pk}")
    if paid == part:
        return
    again = Payment.objects.create(
        customer_id=payment.customer_id,
        cause=f"{cause}:left_of:{payment.pk}",
        source=payment.source,
        currency=payment.currency,
        amount=paid - part,
        received_on=payment.received_on,
        reference=payment.reference,
        recorded_by=actor,
    )
    books.allocate(again, invoice, again.amount, cause=f"payment:{again.pk}:invoice:{invoice.pk}")


def give_credit(returned: Returned, invoice: Invoice, *, cause: str, note: str, actor: User | None) -> Decimal:
    """Write the returned money into the customer's credit; how much it is."""
    for payment, amount in returned.credit:
        cause_of_entry = f"{cause}:payment:{payment.pk}"
        books.enter(payment, amount, cause=cause_of_entry, actor=actor, invoice=invoice, note=note)
    return total_of(amount for _payment, amount in returned.credit)


@transaction.atomic
def release(*, invoice: Invoice, reason: str, actor: User) -> Decimal:
    """Staff moves what was paid of an unpaid invoice into the customer's credit, so that it can be cancelled; how much.

    Raises ``NotAllowed`` and ``PaymentRefused`` (nothing is paid, no reason, a confirmation waits).
    """
    if not actor.has_perm(payments.VERIFY):
        raise NotAllowed(_("Anda tidak berhak memverifikasi pembayaran."))
    if not reason.strip():
        raise PaymentRefused(_("Isi alasannya."))
    transitions.hold(invoice)
    if not invoice.is_partially_paid:
        raise PaymentRefused(_("Tidak ada pembayaran di tagihan ini yang dapat dipindahkan ke kredit."))
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise PaymentRefused(_("Konfirmasi pembayaran untuk tagihan ini menunggu verifikasi."))
    cause = f"released:{invoice.pk}:{invoice.events.filter(kind='released').count() + 1}"
    returned = take_off(invoice, invoice.amount_paid, cause=cause, reason=reason, actor=actor)
    Invoice.objects.filter(pk=invoice.pk).update(**books.columns_with(*returned.off))
    invoice.refresh_from_db()
    amount = give_credit(returned, invoice, cause=cause, note=reason.strip()[:200], actor=actor)
    note = f"{format_money(amount, invoice.currency)}: {reason.strip()}"
    transitions.remark(invoice, "released", actor=actor, note=note)
    return amount
