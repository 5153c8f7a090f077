"""One transfer that pays several invoices (C4): a confirmation for each, which are sent, decided and taken back as one."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import confirmations, notices, payments, transitions, uploads
from billing.confirmations import ConfirmationRefused, Transfer
from billing.models import BankAccount, Invoice, PaymentConfirmation
from catalog.money import format_money, total_of

# Each invoice keeps the proofs itself.
MOST = 10


class CannotGoTogether(ConfirmationRefused):
    """The invoices are too few, too many, or not of one customer and currency."""


def submit(
    *,
    invoices: Sequence[Invoice],
    actor: User,
    bank_account: BankAccount,
    sender_bank: str,
    sender_number: str,
    sender_name: str,
    transferred_on: date,
    amount: Decimal,
    note: str,
    proofs: Sequence[UploadedFile],
) -> list[PaymentConfirmation]:
    """Take in a transfer of ``amount`` for all the invoices, the oldest due first; what is over goes with the last.

    PPh 23 is kept back of one invoice at a time. Raises as ``confirmations.submit`` and ``CannotGoTogether``; then no row
    and no file is left.
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
    in_order = payments.in_locking_order(invoices)
    _check_fit(in_order)
    for invoice in in_order:
        confirmations.check(invoice=invoice, actor=actor, transfer=transfer, proof_count=len(proofs))
    accepted = confirmations.accept(proofs)
    with uploads.stored(accepted * len(in_order), confirmations.FOLDER) as names, transaction.atomic():
        for invoice in in_order:
            transitions.hold(invoice)
        return _take_in(in_order, actor, transfer, accepted, names)


def _check_fit(invoices: Sequence[Invoice]) -> None:
    if not 2 <= len(invoices) <= MOST:
        raise CannotGoTogether(_("Pilih 2 sampai %(most)d tagihan.") % {"most": MOST})
    if len({(invoice.customer_id, invoice.currency) for invoice in invoices}) > 1:
        raise CannotGoTogether(_("Pilih tagihan dalam satu mata uang."))


def _take_in(
    invoices: Sequence[Invoice],
    actor: User,
    transfer: Transfer,
    accepted: Sequence[uploads.AcceptedFile],
    names: Sequence[str],
) -> list[PaymentConfirmation]:
    together = uuid.uuid4()
    names_left = list(names)
    made = []
    for invoice, share in zip(invoices, shares(invoices, transfer.amount), strict=True):
        own, names_left = names_left[: len(accepted)], names_left[len(accepted) :]
        made.append(
            confirmations.write(
                invoice=invoice,
                submitted_by=actor,
                transfer=replace(transfer, amount=share),
                accepted=accepted,
                names=own,
                together=together,
            )
        )
    notices.confirmation_received(made[0])
    return made


def shares(invoices: Sequence[Invoice], amount: Decimal) -> list[Decimal]:
    """Each invoice's part of what was transferred, in the order given: its balance, and for the last whatever is left.

    Raises ``ValidationError`` where nothing would be left for the last.
    """
    before = total_of(invoice.balance for invoice in invoices[:-1])
    if amount <= before:
        words = _(
            "Jumlah ini belum sampai ke %(invoice)s. Isi lebih dari %(before)s, atau pilih lebih sedikit tagihan."
        )
        said = {"invoice": invoices[-1], "before": format_money(before, invoices[-1].currency)}
        raise ValidationError({"amount": words % said})
    return [*(invoice.balance for invoice in invoices[:-1]), amount - before]
