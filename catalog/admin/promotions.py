"""Promotion codes."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.admin.base import CatalogAdmin
from catalog.cycles import Cycle
from catalog.forms import PromotionForm, written_value
from catalog.models import Promotion


class ValidityFilter(admin.SimpleListFilter):
    title = _("masa berlaku")
    parameter_name = "valid"

    def lookups(self, request: HttpRequest, model_admin) -> list:
        return [("now", _("Berlaku sekarang")), ("later", _("Belum mulai")), ("over", _("Sudah berakhir"))]

    def queryset(self, request: HttpRequest, queryset):
        now = timezone.now()
        started = Q(starts_at=None) | Q(starts_at__lte=now)
        going = Q(ends_at=None) | Q(ends_at__gt=now)
        conditions = {"now": started & going & Q(active=True), "later": ~started, "over": ~going}
        return queryset.filter(conditions.get(self.value(), Q()))


@admin.register(Promotion)
class PromotionAdmin(CatalogAdmin):
    form = PromotionForm
    list_display = ["code", "name_id", "takes_off", "used", "starts_at", "ends_at", "active"]
    list_editable = ["active"]
    list_filter = [ValidityFilter, "kind", "active"]
    search_fields = ["code", "name_id", "name_en"]
    readonly_fields = ["uses"]
    read_instead = {"value": "takes_off", "cycles": "cycles_read"}
    fieldsets = [
        (None, {"fields": ["code", ("name_id", "name_en"), "active"]}),
        (
            _("Potongan"),
            {
                "fields": [("kind", "value"), "includes_setup", ("recurring", "renewals"), "retention"],
                "description": _("Potongan dihitung sebelum PPN. Harga domain tidak pernah dipotong."),
            },
        ),
        (_("Masa dan jumlah"), {"fields": [("starts_at", "ends_at"), ("max_uses", "uses"), "once_per_customer"]}),
        (
            _("Syarat"),
            {
                "fields": ["audience", "cycles", "products", "addons", "requires"],
                "description": _("Tanpa produk dan layanan tambahan, kode ini berlaku untuk semuanya."),
            },
        ),
    ]

    @admin.display(description=_("potongan"))
    def takes_off(self, promotion: Promotion) -> str:
        value = written_value(promotion)
        return {
            Promotion.Kind.PERCENT: f"{value} %",
            Promotion.Kind.FIXED: f"Rp{value}",
            Promotion.Kind.PRICE_OVERRIDE: _("harga Rp%s") % value,
            Promotion.Kind.FREE_SETUP: _("gratis setup"),
        }[promotion.kind]

    @admin.display(description=_("siklus"))
    def cycles_read(self, promotion: Promotion) -> str:
        return ", ".join(str(Cycle(cycle).label) for cycle in promotion.cycles) or _("semua siklus")

    @admin.display(description=_("terpakai"))
    def used(self, promotion: Promotion) -> str:
        return f"{promotion.uses} / {'∞' if promotion.max_uses is None else promotion.max_uses}"

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """One that orders used is switched off instead."""
        return super().has_delete_permission(request, obj) and not (obj and obj.redemptions.exists())

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
