"""Konfirmasi Pembayaran: a customer says that a transfer was made, staff decides, the money is recorded (RULES K)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from accounts.roles import Ability
from billing import (
    gateways,
    notices,
    payments,
    signals,
    transfer_groups,
    transitions,
    uploads,
    withholding,
)
from billing.models import BankAccount, Invoice, Order, Payment, PaymentConfirmation, ProofFile
from catalog.money import ZERO, format_money

MOST_PROOFS = 3
FOLDER = "proofs"
Status = PaymentConfirmation.Status


class ConfirmationRefused(Exception):
    """Nothing was changed; the words say why."""


class NotAllowed(ConfirmationRefused):
    """The person may not do this."""


class NothingToConfirm(ConfirmationRefused):
    """The invoice is paid, cancelled, or its method needs no confirmation."""


class NothingToWithhold(ConfirmationRefused):
    """PPh 23 does not apply to the invoice or its buyer, or has been settled already."""


class AlreadySubmitted(ConfirmationRefused):
    """A confirmation of this invoice waits already: ``confirmation``."""

    def __init__(self, confirmation: PaymentConfirmation) -> None:
        self.confirmation = confirmation
        super().__init__(_("Konfirmasi untuk tagihan ini sudah kami terima dan menunggu verifikasi."))


class AlreadyDecided(ConfirmationRefused):
    """Somebody was faster; the words say who decided what, and when."""

    def __init__(self, confirmation: PaymentConfirmation) -> None:
        self.confirmation = confirmation
        at = timezone.localtime(confirmation.decided_at) if confirmation.decided_at else None
        super().__init__(
            _("Konfirmasi ini sudah diputuskan: %(status)s oleh %(who)s pada %(when)s.")
            % {
                "status": confirmation.get_status_display(),
                "who": confirmation.decided_by or _("pelanggan"),
                "when": f"{at:%d-%m-%Y %H.%M.%S}" if at else "–",
            }
        )


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What the customer says of the transfer (K1)."""

    bank_account: BankAccount
    sender_bank: str
    sender_number: str
    sender_name: str
    transferred_on: date
    amount: Decimal
    note: str = ""


def submit(
    *,
    invoice: Invoice,
    actor: User | None,
    bank_account: BankAccount,
    sender_bank: str,
    sender_number: str,
    sender_name: str,
    transferred_on: date,
    amount: Decimal,
    note: str,
    proofs: Sequence[UploadedFile],
    withholds: bool = False,
    withholding_slips: Sequence[UploadedFile] = (),
) -> PaymentConfirmation:
    """Take in a customer's word with its proofs (K1). Without an ``actor`` it came through the invoice's private link.

    ``withholds``: the customer keeps PPh 23 back and attaches its slip (T6); how much is computed here. Raises
    ``ValidationError`` by field, ``AlreadySubmitted`` (K2), ``NothingToConfirm``, ``NothingToWithhold``, ``NotAllowed``, and
    ``uploads.CannotStore``; then no row and no file is left.
    """
    transfer = Transfer(
        bank_account=bank_account,
        sender_bank=sender_bank,
        sender_number=sender_number,
        sender_name=sender_name,
        transferred_on=transferred_on,
        amount=amount,
        note=note,
    )
    check(invoice=invoice, actor=actor, transfer=transfer, proof_count=len(proofs))
    withheld = _withheld(invoice, amount, withholding_slips) if withholds else ZERO
    accepted = accept(proofs)
    slips = accept(withholding_slips, "withholding_slips") if withholds else []
    with uploads.stored([*accepted, *slips], FOLDER) as names, transaction.atomic():
        return take_in(
            invoice=invoice,
            submitted_by=actor,
            transfer=transfer,
            accepted=accepted,
            names=names,
            withheld=withheld,
            slips=slips,
        )


def check(*, invoice: Invoice, actor: User | None, transfer: Transfer, proof_count: int) -> None:
    """What can be known before the proofs are looked at. Raises as ``submit`` does."""
    if actor is not None and not may(actor, invoice.customer, Ability.CONFIRM):
        raise NotAllowed(_("Peran Anda tidak boleh mengonfirmasi pembayaran."))
    _check_open(invoice)
    _check_fields(invoice, transfer, proof_count)


def take_in(
    *,
    invoice: Invoice,
    submitted_by: User | None,
    transfer: Transfer,
    accepted: Sequence[uploads.AcceptedFile],
    names: Sequence[str],
    actor: User | None = None,
    withheld: Decimal = ZERO,
    slips: Sequence[uploads.AcceptedFile] = (),
) -> PaymentConfirmation:
    """Write a checked confirmation in the transaction of what belongs to it, and tell the customer. Its proofs, then its
    ``slips`` for what is ``withheld``, are stored under ``names``.

    ``actor`` is who did it where that is not the one who submits it, such as staff that found the proof in a ticket.
    Raises ``AlreadySubmitted`` and ``NothingToConfirm``.
    """
    confirmation = write(
        invoice=invoice,
        submitted_by=submitted_by,
        transfer=transfer,
        accepted=accepted,
        names=names,
        actor=actor,
        withheld=withheld,
        slips=slips,
    )
    notices.confirmation_received(confirmation)
    return confirmation


