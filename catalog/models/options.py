"""Configurable options (groups of them are shared by products) and add-ons."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line
from catalog.models.products import Product


class OptionGroup(models.Model):
    """A card of options on the configure page of the products it belongs to."""

    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    products = models.ManyToManyField(Product, verbose_name=_("produk"), related_name="option_groups", blank=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    name = Bilingual()

    class Meta:
        verbose_name = _("kelompok opsi")
        verbose_name_plural = _("kelompok opsi")
        ordering = ["sort", "pk"]

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """One thing to configure. ``key`` names it in links (``?users=25``) and is unique within a product."""

    class Kind(models.TextChoices):
        CHOICE = "choice", _("Pilihan")
        YES_NO = "yes_no", _("Ya/tidak")
        QUANTITY = "quantity", _("Jumlah")
        TEXT = "text", _("Teks")

    class TextRule(models.TextChoices):
        NONE = "none", _("Bebas")
        DOMAIN = "domain", _("Nama domain")
        EMAIL = "email", _("Email")
        PATTERN = "pattern", _("Pola")

    group = models.ForeignKey(OptionGroup, on_delete=models.CASCADE, related_name="options")
    key = models.SlugField(_("kunci"), max_length=40)
    kind = models.CharField(_("jenis"), max_length=8, choices=Kind.choices)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    help_id = models.CharField(_("petunjuk (Indonesia)"), max_length=200, blank=True)
    help_en = models.CharField(_("petunjuk (Inggris)"), max_length=200, blank=True)
    required = models.BooleanField(_("wajib"), default=True)
    as_radio = models.BooleanField(_("tampil sebagai tombol pilihan"), default=False)
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    # Quantity
    unit_id = models.CharField(_("satuan (Indonesia)"), max_length=20, blank=True)
    unit_en = models.CharField(_("satuan (Inggris)"), max_length=20, blank=True)
    minimum = models.PositiveIntegerField(_("minimum"), default=0)
    maximum = models.PositiveIntegerField(
        _("maksimum"), null=True, blank=True, help_text=_("Kosong: tanpa batas dan tanpa slider.")
    )
    step = models.PositiveIntegerField(_("kelipatan"), default=1)
    included = models.PositiveIntegerField(_("sudah termasuk"), default=0)
    # Text
    text_rule = models.CharField(_("aturan isi"), max_length=8, choices=TextRule.choices, default=TextRule.NONE)
    pattern = models.CharField(_("pola (regex)"), max_length=200, blank=True)
    example = models.CharField(_("contoh isi"), max_length=120, blank=True)

    name = Bilingual()
    help = Bilingual()
    unit = Bilingual()

    class Meta:
        verbose_name = _("opsi")
        verbose_name_plural = _("opsi")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "key"], name="one_option_per_key_in_its_group"),
            models.CheckConstraint(condition=Q(step__gte=1), name="option_step_is_at_least_one"),
            models.CheckConstraint(
                condition=Q(maximum=None) | Q(maximum__gte=F("minimum")), name="option_maximum_is_not_below_minimum"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.text_rule == self.TextRule.PATTERN and not _is_pattern(self.pattern):
            raise ValidationError({"pattern": _("Isi pola, contoh: [a-z0-9]{3,20}")})


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return bool(text)


class Choice(models.Model):
    """One value of a choice option."""

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="choices")
    key = models.SlugField(_("kunci"), max_length=40)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    name = Bilingual()

    class Meta:
        verbose_name = _("nilai pilihan")
        verbose_name_plural = _("nilai pilihan")
        ordering = ["sort", "pk"]
        constraints = [models.UniqueConstraint(fields=["option", "key"], name="one_choice_per_key_in_its_option")]

    def __str__(self) -> str:
        return self.name


class Addon(models.Model):
    """Something to order with a product: billed with its cycle where a price for it exists, else one time (P6)."""

    key = models.SlugField(_("kunci"), max_length=40, unique=True)
    products = models.ManyToManyField(Product, verbose_name=_("produk"), related_name="addons", blank=True)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    description_id = models.CharField(_("uraian (Indonesia)"), max_length=300, blank=True)
    description_en = models.CharField(_("uraian (Inggris)"), max_length=300, blank=True)
    taxable = models.BooleanField(_("kena PPN"), default=True)
    pph23 = models.BooleanField(_("objek PPh 23"), default=False)
    activation = models.CharField(
        _("aktivasi"), max_length=10, choices=Product.Activation.choices, default=Product.Activation.ON_PAYMENT
    )
    retired = models.BooleanField(_("tidak dijual lagi"), default=False)
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    name = Bilingual()
    description = Bilingual()

    class Meta:
        verbose_name = _("layanan tambahan")
        verbose_name_plural = _("layanan tambahan")
        ordering = ["sort", "pk"]

    def __str__(self) -> str:
        return self.name
