"""The one road for all money: recorded once per cause, allocated to invoices, the rest the customer's credit (RULES C)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Shop, User
from billing import books, effects, lifecycle, notices, signals, transfer_codes, transitions
from billing.books import credit_balance
from billing.models import (
    CreditEntry,
    Invoice,
    InvoiceEvent,
    Payment,
    PaymentMethod,
    PaymentReversal,
    ProviderRefund,
    StatementLine,
)
from billing.models.invoices import sum_of
from catalog.money import ZERO, format_money, round_money

VERIFY = "billing.verify_payment"
# What a money column holds.
LARGEST = Decimal(10) ** 14
LONGEST_REFERENCE = Payment._meta.get_field("reference").max_length


class Origin(TypedDict):
    """Where money came from and what makes it itself, as ``record`` takes it."""

    source: str
    cause: str
    method: PaymentMethod | None
    received_on: date
    reference: str


class PaymentRefused(Exception):
    """Nothing was recorded; the words say why."""


class CauseTaken(PaymentRefused):
    """The same cause came with another amount or customer: one of the two is a mistake."""


class NotAllowed(PaymentRefused):
    """The person may not do this."""


class AlreadyReversed(PaymentRefused):
    def __init__(self, reversal: PaymentReversal) -> None:
        self.reversal = reversal
        at = timezone.localtime(reversal.created_at)
        super().__init__(
            _("Pembayaran ini sudah dibatalkan oleh %(who)s pada %(when)s.")
            % {"who": reversal.actor or _("sistem"), "when": f"{at:%d-%m-%Y %H.%M}"}
        )


class CreditAlreadyUsed(PaymentRefused):
    """The payment's credit has been spent: taking it back would leave the customer with less than nothing."""


@transaction.atomic
def record(
    *,
    customer: Customer,
    amount: Decimal,
    currency: str,
    source: str,
    cause: str,
    method: PaymentMethod | None,
    received_on: date,
    reference: str,
    actor: User | None,
    invoices: Sequence[Invoice] = (),
) -> Payment:
    """Take in money, once per ``cause``: a second call with the same returns the first's payment and changes nothing.

    It pays the given invoices of the customer, oldest due first (C4); what is left is credit. Raises ``PaymentRefused``
    where the amount is not above zero, an invoice is another customer's, in another currency or not issued.
    """
    _check(customer, amount, currency, invoices)
    payment, made = _insert(
        cause,
        customer=customer,
        source=source,
        method=method,
        currency=currency,
        amount=amount,
        received_on=received_on,
        reference=reference[:LONGEST_REFERENCE],
        recorded_by=actor,
    )
    if made:
        _distribute(payment, invoices, actor)
    return payment


def _insert(cause: str, **fields) -> tuple[Payment, bool]:
    """The cause's one payment, and whether it is new. Raises ``CauseTaken`` where it is another one."""
    payment, made = Payment.objects.get_or_create(cause=cause, defaults=fields)
    wanted = (fields["customer"].pk, fields["amount"], fields["currency"])
    if not made and (payment.customer_id, payment.amount, payment.currency) != wanted:
        raise CauseTaken(_("Pembayaran dengan sebab “%(cause)s” sudah dicatat dengan data lain.") % {"cause": cause})
    return payment, made


@transaction.atomic
def record_withheld(
    *, invoice: Invoice, amount: Decimal, cause: str, received_on: date, reference: str, actor: User | None
) -> Payment:
    """Settle a part of an unpaid invoice by PPh 23 that its buyer keeps back (T6), once per ``cause``.

    Record it before the transfer that comes with it: the customer is told of what is missing by that one. Raises
    ``PaymentRefused`` where the invoice does not wait for that much, or has been settled so before.
    """
    _check(invoice.customer, amount, invoice.currency, [invoice])
    payment, made = _insert(
        cause,
        customer=invoice.customer,
        source=Payment.Source.WITHHOLDING,
        method=None,
        currency=invoice.currency,
        amount=amount,
        received_on=received_on,
        reference=reference[:LONGEST_REFERENCE],
        recorded_by=actor,
    )
    if not made:
        return payment
    transitions.hold(invoice)
    if invoice.status != Invoice.Status.UNPAID or invoice.amount_withheld or amount > invoice.balance:
        raise PaymentRefused(_("PPh 23 sudah dicatat, atau lebih besar dari sisa tagihan."))
    _allocate(payment, invoice, amount, actor)
    return payment


def _check(customer: Customer, amount: Decimal, currency: str, invoices: Sequence[Invoice]) -> None:
    if not is_payable(amount, currency):
        raise PaymentRefused(_("Isi jumlah yang lebih besar dari nol, tanpa sen."))
    for invoice in invoices:
        if invoice.customer_id != customer.pk or invoice.currency != currency:
            raise PaymentRefused(_("Tagihan %(invoice)s milik pelanggan atau mata uang lain.") % {"invoice": invoice})
        if invoice.number is None:
            raise PaymentRefused(_("Tagihan %(invoice)s belum diterbitkan.") % {"invoice": invoice})