def write(
    *,
    invoice: Invoice,
    submitted_by: User | None,
    transfer: Transfer,
    accepted: Sequence[uploads.AcceptedFile],
    names: Sequence[str],
    actor: User | None = None,
    withheld: Decimal = ZERO,
    slips: Sequence[uploads.AcceptedFile] = (),
    together: uuid.UUID | None = None,
) -> PaymentConfirmation:
    """As ``take_in``, without an email: ``together`` marks those of one transfer, of which the customer is told once."""
    transitions.hold(invoice)
    # From here on nobody cancels or pays the invoice, so what was seen before is asked again.
    _check_open(invoice)
    confirmation = _insert(
        invoice=invoice,
        submitted_by=submitted_by,
        currency=invoice.currency,
        bank_account=transfer.bank_account,
        sender_bank=transfer.sender_bank,
        sender_number=transfer.sender_number,
        sender_name=transfer.sender_name,
        transferred_on=transfer.transferred_on,
        amount=transfer.amount,
        withheld=withheld,
        note=transfer.note,
        transfer=together,
    )
    kinds = [ProofFile.Kind.TRANSFER] * len(accepted) + [ProofFile.Kind.WITHHOLDING] * len(slips)
    ProofFile.objects.bulk_create(
        ProofFile.of(confirmation, kind, name, file)
        for kind, name, file in zip(kinds, names, [*accepted, *slips], strict=True)
    )
    transitions.began(confirmation, actor=actor or submitted_by)
    signals.confirmation_submitted.send(sender=PaymentConfirmation, confirmation=confirmation)
    return confirmation


def _check_open(invoice: Invoice) -> None:
    if invoice.status != Invoice.Status.UNPAID:
        raise NothingToConfirm(
            _("Tagihan ini berstatus “%(status)s”, jadi tidak perlu dikonfirmasi.")
            % {"status": invoice.get_status_display()}
        )
    waiting = invoice.confirmations.filter(status=Status.SUBMITTED).first()
    if waiting:
        raise AlreadySubmitted(waiting)


def _insert(*, invoice: Invoice, **fields) -> PaymentConfirmation:
    try:
        with transaction.atomic():
            return PaymentConfirmation.objects.create(invoice=invoice, **fields)
    except IntegrityError:
        waiting = invoice.confirmations.filter(status=Status.SUBMITTED).first()
        if waiting is None:
            raise
        raise AlreadySubmitted(waiting) from None


def _check_fields(invoice: Invoice, transfer: Transfer, proof_count: int) -> None:
    problems: dict[str, str] = {}
    account = transfer.bank_account
    if not account.active or not gateways.for_method(account.method).supports_confirmation:
        problems["bank_account"] = _("Pilih rekening tujuan dari daftar.")
    if transfer.transferred_on > timezone.localdate():
        problems["transferred_on"] = _("Tanggal transfer tidak boleh di masa depan.")
    if not payments.is_payable(transfer.amount, invoice.currency):
        problems["amount"] = _("Isi jumlah yang Anda transfer, angka bulat lebih besar dari nol.")
    if not 1 <= proof_count <= MOST_PROOFS:
        problems["proofs"] = _("Lampirkan 1 sampai %(most)d bukti.") % {"most": MOST_PROOFS}
    if problems:
        raise ValidationError(problems)


def _withheld(invoice: Invoice, amount: Decimal, slips: Sequence[UploadedFile]) -> Decimal:
    """What is kept back of the invoice (T6)."""
    withheld = withholding.claimable(invoice)
    if not withheld:
        raise NothingToWithhold(_("PPh 23 tidak dapat dipotong dari tagihan ini, atau sudah dicatat."))
    if not 1 <= len(slips) <= MOST_PROOFS:
        raise ValidationError({"withholding_slips": _("Lampirkan bukti potong PPh 23.")})
    if amount > invoice.balance - withheld:
        words = _("Setelah dipotong PPh 23, jumlah transfer paling banyak %(rest)s.")
        raise ValidationError({"amount": words % {"rest": format_money(invoice.balance - withheld, invoice.currency)}})
    return withheld


def accept(proofs: Sequence[UploadedFile], field: str = "proofs") -> list[uploads.AcceptedFile]:
    """Look at the proofs and make them harmless. Raises ``ValidationError`` for the ``field``."""
    try:
        return [uploads.accept(proof, kinds=uploads.PROOFS) for proof in proofs]
    except ValidationError as error:
        raise ValidationError({field: error}) from error


