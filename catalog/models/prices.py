"""Every price of the catalog in one table: what it is the price of, the cycle, the price, the setup fee."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.cycles import Cycle
from catalog.models.options import Addon, Choice, Option
from catalog.models.products import Product
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, format_money, whole_rupiah

OWNERS = ("product", "option", "choice", "addon")


def _one_owner() -> Q:
    """True where exactly one of the owners is set."""
    condition = Q()
    for owner in OWNERS:
        condition |= Q(**{f"{name}__isnull": name != owner for name in OWNERS})
    return condition


class Price(models.Model):
    """The price of one product, option (yes, or one unit), choice or add-on for one cycle.

    No row for a cycle means: not offered for it (P4); a free one has a row of 0.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, blank=True, related_name="prices")
    option = models.ForeignKey(Option, on_delete=models.CASCADE, null=True, blank=True, related_name="prices")
    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, null=True, blank=True, related_name="prices")
    addon = models.ForeignKey(Addon, on_delete=models.CASCADE, null=True, blank=True, related_name="prices")
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    cycle = models.CharField(_("siklus"), max_length=12, choices=Cycle.choices)
    amount = MoneyField(_("harga"))
    setup_fee = MoneyField(_("biaya setup"), default=0)

    class Meta:
        verbose_name = _("harga")
        verbose_name_plural = _("harga")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=_one_owner(), name="price_belongs_to_exactly_one_thing"),
            models.CheckConstraint(condition=Q(amount__gte=0, setup_fee__gte=0), name="price_is_not_negative"),
            models.CheckConstraint(condition=Q(cycle__in=Cycle.values), name="price_cycle_is_known"),
            whole_rupiah("amount", "setup_fee", name="price_is_rounded_to_its_currency"),
            *[
                models.UniqueConstraint(
                    fields=[owner, "cycle", "currency"],
                    condition=Q(**{f"{owner}__isnull": False}),
                    name=f"one_price_per_{owner}_and_cycle",
                )
                for owner in OWNERS
            ],
        ]

    def __str__(self) -> str:
        return f"{self.get_cycle_display()} {format_money(self.amount, self.currency)}"
