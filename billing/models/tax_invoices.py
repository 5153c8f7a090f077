"""Tax invoices (faktur pajak): made by the tax office's own program, asked for by customers and filed here."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from billing.models.invoices import Invoice


class TaxInvoice(models.Model):
    """One per invoice: asked for by the customer or made by staff unasked; ``number`` and file are there once issued."""

    invoice = models.OneToOneField(
        Invoice, verbose_name=_("tagihan"), on_delete=models.PROTECT, related_name="tax_invoice"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("diminta oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("diminta"), null=True)
    number = models.CharField(_("nomor seri faktur pajak"), max_length=25, blank=True, validators=[validate_one_line])
    issued_on = models.DateField(_("tanggal faktur"), null=True)
    file = models.FileField(_("berkas faktur"), upload_to="tax_invoices/", blank=True)
    name = models.CharField(_("nama berkas"), max_length=150, blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("diunggah oleh"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    filed_at = models.DateTimeField(_("diunggah"), null=True)
    refused_at = models.DateTimeField(_("ditolak"), null=True)
    reason = models.TextField(_("alasan penolakan"), blank=True)

    class Meta:
        verbose_name = _("faktur pajak")
        verbose_name_plural = _("faktur pajak")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(filed_at=None, number="", issued_on=None)
                | (Q(filed_at__isnull=False, issued_on__isnull=False) & ~Q(number="")),
                name="filed_tax_invoice_has_its_number_and_day",
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="one_invoice_per_tax_number"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.invoice)