@transaction.atomic
def approve(
    *, confirmation: PaymentConfirmation, amount: Decimal, actor: User, origin: payments.Origin | None = None
) -> Payment:
    """Accept a customer's proof: the money is recorded first, the invoice closes when what came in covers it (K3).

    ``amount`` is what really came in; PPh 23 that the customer keeps back is settled with it (T6). A transfer that pays
    several invoices is one payment for all of them (C4), whichever of its confirmations is given. Without an ``origin`` the
    customer's word is all there is. Raises ``AlreadyDecided``, ``NotAllowed`` and ``ValidationError``.
    """
    group = transfer_groups.of(confirmation)
    for one in group:
        _check_verifier(one, actor)
    if not payments.is_payable(amount, confirmation.currency):
        raise ValidationError({"amount": _("Isi jumlah yang diterima, angka bulat lebih besar dari nol.")})
    _claim(group, actor)
    for one in group:
        withholding.settle(one, actor)
    payment = payments.record(
        customer=confirmation.invoice.customer,
        amount=amount,
        currency=confirmation.currency,
        actor=actor,
        invoices=[one.invoice for one in group],
        **(origin or _word_of(confirmation)),
    )
    note = _correction(group, amount)
    for one in group:
        transitions.move(one, Status.APPROVED, actor=actor, note=note, payment=payment)
        _decided(one)
    return payment


def _word_of(confirmation: PaymentConfirmation) -> payments.Origin:
    return {
        "source": Payment.Source.CONFIRMATION,
        "cause": f"transfer:{confirmation.transfer}" if confirmation.transfer else f"confirmation:{confirmation.pk}",
        "method": confirmation.bank_account.method,
        "received_on": confirmation.transferred_on,
        "reference": f"{confirmation.sender_bank} {confirmation.sender_name}",
    }


def _claim(group: Sequence[PaymentConfirmation], actor: User) -> None:
    """The first statement of a decision: of all who decide at once, one gets the rows and the others wait, then get none.

    Everybody begins with the first of a group, so that no two wait for each other.
    """
    now = timezone.now()
    for confirmation in group:
        claimed = PaymentConfirmation.objects.filter(pk=confirmation.pk, status=Status.SUBMITTED).update(
            decided_by=actor, decided_at=now
        )
        confirmation.refresh_from_db()
        if not claimed:
            raise AlreadyDecided(confirmation)


def _correction(group: Sequence[PaymentConfirmation], amount: Decimal) -> str:
    claimed = transfer_groups.total(group)
    if amount == claimed:
        return ""
    return _("Jumlah dikoreksi dari %(claimed)s menjadi %(received)s") % {
        "claimed": format_money(claimed, group[0].currency),
        "received": format_money(amount, group[0].currency),
    }


@transaction.atomic
def reject(*, confirmation: PaymentConfirmation, reason: str, actor: User) -> None:
    """Refuse a proof, for all the invoices of its transfer; the customer is emailed the reason and can send again (K4).

    Raises ``AlreadyDecided``, ``NotAllowed``, and ``ValidationError`` where no reason is given.
    """
    group = transfer_groups.of(confirmation)
    for one in group:
        _check_verifier(one, actor)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Isi alasan penolakan: pelanggan akan membacanya.")})
    _claim(group, actor)
    for one in group:
        transitions.move(one, Status.REJECTED, actor=actor, note=reason, reason=reason)
        _let_order_wait(one)
        _decided(one)
    notices.confirmation_rejected(group[0])


@transaction.atomic
def withdraw(*, confirmation: PaymentConfirmation, actor: User | None) -> None:
    """The customer takes the confirmation back, with all of its transfer. Raises ``AlreadyDecided`` and ``NotAllowed``."""
    if actor is not None and not may(actor, confirmation.invoice.customer, Ability.CONFIRM):
        raise NotAllowed(_("Peran Anda tidak boleh menarik konfirmasi pembayaran."))
    for one in transfer_groups.of(confirmation):
        try:
            transitions.move(one, Status.WITHDRAWN, actor=actor, decided_by=actor, decided_at=timezone.now())
        except transitions.InvalidTransition:
            raise AlreadyDecided(one) from None
        _let_order_wait(one)
        _decided(one)


def _decided(confirmation: PaymentConfirmation) -> None:
    signals.confirmation_decided.send(sender=PaymentConfirmation, confirmation=confirmation)


def _let_order_wait(confirmation: PaymentConfirmation) -> None:
    """The customer can send again: an order that was about to be cancelled is warned anew, one day before (O3)."""
    invoice = confirmation.invoice
    Order.objects.filter(pk=invoice.order_id or invoice.instalment_of_id).update(cancel_warned_on=None)


def _check_verifier(confirmation: PaymentConfirmation, actor: User) -> None:
    if not actor.has_perm(payments.VERIFY):
        raise NotAllowed(_("Anda tidak berhak memverifikasi pembayaran."))
    if confirmation.submitted_by_id == actor.pk:
        raise NotAllowed(_("Konfirmasi ini Anda kirim sendiri: orang lain yang memutuskannya."))
