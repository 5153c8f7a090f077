"""Who of a customer may follow the onboarding of a product, and who may sign (ON3): roles of the product's own."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.texts import Bilingual, validate_one_line
from catalog.models import Product


class ProductRole(models.Model):
    """A role that people have in the product itself, such as Owner or Accountant, and what it opens here."""

    product = models.ForeignKey(
        Product, verbose_name=_("produk"), on_delete=models.CASCADE, related_name="onboarding_roles"
    )
    key = models.SlugField(_("kunci"), max_length=40)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=80, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=80, blank=True, validators=[validate_one_line])
    sees_tracker = models.BooleanField(_("melihat onboarding"), default=False)
    signs = models.BooleanField(_("menandatangani dokumen"), default=False)
    sort = models.PositiveSmallIntegerField(_("urutan"), default=0)

    name = Bilingual()

    class Meta:
        verbose_name = _("peran produk")
        verbose_name_plural = _("peran produk")
        ordering = ["product", "sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "key"], name="one_product_role_per_key"),
            models.CheckConstraint(
                condition=Q(signs=False) | Q(sees_tracker=True),
                name="who_signs_sees_the_tracker",
                violation_error_message=_("Peran yang menandatangani harus dapat melihat onboarding."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MemberRole(models.Model):
    """A member's role in one product; ``product`` is the role's, repeated so that there is one for each product."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="product_roles")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(ProductRole, on_delete=models.CASCADE, related_name="members")

    class Meta:
        verbose_name = _("peran anggota")
        verbose_name_plural = _("peran anggota")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "product"], name="one_role_per_member_and_product")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.role}"