def is_payable(amount: Decimal, currency: str) -> bool:
    """Whether somebody can pay it: above zero, in the currency's own digits (MO1), and small enough for the books."""
    return ZERO < amount < LARGEST and amount == round_money(amount, currency)


def _distribute(payment: Payment, invoices: Sequence[Invoice], actor: User | None) -> None:
    rest = payment.amount
    for invoice in in_locking_order(invoices):
        transitions.hold(invoice)
        if invoice.status == Invoice.Status.UNPAID and rest:
            rest -= _allocate(payment, invoice, min(rest, invoice.balance), actor)
        elif invoice.status == Invoice.Status.CANCELLED:
            _tell_staff(invoice, payment, actor)
    if rest:
        books.enter(payment, rest, cause=f"payment:{payment.pk}:rest", actor=actor)


def in_locking_order(invoices: Iterable[Invoice]) -> list[Invoice]:
    """Oldest due first (C4). Everybody who needs several takes them in this order, so that no two wait for each other."""
    unique = {invoice.pk: invoice for invoice in invoices}
    return sorted(unique.values(), key=lambda invoice: (invoice.due_on, invoice.pk))


def _allocate(
    payment: Payment, invoice: Invoice, amount: Decimal, actor: User | None, *, from_credit: str = ""
) -> Decimal:
    """Pay an invoice that this transaction holds, in full or in part, and return what was used.

    ``from_credit`` is the cause where it is credit that is spent: nobody transferred too little then (C2).
    """
    books.allocate(payment, invoice, amount, cause=from_credit or f"payment:{payment.pk}:invoice:{invoice.pk}")
    withheld = payment.source == Payment.Source.WITHHOLDING
    columns = books.columns_with((payment, amount))
    Invoice.objects.filter(pk=invoice.pk).update(**columns)
    invoice.refresh_from_db(fields=[*columns])
    if withheld:
        note = format_money(amount, invoice.currency)
        transitions.remark(invoice, "tax_withheld", actor=actor, note=note)
    if invoice.balance == ZERO:
        close_paid(invoice=invoice, actor=actor)
    elif not withheld:
        note = _("%(amount)s diterima, kurang %(rest)s") % {
            "amount": format_money(amount, invoice.currency),
            "rest": format_money(invoice.balance, invoice.currency),
        }
        transitions.remark(invoice, "partially_paid", actor=actor, note=note)
        if not from_credit:
            notices.partially_paid(invoice, payment)
    return amount


def close_paid(*, invoice: Invoice, actor: User | None) -> None:
    """What came in covers the invoice, or it asks for nothing (I5): it is paid and its services start."""
    transitions.move(invoice, Invoice.Status.PAID, actor=actor, paid_at=timezone.now())
    transfer_codes.close(invoice)
    lifecycle.start_paid(invoice=invoice, actor=actor)
    effects.of(invoice).paid(invoice, actor)
    if invoice.total:
        times = InvoiceEvent.objects.filter(invoice=invoice, to_status=Invoice.Status.PAID).count()
        notices.payment_received(invoice, times)
    signals.invoice_paid.send(sender=Invoice, invoice=invoice)


def spend_credit(
    invoice: Invoice, left: Sequence[tuple[int, Decimal]], at_most: Decimal | None, actor: User | None
) -> Decimal:
    """Allocate what is ``left`` of payments (by id) to an unpaid invoice; ``billing.credit`` holds the customer's row."""
    transitions.hold(invoice)
    if invoice.status != Invoice.Status.UNPAID or invoice.kind == Invoice.Kind.ADD_FUNDS:
        return ZERO
    wanted = invoice.balance if at_most is None else min(at_most, invoice.balance)
    used = ZERO
    for payment in Payment.objects.filter(pk__in=[pk for pk, _left in left]).order_by("pk"):
        part = min(dict(left)[payment.pk], wanted - used)
        if not part:
            break
        times = CreditEntry.objects.filter(payment=payment, invoice=invoice).count()
        cause = f"credit:{payment.pk}:invoice:{invoice.pk}:{times + 1}"
        books.enter(payment, -part, cause=cause, actor=actor, invoice=invoice)
        _allocate(payment, invoice, part, actor, from_credit=cause)
        used += part
    return used


def _tell_staff(invoice: Invoice, payment: Payment, actor: User | None) -> None:
    note = _("Pembayaran %(payment)s masuk ke kredit pelanggan.") % {"payment": payment}
    transitions.remark(invoice, "money_after_cancel", actor=actor, note=note)
    notices.money_for_cancelled_invoice(invoice, payment)


