"""Payments confirmed by ticket: the customer fills in the transfer, or staff takes the proof out of a message (K6).

Confirmations are billing's: the same checks, queue, desk and decision. Locks are taken invoice first, then ticket, as the
desk's decision does.
"""

import hashlib
import uuid
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import User
from billing import confirmations, uploads
from billing.confirmations import Transfer
from billing.models import Invoice, PaymentConfirmation
from catalog.money import format_money
from tickets import access, notices, opening, transitions, writing
from tickets import files as ticket_files
from tickets.models import Attachment, Department, Message, Ticket, TicketConfirmation
from tickets.opening import Question
from tickets.refusals import NotAllowed, TicketRefused, TooMany

_PROOF_TYPES = frozenset(kind.content_type for kind in uploads.PROOFS)


def takes_payments(department: Department, invoice: Invoice | None) -> bool:
    """Whether the form for a new ticket offers the transfer's fields."""
    return (
        invoice is not None
        and department.handles_payments
        and invoice.status == Invoice.Status.UNPAID
        and not invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists()
    )


def open_with_confirmation(
    *,
    actor: User,
    question: Question,
    body: str,
    transfer: Transfer,
    files: Sequence[UploadedFile],
    submission_key: uuid.UUID,
) -> Ticket:
    """Open a ticket that is a Konfirmasi Pembayaran as well: both or neither. ``files`` are the proofs (1 to 3).

    The same ``submission_key`` again returns the first ticket. Raises as ``opening.open_ticket`` and
    ``confirmations.submit`` do.
    """
    made = opening.find(submission_key, actor)
    if made:
        return made
    try:
        return _open(actor, question, body, transfer, files, submission_key)
    except writing.Repeated as again:
        return again.message.ticket
    except confirmations.AlreadySubmitted:
        # By this very form, sent twice at once?
        made = opening.find(submission_key, actor)
        if made is None:
            raise
        return made


def _open(
    actor: User,
    question: Question,
    body: str,
    transfer: Transfer,
    files: Sequence[UploadedFile],
    submission_key: uuid.UUID,
) -> Ticket:
    invoice = question.invoice
    opening.check(actor=actor, question=question)
    if not question.department.handles_payments:
        raise TicketRefused(_("Departemen ini tidak menerima konfirmasi pembayaran."))
    text = writing.clean_body(body)
    confirmations.check(invoice=invoice, actor=actor, transfer=transfer, proof_count=len(files))
    accepted = confirmations.accept(files)
    with (
        uploads.stored(accepted, ticket_files.FOLDER) as names,
        uploads.stored(accepted, confirmations.FOLDER) as proof_names,
        transaction.atomic(),
    ):
        message = opening.begin(
            actor=actor,
            question=question,
            submission_key=submission_key,
            body=text,
            accepted=accepted,
            names=names,
        )
        confirmation = confirmations.take_in(
            invoice=invoice, submitted_by=actor, transfer=transfer, accepted=accepted, names=proof_names
        )
        TicketConfirmation.objects.create(ticket=message.ticket, confirmation=confirmation, message=message)
    return message.ticket


def confirm_in_ticket(
    *,
    ticket: Ticket,
    actor: User,
    invoice: Invoice,
    transfer: Transfer,
    body: str,
    files: Sequence[UploadedFile],
    key: uuid.UUID,
) -> Message:
    """Confirm a payment by a message in a ticket that is open, such as after a rejection. ``files`` are the proofs.

    The same ``key`` again returns the first message. Raises ``NotAllowed``, ``MergedAway``, ``TooMany``, and as
    ``confirmations.submit`` does.
    """
    access.require_reply(actor, ticket)
    _require_own(ticket, invoice)
    if ticket.is_closed:
        raise TicketRefused(_("Tiket ini sudah selesai. Buka tiket baru."))
    text = writing.clean_body(body)
    try:
        writing.refuse_repeats(author=actor, key=key)
        confirmations.check(invoice=invoice, actor=actor, transfer=transfer, proof_count=len(files))
        accepted = confirmations.accept(files)
        with (
            uploads.stored(accepted, ticket_files.FOLDER) as names,
            uploads.stored(accepted, confirmations.FOLDER) as proof_names,
            transaction.atomic(),
        ):
            transitions.hold(invoice)
            writing.hold(ticket)
            writing.refuse_repeats(author=actor, key=key)
            if not limits.allow("ticket_reply", actor.pk):
                raise TooMany
            confirmation = confirmations.take_in(
                invoice=invoice, submitted_by=actor, transfer=transfer, accepted=accepted, names=proof_names
            )
            message = writing.insert(ticket=ticket, author=actor, body=text, key=key, accepted=accepted, names=names)
            TicketConfirmation.objects.create(ticket=ticket, confirmation=confirmation, message=message)
            writing.customer_wrote(ticket, message, actor)
    except writing.Repeated as again:
        return again.message
    except confirmations.AlreadySubmitted:
        made = Message.objects.filter(submission_key=key, author=actor).first()
        if made is None:
            raise
        return made
    return message


