"""Orders, the terms they accepted, and the promotion they used."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.texts import Bilingual, validate_one_line
from billing.models.events import Event
from billing.models.methods import PaymentMethod
from catalog.models import Promotion
from catalog.money import CURRENCIES, DEFAULT_CURRENCY


class TermsVersion(models.Model):
    """One version of a legal text, such as the terms of service. A published version is not edited: write the next one."""

    slug = models.SlugField(_("alamat"), default="ketentuan-layanan")
    version = models.CharField(_("versi"), max_length=20)
    title_id = models.CharField(_("judul (Indonesia)"), max_length=120)
    title_en = models.CharField(_("judul (Inggris)"), max_length=120, blank=True)
    body_id = models.TextField(_("isi (Indonesia)"), help_text=_("Boleh memakai Markdown."))
    body_en = models.TextField(_("isi (Inggris)"), blank=True, help_text=_("Boleh memakai Markdown."))
    published_at = models.DateTimeField(_("terbit"), null=True, blank=True, help_text=_("Kosong: konsep."))

    title = Bilingual()
    body = Bilingual()

    class Meta:
        verbose_name = _("versi ketentuan")
        verbose_name_plural = _("versi ketentuan")
        ordering = ["slug", "-published_at"]
        constraints = [models.UniqueConstraint(fields=["slug", "version"], name="one_text_per_terms_version")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("billing:terms", args=[self.slug])

    @classmethod
    def current(cls, slug: str = "ketentuan-layanan") -> "TermsVersion | None":
        return cls.objects.filter(slug=slug, published_at__lte=timezone.now()).order_by("-published_at", "-pk").first()


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user) -> "OrderQuerySet":
        return self.filter(customer__memberships__user_id=user.pk)


class Order(models.Model):
    """What a customer agreed to at checkout. ``checkout_key`` makes a repeated post harmless (O2)."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Menunggu")
        ACTIVE = "active", _("Aktif")
        CANCELLED = "cancelled", _("Dibatalkan")
        FRAUD = "fraud", _("Penipuan")

    customer = models.ForeignKey(Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, related_name="orders")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dipesan oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.PENDING)
    checkout_key = models.UUIDField(unique=True, editable=False)
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    payment_method = models.ForeignKey(PaymentMethod, verbose_name=_("metode pembayaran"), on_delete=models.PROTECT)
    terms = models.ForeignKey(TermsVersion, verbose_name=_("ketentuan"), on_delete=models.PROTECT, null=True)
    terms_accepted_at = models.DateTimeField(_("ketentuan disetujui"), null=True)
    ip_address = models.GenericIPAddressField(_("alamat IP"), null=True)
    notes = models.TextField(_("catatan pelanggan"), blank=True)
    po_number = models.CharField(_("nomor PO"), max_length=60, blank=True, validators=[validate_one_line])
    language = models.CharField(_("bahasa"), max_length=2, choices=settings.LANGUAGES, default="id")
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    # The day the customer was told that it will be cancelled tomorrow (O3); cleared when there is a reason to wait again.
    cancel_warned_on = models.DateField(_("diperingatkan akan batal"), null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("pesanan")
        verbose_name_plural = _("pesanan")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="orders_of_customer"),
            models.Index(fields=["status", "created_at"], name="orders_by_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "cancelled", "fraud"]), name="order_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class OrderEvent(Event):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")


class PromotionRedemption(models.Model):
    """A promotion's use by an order: reserved when ordered, committed when paid, released when the order is cancelled."""

    class Status(models.TextChoices):
        RESERVED = "reserved", _("Dipesan")
        COMMITTED = "committed", _("Dipakai")
        RELEASED = "released", _("Dilepas")

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="redemptions")
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="redemption")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="redemptions")
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.RESERVED)
    once_per_customer = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pemakaian promosi")
        verbose_name_plural = _("pemakaian promosi")
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "customer"],
                condition=Q(once_per_customer=True, status__in=["reserved", "committed"]),
                name="promotion_once_per_customer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.promotion} {self.order}"
