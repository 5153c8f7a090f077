"""The checks of the books in the admin: when each ran, and what it found as links to the rows."""

import re
from dataclasses import dataclass

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import ReadOnlyAdmin
from billing.models import LedgerCheck

# What a finding's row begins with, such as "invoice 12 (INV/2026/11/00042)", and whose page shows it.
PAGES = {
    "invoice": "billing_invoice",
    "order": "billing_order",
    "service": "billing_service",
    "payment": "billing_payment",
    "customer": "accounts_customer",
    "product": "catalog_product",
    "promotion": "catalog_promotion",
}
ROW = re.compile(r"(?P<kind>[a-z ]+) (?P<pk>\d+)\b")
RULES = {
    "V1": _("Tagihan sama dengan jumlah barisnya"),
    "V2": _("Uang ada di satu tempat"),
    "V3": _("Semuanya ada satu kali"),
    "V4": _("Nomor urut tanpa lompatan"),
    "V5": _("Email yang dijanjikan ada"),
    "V6": _("Promo dan stok terhitung"),
    "V7": _("Setiap perubahan ada riwayatnya"),
    "V8": _("Yang dibayar sudah dimulai"),
    "V9": _("Berkas seperti saat disimpan"),
}


@dataclass(frozen=True)
class Finding:
    rule: str
    row: str
    message: str

    @property
    def rule_words(self) -> str:
        return RULES.get(self.rule, "")

    @property
    def url(self) -> str:
        """The row's page in the admin; empty where it has none."""
        found = ROW.match(self.row)
        page = found and PAGES.get(found["kind"])
        return reverse(f"admin:{page}_change", args=[found["pk"]]) if page else ""


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "finished_at", "count"]
    list_filter = ["started_at"]
    fields = readonly_fields = ["started_at", "finished_at", "count", "findings"]

    @admin.display(description=_("temuan"))
    def findings(self, check: LedgerCheck) -> SafeString:
        found = [Finding(**one) for one in check.breaches]
        more = check.count - len(found)
        return render_to_string("admin/billing/_findings.html", {"check": check, "findings": found, "more": more})
