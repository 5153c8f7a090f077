"""Domain extensions and tax rules."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.base import CatalogAdmin
from catalog.models import DomainExtension, TaxRule
from catalog.tax import TaxTerms


@admin.register(DomainExtension)
class DomainExtensionAdmin(CatalogAdmin):
    list_display = ["extension", "register_price", "transfer_price", "renew_price", "sort", "retired"]
    list_editable = ["register_price", "transfer_price", "renew_price", "sort", "retired"]
    search_fields = ["extension"]
    fieldsets = [
        (None, {"fields": ["extension", ("sort", "retired")]}),
        (
            _("Harga per tahun"),
            {
                "fields": [("register_price", "transfer_price", "renew_price")],
                "description": _("Kosong: tidak ditawarkan. 0: gratis."),
            },
        ),
        (_("Syarat"), {"fields": [("requirements_id", "requirements_en")]}),
    ]


class TaxRuleForm(forms.ModelForm):
    def clean(self) -> dict:
        cleaned = super().clean()
        starts, ends = cleaned.get("valid_from"), cleaned.get("valid_to")
        if starts and ends and ends < starts:
            self.add_error("valid_to", _("Isi tanggal yang tidak lebih awal daripada tanggal mulai."))
        return cleaned


@admin.register(TaxRule)
class TaxRuleAdmin(CatalogAdmin):
    form = TaxRuleForm
    list_display = ["name", "rate", "base", "effective", "valid_from", "valid_to", "code"]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "rate", ("base_numerator", "base_denominator"), "code"],
                "description": _("PPN 12 % atas 11/12 harga: tarif 12, dasar 11 per 12. Tarif efektifnya 11 %."),
            },
        ),
        (
            _("Masa berlaku"),
            {
                "fields": ["country", ("valid_from", "valid_to")],
                "description": _("Aturan pada tanggal tagihan yang dipakai; tagihan yang sudah terbit tidak berubah."),
            },
        ),
    ]

    @admin.display(description=_("dasar"))
    def base(self, rule: TaxRule) -> str:
        return f"{rule.base_numerator}/{rule.base_denominator}"

    @admin.display(description=_("tarif efektif"))
    def effective(self, rule: TaxRule) -> str:
        return TaxTerms.of(rule).label
