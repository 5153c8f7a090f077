"""The shop's settings: one row, so the menu leads straight to its form."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin):
    fieldsets = [
        (_("Toko"), {"fields": ["name", "legal_name", "address", "npwp", "email", "phone", "colour", "logo"]}),
        (
            _("Harga dan nomor tagihan"),
            {
                "fields": [
                    "prices_include_tax",
                    "invoice_number_format",
                    "credit_note_number_format",
                    "invoice_number_resets",
                ]
            },
        ),
        (
            _("Jatuh tempo"),
            {"fields": ["invoice_due_days", "cancel_unpaid_after_days", "cancel_bank_transfer_extra_days"]},
        ),
        (
            _("Perpanjangan"),
            {
                "fields": [
                    "renewal_days",
                    "renewal_days_yearly",
                    "reminder_days",
                    "suspend_after_days",
                    "terminate_after_days",
                    "downgrades_give_credit",
                    "price_notice_days",
                ]
            },
        ),
        (
            _("Denda keterlambatan dan isi kredit"),
            {
                "fields": [
                    "late_fee",
                    "late_fee_percent",
                    "late_fee_amount",
                    "late_fee_minimum",
                    "late_fee_after_days",
                    "add_funds_minimum",
                    "add_funds_maximum",
                ]
            },
        ),
        (
            _("Janji layanan dan jam kerja"),
            {"fields": ["verification_minutes", "activation_minutes", "office_days", "office_opens", "office_closes"]},
        ),
        (_("Lainnya"), {"fields": ["small_difference", "guest_cart_days", "login_details_in_email"]}),
    ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        return redirect(reverse("admin:accounts_shop_change", args=[Shop.current().pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Shop | None = None) -> bool:
        return False
