"""Ways of paying that staff switches and orders, and the shop's bank accounts."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from billing import gateways, qris
from billing.gateways.qris import Qris
from billing.models import BankAccount, PaymentMethod
from catalog.admin.base import RememberedAdmin

FROM_THE_CODE = ("bank", "number", "holder")


class PaymentMethodForm(forms.ModelForm):
    gateway = forms.ChoiceField(label=_("gateway"), choices=gateways.choices)

    class Meta:
        model = PaymentMethod
        fields = ["gateway", "name_id", "name_en", "hint_id", "hint_en", "active", "sort"]


class CodeInput(forms.Textarea):
    """No sentence: nothing to correct in it."""

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__({"spellcheck": "false", "autocomplete": "off", **(attrs or {})})


class BankAccountForm(forms.ModelForm):
    """An account of a QRIS method has the text of its code, which fills in what is left empty; others have none."""

    class Meta:
        model = BankAccount
        fields = ["method", "bank", "number", "holder", "active", "unique_codes", "qris_payload", "sort"]
        labels = {"method": _("metode pembayaran")}
        widgets = {"qris_payload": CodeInput(attrs={"rows": 5, "cols": 42})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # Said by ``clean`` where the code does not fill them in.
        for name in FROM_THE_CODE:
            if name in self.fields:
                self.fields[name].required = False

    def clean_qris_payload(self) -> str:
        pasted = self.cleaned_data["qris_payload"]
        try:
            return qris.read(pasted).text if pasted else ""
        except qris.CannotRead as error:
            raise forms.ValidationError(error.words, code="qris") from error

    def clean(self) -> dict:
        cleaned = super().clean()
        text = cleaned.get("qris_payload")
        method = cleaned.get("method")
        if text is not None and method is not None:
            self._check_method(method, has_code=bool(text))
        known = _told_by(qris.Code(text)) if text else {}
        for name in FROM_THE_CODE:
            cleaned[name] = cleaned.get(name) or known.get(name, "")
            if not cleaned[name] and not {name, "qris_payload"} & set(self.errors):
                self.add_error(name, self.fields[name].error_messages["required"])
        return cleaned

    def _check_method(self, method: PaymentMethod, *, has_code: bool) -> None:
        is_qris = method.gateway == Qris.code
        if is_qris and not has_code:
            self.add_error("qris_payload", _("Tempel teks kode QRIS: metode ini dibayar dengan memindainya."))
        elif has_code and not is_qris:
            self.add_error(
                "qris_payload", _("Kosongkan: teks kode QRIS hanya untuk rekening dari metode dengan gateway QRIS.")
            )


def _told_by(code: qris.Code) -> dict[str, str]:
    return {"bank": f"QRIS {code.acquirer}".strip()[:40], "number": code.nmid[:40], "holder": code.merchant}


class BankAccountRowForm(BankAccountForm):
    class Meta(BankAccountForm.Meta):
        widgets = {"qris_payload": CodeInput(attrs={"rows": 3, "cols": 16})}


class BankAccountInline(LabelledFields, admin.TabularInline):
    model = BankAccount
    form = BankAccountRowForm
    fields = ["bank", "number", "holder", "active", "unique_codes", "sort", "qris_payload"]
    extra = 0
    show_change_link = True

    def has_delete_permission(self, request: HttpRequest, obj: PaymentMethod | None = None) -> bool:
        return False


@admin.register(PaymentMethod)
class PaymentMethodAdmin(LabelledFields, RememberedAdmin):
    """Switched off, not deleted: orders and payments name them."""

    form = PaymentMethodForm
    list_display = ["name_id", "gateway", "active", "sort", "is_offered"]
    list_editable = ["active", "sort"]
    inlines = [BankAccountInline]

    @admin.display(description=_("ditawarkan"))
    def is_offered(self, method: PaymentMethod) -> str:
        if gateways.is_offered(method):
            return gettext("Ditawarkan")
        gateway = gateways.registry.get(method.gateway)
        if gateway is None or not gateway.provider or gateways.is_open(gateway.provider):
            return gettext("Tidak ditawarkan")
        wanted = ", ".join(gateways.providers[gateway.provider].settings_wanted())
        return gettext("Tidak ditawarkan: isi %(settings)s") % {"settings": wanted}

    def has_delete_permission(self, request: HttpRequest, obj: PaymentMethod | None = None) -> bool:
        return False


@admin.register(BankAccount)
class BankAccountAdmin(LabelledFields, RememberedAdmin):
    list_display = ["__str__", "holder", "method", "active", "sort"]
    list_editable = ["active", "sort"]
    list_select_related = ["method"]
    form = BankAccountForm
    readonly_fields = ["what_the_code_says"]

    def get_fields(self, request: HttpRequest, obj: BankAccount | None = None) -> list[str]:
        shown = ["what_the_code_says"] if obj and obj.code else []
        return ["method", "qris_payload", *shown, "bank", "number", "holder", "active", "unique_codes", "sort"]

    @admin.display(description=_("isi kode QRIS"))
    def what_the_code_says(self, account: BankAccount) -> str:
        return render_to_string("admin/billing/qris_code.html", {"code": account.code})

    def has_delete_permission(self, request: HttpRequest, obj: BankAccount | None = None) -> bool:
        return False
