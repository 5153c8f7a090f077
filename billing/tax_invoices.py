"""Tax invoices (faktur pajak): customers ask for them, staff makes them in Coretax and files the PDF here, or says why not.

One can be asked for as soon as the invoice is issued, paid or not: services count as delivered when their price is invoiced
or, where that is earlier, paid for (UU PPN article 11 and 13; PP 44/2022), and a tax invoice that is made more than three
months late counts as none. Cancelled and refunded invoices have nothing to be taxed.
"""

import re
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from accounts.roles import Ability
from billing import notices, transitions, uploads
from billing.models import Invoice, TaxInvoice

FOLDER = "tax_invoices"
FILE = "billing.change_taxinvoice"
TAXED = (Invoice.Status.UNPAID, Invoice.Status.PAID)


class CannotAsk(Exception):
    """Nothing was asked for; the words say why."""


class CannotFile(Exception):
    """Nothing was filed or refused; the words say why."""


class NotAllowed(CannotFile, CannotAsk):
    """The person may not do this."""


def is_taxed(invoice: Invoice) -> bool:
    return invoice.tax > 0 and invoice.status in TAXED


def has_tax_id(invoice: Invoice) -> bool:
    """Whether the buyer as copied onto the invoice can be named in a tax invoice."""
    return bool(invoice.buyer.get("npwp") or invoice.buyer.get("nik"))


def waiting() -> QuerySet[TaxInvoice]:
    """What customers asked for and nobody answered, the oldest first."""
    asked = TaxInvoice.objects.filter(requested_at__isnull=False, filed_at=None, refused_at=None)
    return asked.select_related("invoice__customer").order_by("requested_at", "pk")


@transaction.atomic
def ask(*, invoice: Invoice, actor: User) -> TaxInvoice:
    """Ask for an invoice's tax invoice, again where it was refused; asked or filed already, nothing changes.

    Raises ``CannotAsk``.
    """
    if not may(actor, invoice.customer, Ability.PAY):
        raise NotAllowed(_("Peran Anda tidak boleh meminta faktur pajak."))
    transitions.hold(invoice)
    if not is_taxed(invoice):
        raise CannotAsk(_("Tagihan ini tidak dikenai PPN atau sudah dibatalkan."))
    if not has_tax_id(invoice):
        raise CannotAsk(_("Faktur pajak memerlukan NPWP atau NIK, yang belum ada di tagihan ini."))
    now = timezone.now()
    asked, made = TaxInvoice.objects.get_or_create(
        invoice=invoice, defaults={"requested_by": actor, "requested_at": now}
    )
    unanswered = Q(requested_at=None) | Q(refused_at__isnull=False)
    again = TaxInvoice.objects.filter(unanswered, pk=asked.pk, filed_at=None).update(
        requested_by=actor, requested_at=now, refused_at=None, reason=""
    )
    if made or again:
        asked.refresh_from_db()
        transitions.remark(invoice, "tax_invoice_requested", actor=actor)
    return asked


def read_number(text: str) -> str:
    """The digits of a serial number: 17 from Coretax, 16 before. Raises ``ValueError``."""
    digits = re.sub(r"[\s.\-]", "", text)
    if not re.fullmatch(r"\d{16,17}", digits, re.ASCII):
        raise ValueError(text)
    return digits


def file(
    *,
    invoice: Invoice,
    number: str,
    issued_on: date,
    document: uploads.AcceptedFile,
    actor: User,
    replaces: datetime | None = None,
) -> TaxInvoice:
    """Keep the tax invoice that was made, asked for or not, and email it to the customer.

    ``replaces`` is when the one was filed that the person saw. Raises ``CannotFile`` and ``uploads.CannotStore``; then no
    row was changed and no file is left.
    """
    _check_staff(actor)
    if issued_on > timezone.localdate():
        raise CannotFile(_("Tanggal faktur tidak boleh di masa depan."))
    with uploads.stored([document], FOLDER) as [name], transaction.atomic():
        transitions.hold(invoice)
        if not is_taxed(invoice):
            raise CannotFile(_("Tagihan ini tidak dikenai PPN atau sudah dibatalkan."))
        filed, _made = TaxInvoice.objects.get_or_create(invoice=invoice)
        _write(
            filed,
            replaces,
            number=number,
            issued_on=issued_on,
            file=name,
            name=document.name,
            content_type=document.content_type,
            size=document.size,
            sha256=document.sha256,
            filed_by=actor,
            filed_at=timezone.now(),
            refused_at=None,
            reason="",
        )
        transitions.remark(invoice, "tax_invoice_filed", actor=actor, note=number)
        notices.tax_invoice_filed(filed)
        return filed


def _write(filed: TaxInvoice, replaces: datetime | None, **columns) -> None:
    """The update decides who of two is first."""
    try:
        with transaction.atomic():
            written = TaxInvoice.objects.filter(pk=filed.pk, filed_at=replaces).update(**columns)
    except IntegrityError:
        taken = TaxInvoice.objects.filter(number=columns["number"]).exclude(pk=filed.pk).first()
        if taken is None:
            raise
        raise CannotFile(_("Nomor ini sudah dipakai untuk tagihan %(invoice)s.") % {"invoice": taken.invoice}) from None
    filed.refresh_from_db()
    if not written:
        raise CannotFile(_("Orang lain baru saja mengunggah faktur pajak tagihan ini. Periksa dahulu."))


@transaction.atomic
def refuse(*, invoice: Invoice, reason: str, actor: User) -> None:
    """Say why there is none; the customer is emailed and can ask again. Raises ``CannotFile``."""
    _check_staff(actor)
    reason = reason.strip()
    if not reason:
        raise CannotFile(_("Isi alasannya: pelanggan akan membacanya."))
    transitions.hold(invoice)
    refused = waiting().filter(invoice=invoice).order_by().update(refused_at=timezone.now(), reason=reason)
    if not refused:
        raise CannotFile(_("Permintaan faktur pajak ini sudah dijawab."))
    transitions.remark(invoice, "tax_invoice_refused", actor=actor, note=reason)
    notices.tax_invoice_refused(TaxInvoice.objects.get(invoice=invoice))


def _check_staff(actor: User) -> None:
    if not actor.has_perm(FILE):
        raise NotAllowed(_("Anda tidak berhak mengunggah faktur pajak."))
