"""Promotion codes: what they take off and on which conditions (RULES D)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line
from catalog.models.options import Addon
from catalog.models.products import Product
from catalog.money import MoneyField


class Promotion(models.Model):
    """``uses`` counts reserved and committed redemptions; the row is locked and counted up inside the checkout (D4)."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Persen")
        FIXED = "fixed", _("Potongan tetap")
        PRICE_OVERRIDE = "price_override", _("Harga khusus")
        FREE_SETUP = "free_setup", _("Gratis biaya setup")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Semua pelanggan")
        NEW = "new", _("Pelanggan baru saja")
        EXISTING = "existing", _("Pelanggan lama saja")

    code = models.CharField(_("kode"), max_length=30, validators=[validate_one_line])
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120)
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True)
    active = models.BooleanField(_("aktif"), default=True)
    kind = models.CharField(_("jenis"), max_length=14, choices=Kind.choices)
    value = MoneyField(_("nilai"), default=0, help_text=_("Persen, potongan dalam rupiah, atau harga khusus."))
    includes_setup = models.BooleanField(_("berlaku untuk biaya setup"), default=False)
    retention = models.BooleanField(
        _("tawaran bertahan"),
        default=False,
        help_text=_("Ditawarkan kepada pelanggan yang ingin berhenti, tanpa kode."),
    )
    recurring = models.BooleanField(_("berulang"), default=False)
    renewals = models.PositiveSmallIntegerField(
        _("jumlah perpanjangan"), null=True, blank=True, help_text=_("Kosong: untuk seterusnya.")
    )
    starts_at = models.DateTimeField(_("mulai"), null=True, blank=True)
    ends_at = models.DateTimeField(_("berakhir"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("maksimum pemakaian"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("terpakai"), default=0, editable=False)
    once_per_customer = models.BooleanField(_("sekali per pelanggan"), default=False)
    audience = models.CharField(_("untuk"), max_length=8, choices=Audience.choices, default=Audience.EVERYONE)
    products = models.ManyToManyField(Product, verbose_name=_("produk"), blank=True, related_name="promotions")
    addons = models.ManyToManyField(Addon, verbose_name=_("layanan tambahan"), blank=True, related_name="promotions")
    cycles = models.JSONField(_("siklus"), default=list, blank=True, help_text=_("Kosong: semua siklus."))
    requires = models.ManyToManyField(
        Product, verbose_name=_("harus memiliki salah satu"), blank=True, related_name="required_by_promotions"
    )

    name = Bilingual()

    class Meta:
        verbose_name = _("promosi")
        verbose_name_plural = _("promosi")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(Upper("code"), name="one_promotion_per_code_whatever_its_case"),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=F("max_uses")), name="promotion_is_never_used_too_often"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="promotion_value_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(value__lte=100), name="promotion_percent_is_at_most_100"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        super().clean()
        self.code = self.code.strip().upper()
