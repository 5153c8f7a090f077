"""Domain extensions that the shop registers, transfers and renews."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class DomainExtension(models.Model):
    """Prices are per year; an empty one means that it is not offered (P4)."""

    extension = models.CharField(
        _("ekstensi"),
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^\.[a-z0-9-]+(\.[a-z0-9-]+)*$", _("Isi seperti .co.id, huruf kecil."))],
    )
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    register_price = MoneyField(_("harga daftar"), null=True, blank=True)
    transfer_price = MoneyField(_("harga transfer"), null=True, blank=True)
    renew_price = MoneyField(_("harga perpanjang"))
    requirements_id = models.CharField(_("syarat (Indonesia)"), max_length=250, blank=True)
    requirements_en = models.CharField(_("syarat (Inggris)"), max_length=250, blank=True)
    retired = models.BooleanField(_("tidak dijual lagi"), default=False)
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    requirements = Bilingual()

    class Meta:
        verbose_name = _("ekstensi domain")
        verbose_name_plural = _("ekstensi domain")
        ordering = ["sort", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(register_price=None) | models.Q(register_price__gte=0))
                & (models.Q(transfer_price=None) | models.Q(transfer_price__gte=0))
                & models.Q(renew_price__gte=0),
                name="domain_price_is_not_negative",
            ),
            whole_rupiah(
                "register_price", "transfer_price", "renew_price", name="domain_price_is_rounded_to_its_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.extension