@transaction.atomic
def close_small_difference(*, invoice: Invoice, actor: User) -> Payment:
    """Staff lets go of the small rest of a partially paid invoice (C2); it is settled by a payment of its own source.

    Raises ``NotAllowed`` and ``PaymentRefused``.
    """
    if not actor.has_perm(VERIFY):
        raise NotAllowed(_("Anda tidak berhak memverifikasi pembayaran."))
    transitions.hold(invoice)
    limit = Shop.current().small_difference
    if invoice.kind == Invoice.Kind.ADD_FUNDS or not invoice.is_partially_paid or invoice.balance > limit:
        raise PaymentRefused(
            _("Hanya selisih sampai %(limit)s dari tagihan yang sudah dibayar sebagian yang boleh ditutup.")
            % {"limit": format_money(limit)}
        )
    earlier = invoice.allocations.filter(payment__source=Payment.Source.DIFFERENCE, amount__gt=0).count()
    return record(
        customer=invoice.customer,
        amount=invoice.balance,
        currency=invoice.currency,
        source=Payment.Source.DIFFERENCE,
        cause=f"difference:{invoice.pk}:{earlier + 1}",
        method=None,
        received_on=timezone.localdate(),
        reference=invoice.number,
        actor=actor,
        invoices=[invoice],
    )


@transaction.atomic
def reverse(*, payment: Payment, reason: str, actor: User) -> PaymentReversal:
    """Take a payment back, once: what it paid is open again, its credit is gone; services stay as they are (C5).

    Raises ``AlreadyReversed``, ``CreditAlreadyUsed``, ``NotAllowed`` and ``PaymentRefused``: no reason, or a statement's
    line is settled by it, which is taken back with its payments.
    """
    if not actor.has_perm(VERIFY):
        raise NotAllowed(_("Anda tidak berhak memverifikasi pembayaran."))
    if not reason.strip():
        raise PaymentRefused(_("Isi alasan pembatalan pembayaran."))
    held = hold(payment)
    reversal, made = PaymentReversal.objects.get_or_create(
        payment=payment, defaults={"reason": reason.strip(), "actor": actor}
    )
    if not made:
        raise AlreadyReversed(reversal)
    _check_no_line_says_so(payment)
    _take_back_credit(payment, actor)
    paid = books.paid_to_invoices(payment)
    for invoice in in_locking_order(held.values()):
        if invoice.pk in paid:
            _take_back(payment, invoice, paid[invoice.pk], reason, actor)
    return reversal


def _check_no_line_says_so(payment: Payment) -> None:
    status = StatementLine.Status
    if StatementLine.objects.filter(payments=payment, status__in=[status.MATCHED, status.ASSIGNED]).exists():
        raise PaymentRefused(_("Pembayaran ini dari mutasi rekening: batalkan penetapan mutasinya."))


def hold(payment: Payment) -> dict[int, Invoice]:
    """Keep a payment as it is until the transaction ends: the invoices that it pays, by id, are held, and its credit."""
    held = _hold_paid_by(payment)
    # Whoever spends credit holds the customer first, so neither the balance nor what was paid of it can change behind us.
    books.hold_credit(payment.customer_id)
    return held | _hold_paid_by(payment, but=held)


def _hold_paid_by(payment: Payment, but: Collection[int] = ()) -> dict[int, Invoice]:
    """Hold the invoices that it pays, by id; those of ``but`` are held already."""
    found = Invoice.objects.filter(allocations__payment=payment).exclude(pk__in=but).distinct()
    invoices = in_locking_order(found)
    for invoice in invoices:
        transitions.hold(invoice)
    return {invoice.pk: invoice for invoice in invoices}


def _take_back_credit(payment: Payment, actor: User) -> None:
    credit = sum_of(payment.credit_entries.all(), "amount")
    paid_out = payment.credit_entries.filter(refund__isnull=False).exists()
    sent_back = payment.provider_refunds.exclude(status=ProviderRefund.Status.REFUSED).exists()
    if paid_out or sent_back or credit > credit_balance(payment.customer, payment.currency):
        raise CreditAlreadyUsed(_("Kredit dari pembayaran ini sudah dipakai. Kembalikan dahulu pemakaiannya."))
    if credit:
        books.enter(payment, -credit, cause=f"reversal:{payment.pk}:credit", actor=actor)


def _take_back(payment: Payment, invoice: Invoice, amount: Decimal, reason: str, actor: User) -> None:
    books.allocate(payment, invoice, -amount, cause=f"reversal:{payment.pk}:invoice:{invoice.pk}")
    left = books.columns_with((payment, -amount))
    if invoice.status == Invoice.Status.PAID:
        transitions.move(invoice, Invoice.Status.UNPAID, actor=actor, note=reason, paid_at=None, **left)
        effects.of(invoice).reopened(invoice, actor)
        signals.payment_reversed.send(sender=Invoice, invoice=invoice, payment=payment)
    else:
        Invoice.objects.filter(pk=invoice.pk).update(**left)
        invoice.refresh_from_db(fields=[*left])
        transitions.remark(invoice, "payment_reversed", actor=actor, note=reason)
