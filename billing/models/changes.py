"""What changes about services that exist: what they are, what they cost, whose they are, and offers to stay."""

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.models.invoices import Invoice
from billing.models.services import Service
from catalog.models import Product, Promotion
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class ServiceChangeQuerySet(models.QuerySet["ServiceChange"]):
    def open(self) -> "ServiceChangeQuerySet":
        """Asked for, neither in effect nor cancelled."""
        return self.filter(applied_at=None, cancelled_at=None)


class ServiceChange(models.Model):
    """Another product, other options, add-ons or cycle for a service (S6), priced when asked for; in effect when paid.

    Amounts are net: ``unused`` is what is left of what was charged, ``charged`` what the rest of the period costs anew,
    ``once`` what is paid one time, ``credited`` what was given back.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="changes")
    product = models.ForeignKey(
        Product, verbose_name=_("menjadi"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # The new configuration (``Selection.to_json``), and the offer it was priced from (``catalog.kept_offers``).
    selection = models.JSONField()
    offered = models.JSONField()
    words = models.JSONField(_("isi perubahan"), default=list)
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    unused = MoneyField(_("sisa yang sudah dibayar"))
    charged = MoneyField(_("sisa periode dengan harga baru"))
    recurring_net = MoneyField(_("harga perpanjangan baru (neto)"))
    once = MoneyField(_("sekali bayar"), default=0)
    credited = MoneyField(_("dikembalikan"), default=0)
    # For each service that changes: {"key", "what": changed, added or ended, "service": its id once it has one, "value":
    # what its rest of the period is worth more (or, below zero, less) than before, net}.
    parts = models.JSONField(default=list, editable=False)
    # Reserved of the new product's stock until the change is applied or cancelled.
    stock_held = models.PositiveIntegerField(default=0, editable=False)
    # From the form: the same one sent twice is one change.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # The period that the amounts are for: from the day of the request to the day before the next due date.
    period_start = models.DateField(_("mulai"))
    period_end = models.DateField(_("sampai"))
    invoice = models.OneToOneField(
        Invoice, verbose_name=_("tagihan"), on_delete=models.PROTECT, null=True, blank=True, related_name="change"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("diminta oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("diminta"), default=timezone.now)
    applied_at = models.DateTimeField(_("berlaku sejak"), null=True)
    cancelled_at = models.DateTimeField(_("dibatalkan"), null=True)

    objects = ServiceChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("perubahan layanan")
        verbose_name_plural = _("perubahan layanan")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(applied_at=None, cancelled_at=None),
                name="one_open_change_per_service",
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(cancelled_at=None), name="change_is_applied_or_cancelled_not_both"
            ),
            models.CheckConstraint(
                condition=Q(unused__gte=0, charged__gte=0, once__gte=0, credited__gte=0, recurring_net__gte=0),
                name="amounts_of_a_change_are_not_negative",
            ),
            whole_rupiah(
                "unused", "charged", "once", "credited", "recurring_net", name="change_is_rounded_to_its_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.requested_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.applied_at is None and self.cancelled_at is None


class PriceChangeQuerySet(models.QuerySet["PriceChange"]):
    def to_come(self) -> "PriceChangeQuerySet":
        return self.filter(applied_at=None, cancelled_at=None)


class PriceChange(models.Model):
    """A new price that the customer was told of (P7): for periods that begin on ``effective_from`` or later."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="price_changes")
    # By the key of each component, its new unit price as text.
    unit_prices = models.JSONField()
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    old_net = MoneyField(_("harga lama (neto)"))
    new_net = MoneyField(_("harga baru (neto)"))
    effective_from = models.DateField(_("berlaku mulai"))
    note = models.TextField(_("alasan"), blank=True)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    announced_at = models.DateTimeField(_("diumumkan"), default=timezone.now)
    applied_at = models.DateTimeField(_("diterapkan"), null=True)
    cancelled_at = models.DateTimeField(_("dibatalkan"), null=True)

    objects = PriceChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("perubahan harga")
        verbose_name_plural = _("perubahan harga")
        ordering = ["-announced_at", "-pk"]
        indexes = [
            models.Index(
                fields=["effective_from"],
                condition=Q(applied_at=None, cancelled_at=None),
                name="price_changes_to_come",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(applied_at=None, cancelled_at=None),
                name="one_open_price_change_per_service",
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(cancelled_at=None), name="price_change_is_applied_or_cancelled"
            ),
            models.CheckConstraint(condition=Q(old_net__gte=0, new_net__gte=0), name="changed_price_is_not_negative"),
            whole_rupiah("old_net", "new_net", name="changed_price_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.effective_from:%Y-%m-%d}"


class ServiceTransferQuerySet(models.QuerySet["ServiceTransfer"]):
    def unanswered(self) -> "ServiceTransferQuerySet":
        return self.filter(accepted_at=None, declined_at=None, withdrawn_at=None)

    def to_answer(self, now: datetime) -> "ServiceTransferQuerySet":
        return self.unanswered().filter(expires_at__gt=now)


class ServiceTransfer(models.Model):
    """A service that its customer hands over to another, who agrees before anything moves."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="transfers")
    from_customer = models.ForeignKey(
        Customer, verbose_name=_("dari"), on_delete=models.PROTECT, related_name="transfers_given"
    )
    # Who is asked; the address may not be anybody's here yet. The customer is known once they agreed.
    email = models.EmailField(_("email penerima"))
    to_customer = models.ForeignKey(
        Customer, verbose_name=_("kepada"), on_delete=models.PROTECT, null=True, related_name="transfers_taken"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("diminta oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    offered_at = models.DateTimeField(_("ditawarkan"), default=timezone.now)
    expires_at = models.DateTimeField(_("berlaku sampai"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("diterima oleh"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    accepted_at = models.DateTimeField(_("diterima"), null=True)
    declined_at = models.DateTimeField(_("ditolak"), null=True)
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True)

    objects = ServiceTransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("pemindahan layanan")
        verbose_name_plural = _("pemindahan layanan")
        ordering = ["-offered_at", "-pk"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(accepted_at=None, declined_at=None, withdrawn_at=None),
                name="transfers_to_answer",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(accepted_at=None, declined_at=None, withdrawn_at=None),
                name="one_open_transfer_per_service",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(to_customer__isnull=False, declined_at=None, withdrawn_at=None),
                name="accepted_transfer_knows_its_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} → {self.to_customer or self.email}"

    @property
    def last_day(self) -> date:
        """The last day on which it can be answered: it is over at the midnight that ends it."""
        return timezone.localdate(self.expires_at - timedelta(seconds=1))

    @property
    def is_open(self) -> bool:
        answered = self.accepted_at or self.declined_at or self.withdrawn_at
        return not answered and self.expires_at > timezone.now()


class Retention(models.Model):
    """A customer who wanted to leave took the offer to stay, once per service."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="retention")
    promotion = models.ForeignKey(
        Promotion, verbose_name=_("promosi"), on_delete=models.PROTECT, related_name="retentions"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("diterima oleh"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    accepted_at = models.DateTimeField(_("diterima"), default=timezone.now)

    class Meta:
        verbose_name = _("penawaran bertahan")
        verbose_name_plural = _("penawaran bertahan")
        ordering = ["-accepted_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.service}: {self.promotion}"
