"""Credit notes, which correct issued invoices, and refunds, which pay credit out."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.texts import validate_one_line
from billing.models.invoices import Invoice, InvoiceLine
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class CreditAccount(Customer):
    """A customer, as whoever looks after its credit sees it."""

    class Meta:
        proxy = True
        verbose_name = _("saldo kredit pelanggan")
        verbose_name_plural = _("saldo kredit pelanggan")


class CreditNoteQuerySet(models.QuerySet["CreditNote"]):
    def visible_to(self, user) -> "CreditNoteQuerySet":
        return self.filter(invoice__customer__memberships__user_id=user.pk)


class CreditNote(models.Model):
    """Takes ``total = subtotal + tax`` off an issued invoice, at that invoice's tax. Amounts are positive; never edited."""

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("mengoreksi tagihan"), on_delete=models.PROTECT, related_name="credit_notes"
    )
    # Such as ``change:12``; doing it twice changes nothing (C5).
    cause = models.CharField(max_length=120, unique=True, editable=False)
    number = models.CharField(_("nomor"), max_length=60, unique=True, editable=False)
    slug = models.CharField(max_length=60, unique=True, editable=False)
    series = models.CharField(max_length=20, editable=False)
    period = models.CharField(max_length=7, editable=False)
    sequence = models.PositiveIntegerField(editable=False)
    issued_on = models.DateField(_("tanggal terbit"))
    reason = models.TextField(_("alasan"))
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    subtotal = MoneyField(_("subtotal"))
    tax = MoneyField(_("pajak"), default=0)
    tax_base = MoneyField(_("dasar pengenaan pajak"), default=0)
    total = MoneyField(_("total"))
    # Copied at issue (I3), as an invoice's.
    buyer = models.JSONField(_("pembeli"), default=dict)
    seller = models.JSONField(_("penjual"), default=dict)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dibuat oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)

    objects = CreditNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("nota kredit")
        verbose_name_plural = _("nota kredit")
        ordering = ["-issued_on", "-pk"]
        permissions = [("issue_credit_note", _("Boleh membuat nota kredit"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("subtotal") + F("tax"), subtotal__gt=0, tax__gte=0),
                name="credit_note_total_is_the_sum_of_its_parts",
            ),
            models.UniqueConstraint(
                fields=["series", "period", "sequence"], name="one_credit_note_per_number_in_its_series"
            ),
            whole_rupiah("subtotal", "tax", "tax_base", "total", name="credit_note_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("billing:credit-note", args=[self.slug])


class CreditNoteLine(models.Model):
    """The part of one invoice line that is taken back, net of tax."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.CASCADE, related_name="lines")
    invoice_line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credited")
    currency = models.CharField(max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah (neto)"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credited_amount_is_more_than_nothing"),
            models.UniqueConstraint(fields=["credit_note", "invoice_line"], name="one_line_per_credited_line"),
            whole_rupiah("amount", name="credited_amount_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return str(self.invoice_line)


class Refund(models.Model):
    """Credit that went back to the customer: by a transfer, with its proof, or by the provider that it came through.

    What a provider gave back (``via``) has its name as the bank, and the way that was paid as the number.
    """

    customer = models.ForeignKey(
        Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, related_name="refunds"
    )
    cause = models.CharField(max_length=120, unique=True, editable=False)
    credit_note = models.ForeignKey(
        CreditNote,
        verbose_name=_("nota kredit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
    )
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    paid_on = models.DateField(_("tanggal transfer"))
    bank = models.CharField(_("bank tujuan"), max_length=60, validators=[validate_one_line])
    number = models.CharField(_("nomor rekening tujuan"), max_length=40, validators=[validate_one_line])
    holder = models.CharField(_("atas nama"), max_length=120, validators=[validate_one_line])
    reason = models.TextField(_("alasan"))
    via = models.CharField(_("lewat penyedia"), max_length=20, blank=True, default="", db_default="")
    # The proof, under a random name (V9).
    file = models.FileField(_("bukti transfer"), upload_to="refunds/", blank=True)
    name = models.CharField(_("nama berkas"), max_length=150, blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dicatat oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("dicatat"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pengembalian dana")
        verbose_name_plural = _("pengembalian dana")
        ordering = ["-recorded_at", "-pk"]
        permissions = [("pay_refund", _("Boleh mengembalikan dana"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_more_than_nothing"),
            models.CheckConstraint(
                condition=(Q(via="") & ~Q(file="")) | (~Q(via="") & Q(file="")),
                name="a_transfer_has_its_proof",
            ),
            whole_rupiah("amount", name="refund_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.holder}"
