"""Tax rules (PPN) and which one is in force on a day (RULES T1)."""

from datetime import date
from fractions import Fraction

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TaxRuleQuerySet(models.QuerySet["TaxRule"]):
    def in_force(self, day: date, country: str = "ID") -> "TaxRule | None":
        """The rule of the invoice's date; where periods overlap, the one that began last."""
        return (
            self.filter(country=country, valid_from__lte=day)
            .filter(Q(valid_to=None) | Q(valid_to__gte=day))
            .order_by("-valid_from", "-pk")
            .first()
        )


class TaxRule(models.Model):
    """Rate on a fraction of the price: 12 % on 11/12 is PPN since 2025-01-01 (PMK 131/2024)."""

    name = models.CharField(_("nama"), max_length=40, default="PPN")
    rate = models.DecimalField(_("tarif (%)"), max_digits=6, decimal_places=3)
    base_numerator = models.PositiveSmallIntegerField(_("dasar: pembilang"), default=1)
    base_denominator = models.PositiveSmallIntegerField(_("dasar: penyebut"), default=1)
    country = models.CharField(_("negara"), max_length=2, default="ID")
    code = models.CharField(_("kode faktur"), max_length=10, blank=True)
    valid_from = models.DateField(_("berlaku mulai"))
    valid_to = models.DateField(_("berlaku sampai"), null=True, blank=True)

    objects = TaxRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("aturan pajak")
        verbose_name_plural = _("aturan pajak")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(base_numerator__gte=1, base_denominator__gte=F("base_numerator")),
                name="tax_base_is_a_fraction_of_the_price",
            ),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="tax_rate_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.rate.normalize():f} %"

    @property
    def effective_rate(self) -> Fraction:
        """Tax per net amount: 12 % on 11/12 gives 11/100."""
        return Fraction(self.rate) / 100 * Fraction(self.base_numerator, self.base_denominator)
