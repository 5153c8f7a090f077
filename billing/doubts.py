"""What makes staff look twice at a payment confirmation: a proof or a transfer that was sent before (K5)."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

from billing.models import PaymentConfirmation


@dataclass(frozen=True)
class Doubt:
    """A reason for staff to look twice, never a block (K5). ``kind`` is same_file or same_transfer."""

    kind: str
    confirmation: PaymentConfirmation
    message: str


def about(confirmation: PaymentConfirmation) -> list[Doubt]:
    """Earlier confirmations of other invoices with the same file, or the same sender, bank, date and amount (K5)."""
    others = (
        PaymentConfirmation.objects.exclude(invoice=confirmation.invoice_id)
        # The others of its own transfer have the same proof on purpose (C4).
        .exclude(transfer__isnull=False, transfer=confirmation.transfer)
        .select_related("invoice__customer", "decided_by")
        .order_by("-submitted_at", "-pk")
    )
    hashes = [proof.sent_sha256 for proof in confirmation.proofs.all()]
    same_sender = models.Q(sender_name__iexact=confirmation.sender_name)
    if confirmation.sender_number:
        same_sender |= models.Q(sender_number=confirmation.sender_number)
    same_transfer = others.filter(
        same_sender,
        sender_bank__iexact=confirmation.sender_bank,
        transferred_on=confirmation.transferred_on,
        currency=confirmation.currency,
        amount=confirmation.amount,
    )
    return [
        Doubt("same_file", other, _words(_("Berkas yang sama sudah dikirim untuk %(invoice)s."), other))
        for other in others.filter(proofs__sent_sha256__in=hashes).distinct()
    ] + [
        Doubt(
            "same_transfer",
            other,
            _words(_("Pengirim, bank, tanggal, dan jumlah yang sama sudah dikirim untuk %(invoice)s."), other),
        )
        for other in same_transfer
    ]


def _words(message: str, other: PaymentConfirmation) -> str:
    return message % {
        "invoice": f"{other.invoice} ({other.invoice.customer}, {other.get_status_display()})",
    }
