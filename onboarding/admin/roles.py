"""A product's roles on the catalog's page of the product: which of them see the tracker, which sign (ON3)."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from catalog.admin import products
from onboarding.models import ProductRole


class RoleFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and form.instance.members.exists():
                raise ValidationError(
                    _(
                        "Peran %(role)s masih dimiliki anggota pelanggan, jadi tidak dihapus. "
                        "Hapus centangnya bila peran ini tidak boleh lagi melihat onboarding."
                    ),
                    params={"role": form.instance},
                )


class ProductRoleInline(LabelledFields, admin.TabularInline):
    """The first that signs is the one that a new customer's owners get."""

    model = ProductRole
    formset = RoleFormSet
    fields = ["name_id", "name_en", "key", "sees_tracker", "signs", "sort"]
    readonly_fields = ["member_count"]
    prepopulated_fields = {"key": ["name_id"]}
    extra = 0
    verbose_name = _("peran dalam produk")
    verbose_name_plural = _("peran dalam produk (onboarding)")

    def get_fields(self, request: HttpRequest, obj=None) -> list[str]:
        return [*self.fields, "member_count"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductRole]:
        return super().get_queryset(request).annotate(member_total=Count("members")).order_by("sort", "pk")

    @admin.display(description=_("anggota"))
    def member_count(self, role: ProductRole) -> str:
        return str(getattr(role, "member_total", "–"))


products.also(ProductRoleInline)