def confirmation_from_attachments(
    *, ticket: Ticket, attachments: Sequence[Attachment], invoice: Invoice, transfer: Transfer, actor: User
) -> PaymentConfirmation:
    """Staff makes a confirmation of proofs that a customer attached (K6).

    It is the customer's: submitted by whoever wrote the message, so ``actor`` may verify it too (K3). Raises ``NotAllowed``,
    ``MergedAway``, ``TicketRefused``, ``AlreadySubmitted``, ``NothingToConfirm``, ``ValidationError`` by field.
    """
    access.require_answer(actor, ticket)
    _require_own(ticket, invoice)
    confirmations.check(invoice=invoice, actor=None, transfer=transfer, proof_count=len(attachments))
    message = _message_of(ticket, attachments)
    accepted = [_again(one) for one in attachments]
    with uploads.stored(accepted, confirmations.FOLDER) as names, transaction.atomic():
        confirmation = confirmations.take_in(
            invoice=invoice,
            submitted_by=message.author,
            transfer=transfer,
            accepted=accepted,
            names=names,
            actor=actor,
        )
        writing.hold(ticket)
        TicketConfirmation.objects.create(ticket=ticket, confirmation=confirmation, message=message)
        if ticket.invoice_id is None:
            writing.update(ticket, invoice=invoice)
        transitions.remark(ticket, "confirmed", actor=actor, note=invoice.number)
        with translation.override(ticket.language):
            text = _("Bukti pembayaran Anda untuk tagihan %(invoice)s kami teruskan ke bagian verifikasi.") % {
                "invoice": invoice.number
            }
        # Nobody is told twice: billing's own email says that the confirmation was received.
        writing.system(ticket=ticket, text=text)
    return confirmation


def _require_own(ticket: Ticket, invoice: Invoice) -> None:
    if ticket.customer_id is None or invoice.customer_id != ticket.customer_id:
        raise NotAllowed(_("Tagihan ini bukan milik pelanggan tiket ini."))


def _message_of(ticket: Ticket, attachments: Sequence[Attachment]) -> Message:
    """The customer's message that the first of the attachments came with."""
    for one in attachments:
        message = one.message
        if message.ticket_id != ticket.pk or message.from_staff or one.content_type not in _PROOF_TYPES:
            raise TicketRefused(_("Pilih gambar atau PDF yang dilampirkan pelanggan di tiket ini."))
    return attachments[0].message


def _again(attachment: Attachment) -> uploads.AcceptedFile:
    """The file as it was accepted, for a second copy: it was checked when it came."""
    # Opened anew: the field keeps one open file for everybody who holds the same row.
    with attachment.file.storage.open(attachment.file.name) as file:
        content = file.read()
    return uploads.AcceptedFile(
        name=attachment.name,
        content=content,
        content_type=attachment.content_type,
        sha256=hashlib.sha256(content).hexdigest(),
        sent_sha256=attachment.sent_sha256,
    )


def write_decision(confirmation: PaymentConfirmation) -> None:
    """Tell in the ticket what became of the confirmation that came by it; in the transaction of the decision.

    A decision of staff is the answer that the customer waits for, unless the customer asked more since.
    """
    found = TicketConfirmation.objects.filter(confirmation=confirmation).select_related("ticket", "message").first()
    if found is None:
        return
    ticket = writing.hold_whole(found.ticket)
    with translation.override(ticket.language):
        text = _decision(confirmation)
    message = writing.system(ticket=ticket, text=text)
    if confirmation.status == PaymentConfirmation.Status.WITHDRAWN:
        return
    if not ticket.is_closed and not _asked_more(ticket, found.message):
        _answered_by(ticket, message, confirmation.decided_by)
    notices.decided(message)


def _decision(confirmation: PaymentConfirmation) -> str:
    words = {
        "invoice": confirmation.invoice.number,
        "amount": format_money(
            confirmation.payment.amount if confirmation.payment else confirmation.amount, confirmation.currency
        ),
        "reason": confirmation.reason,
    }
    if confirmation.status == PaymentConfirmation.Status.APPROVED:
        return _("Pembayaran %(amount)s untuk tagihan %(invoice)s sudah kami terima. Terima kasih.") % words
    if confirmation.status == PaymentConfirmation.Status.REJECTED:
        return _("Konfirmasi pembayaran tagihan %(invoice)s belum dapat kami terima. Alasannya: %(reason)s") % words
    return _("Konfirmasi pembayaran tagihan %(invoice)s ditarik kembali.") % words


def _asked_more(ticket: Ticket, confirmed_by: Message | None) -> bool:
    later = ticket.messages.filter(from_staff=False)
    return confirmed_by is not None and later.filter(pk__gt=confirmed_by.pk).exists()


def _answered_by(ticket: Ticket, message: Message, actor: User | None) -> None:
    changes = writing.answered()
    if ticket.first_answered_at is None:
        changes["first_answered_at"] = message.created_at
    if ticket.status == Ticket.Status.ANSWERED:
        writing.update(ticket, **changes)
    else:
        transitions.move(ticket, Ticket.Status.ANSWERED, actor=actor, **changes)
