"""The forms of the checkout page, and the one thing that they are together."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.forms import CustomerForm, EmailField
from accounts.models import Customer, User
from accounts.texts import validate_one_line
from billing.models import PaymentMethod, TermsVersion
from cart.checkout import NewAccount


class AccountForm(forms.Form):
    """A guest's account, made with the order."""

    name = forms.CharField(
        label=_("Nama Anda"),
        max_length=150,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailField(
        label=_("Email"),
        max_length=254,
        help_text=_("Tagihan dan kabar pesanan dikirim ke sini; Anda masuk dengan alamat ini."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Buat kata sandi"),
        max_length=128,
        strip=False,
        help_text=_("Minimal 10 karakter. Untuk melihat tagihan dan layanan Anda nanti."),
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password"):
            try:
                validate_password(
                    cleaned["password"], User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
                )
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    @property
    def account(self) -> NewAccount:
        return NewAccount(**self.cleaned_data)


class BillingForm(CustomerForm):
    """The customer's data, where a guest need not say twice who and where he is."""

    def __init__(self, *args, account: AccountForm | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if account:
            self.fields["name"].required = False
            self.fields["name"].help_text = _("Perorangan: kosong berarti nama Anda di atas.")
            self.fields["billing_email"].required = False
            self.fields["billing_email"].help_text = _("Kosong berarti email di atas.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.account:
            typed = getattr(self.account, "cleaned_data", {})
            cleaned["billing_email"] = cleaned.get("billing_email") or typed.get("email", "")
            if not cleaned.get("name") and cleaned.get("kind") == Customer.Kind.COMPANY:
                self.add_error("name", _("Isi nama perusahaan."))
            else:
                cleaned["name"] = cleaned.get("name") or typed.get("name", "")
        return cleaned


class OrderForm(forms.Form):
    payment_method = forms.ChoiceField(
        label=_("Metode pembayaran"), error_messages={"required": _("Pilih metode pembayaran.")}
    )
    notes = forms.CharField(
        label=_("Catatan tambahan"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Hal yang perlu kami tahu tentang pesanan ini."),
    )
    po_number = forms.CharField(
        label=_("Nomor PO"),
        required=False,
        max_length=60,
        validators=[validate_one_line],
        help_text=_("Untuk perusahaan: nomor pesanan pembelian Anda, tercantum di tagihan."),
    )
    terms = forms.BooleanField(
        error_messages={"required": _("Baca dan setujui Ketentuan Layanan untuk menyelesaikan pesanan.")}
    )
    terms_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    checkout_key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, methods: Sequence[PaymentMethod], current_terms: TermsVersion | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.methods = {str(method.pk): method for method in methods}
        self.current_terms = current_terms
        self.fields["payment_method"].choices = [(key, method.name) for key, method in self.methods.items()]
        if methods:
            self.fields["payment_method"].initial = str(methods[0].pk)
        if current_terms is None:
            del self.fields["terms"], self.fields["terms_version"]

    def clean_payment_method(self) -> PaymentMethod:
        return self.methods[self.cleaned_data["payment_method"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.current_terms and cleaned.get("terms") and cleaned.get("terms_version") != self.current_terms.pk:
            self.add_error("terms", _("Ketentuan Layanan baru saja diperbarui. Baca versi barunya, lalu setujui lagi."))
        return cleaned


class CheckoutForms:
    """What the page sends as one form. Templates and the error summary see it as one."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        guest: bool,
        customer: Customer | None,
        editing: bool,
        person_email: str,
        methods: Sequence[PaymentMethod],
        terms: TermsVersion | None,
    ) -> None:
        self.known = customer
        self.account = AccountForm(data, prefix="account") if guest else None
        self.billing = None
        if guest or customer is None or editing:
            # A copy: a form writes what it reads into its instance.
            self.billing = BillingForm(
                data,
                prefix="billing",
                account=self.account,
                instance=copy.copy(customer),
                initial={} if customer or guest else {"billing_email": person_email},
            )
        self.order = OrderForm(data, methods=methods, current_terms=terms)

    @property
    def parts(self) -> list[forms.BaseForm]:
        return [form for form in (self.account, self.billing, self.order) if form is not None]

    def is_valid(self) -> bool:
        """Every part is looked at, so that everything wrong is said at once."""
        problems = [form for form in self.parts if not form.is_valid()]
        return not problems

    def refuse(self, message: str, field: str | None = None) -> None:
        """``field`` is one of the account's; without it the message stands above the form."""
        form = self.account if field and self.account else self.order
        form.add_error(field, message)

    @property
    def errors(self) -> dict[str, Any]:
        return {form.add_prefix(name): found for form in self.parts for name, found in form.errors.items()}

    @property
    def non_field_errors(self) -> list[str]:
        return [error for form in self.parts for error in form.non_field_errors()]

    @property
    def visible_fields(self) -> list[forms.BoundField]:
        return [field for form in self.parts for field in form.visible_fields()]

    @property
    def hidden_fields(self) -> list[forms.BoundField]:
        return [field for form in self.parts for field in form.hidden_fields()]

    @cached_property
    def details(self) -> dict[str, str]:
        """The customer's data as typed; of a known customer only what is shown may change."""
        if self.billing is None:
            return {}
        return {name: self.billing.cleaned_data[name] for name in self.billing.fields}
