"""Ways of paying that staff switches and orders, and the shop's bank accounts."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from billing import gateways
from billing.models import BankAccount, PaymentMethod
from catalog.admin.base import RememberedAdmin


class PaymentMethodForm(forms.ModelForm):
    gateway = forms.ChoiceField(label=_("gateway"), choices=gateways.choices)

    class Meta:
        model = PaymentMethod
        fields = ["gateway", "name_id", "name_en", "hint_id", "hint_en", "active", "sort"]


class BankAccountInline(LabelledFields, admin.TabularInline):
    model = BankAccount
    fields = ["bank", "number", "holder", "active", "unique_codes", "sort"]
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: PaymentMethod | None = None) -> bool:
        return False


@admin.register(PaymentMethod)
class PaymentMethodAdmin(LabelledFields, RememberedAdmin):
    """Switched off, not deleted: orders and payments name them."""

    form = PaymentMethodForm
    list_display = ["name_id", "gateway", "active", "sort"]
    list_editable = ["active", "sort"]
    inlines = [BankAccountInline]

    def has_delete_permission(self, request: HttpRequest, obj: PaymentMethod | None = None) -> bool:
        return False


@admin.register(BankAccount)
class BankAccountAdmin(LabelledFields, RememberedAdmin):
    list_display = ["__str__", "holder", "method", "active", "sort"]
    list_editable = ["active", "sort"]
    list_select_related = ["method"]
    fields = ["method", "bank", "number", "holder", "active", "unique_codes", "sort"]

    def has_delete_permission(self, request: HttpRequest, obj: BankAccount | None = None) -> bool:
        return False
