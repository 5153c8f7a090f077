"""Quotations: what a lead would pay, promised until a day; accepted, they become order and invoice."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import Order, PaymentMethod
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah
from onboarding.models.cases import Case
from onboarding.models.documents import Document


class Quotation(models.Model):
    """Its newest version. ``items`` are products and selections, ``offers`` the prices they had when it was made:
    until ``valid_until`` the customer orders at these, whatever the catalog says meanwhile.

    ``lines`` is the priced table as the PDF shows it; amounts are in ``currency``, tax as of the day it was made.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="quotation")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="quotation")
    number = models.CharField(_("nomor"), max_length=30, unique=True)
    items = models.JSONField(default=list)
    offers = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    promotion_code = models.CharField(_("kode promo"), max_length=30, blank=True)
    payment_method = models.ForeignKey(
        PaymentMethod, verbose_name=_("metode pembayaran"), on_delete=models.PROTECT, related_name="+"
    )
    note = models.TextField(_("catatan untuk pelanggan"), blank=True)
    valid_until = models.DateField(_("berlaku sampai"))
    currency = models.CharField(max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    subtotal = MoneyField()
    discount = MoneyField(default=0)
    tax = MoneyField(default=0)
    total = MoneyField()
    # Goes with the order that it becomes: accepting twice makes one (O2).
    checkout_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    order = models.OneToOneField(
        Order, verbose_name=_("pesanan"), on_delete=models.PROTECT, null=True, blank=True, related_name="quotation"
    )
    accepted_at = models.DateTimeField(_("diterima"), null=True, editable=False)

    class Meta:
        verbose_name = _("penawaran")
        verbose_name_plural = _("penawaran")
        ordering = ["-pk"]
        constraints = [
            whole_rupiah("subtotal", "discount", "tax", "total", name="quotation_is_rounded_to_its_currency"),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("tax")), name="quotation_total_is_its_parts"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, order=None) | Q(accepted_at__isnull=False, order__isnull=False),
                name="an_accepted_quotation_has_its_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_expired(self) -> bool:
        """Its last day is over, in the company's time zone."""
        return self.valid_until < timezone.localdate()


class QuotationCounter(models.Model):
    """The last number given in a year (``QT-2026-0142``), taken as late as can be in the transaction."""

    year = models.PositiveSmallIntegerField(unique=True)
    value = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.value}"
