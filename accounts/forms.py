"""Forms of people and customers; the checkout uses ``CustomerForm`` too."""

import re

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from accounts.roles import Role
from accounts.texts import validate_one_line

_NOT_DIGITS = re.compile(r"[\s.\-]")


class PhoneField(forms.CharField):
    """A telephone number as people type it here (0812…, 62812…, +62…, other countries with +), returned in E.164."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
    default_error_messages = {
        "invalid": _("Isi nomor telepon yang lengkap, contoh: 0812 3456 7890 atau +62 812 3456 7890."),
    }

    def to_python(self, value: object) -> str:
        typed = super().to_python(value)
        if typed in self.empty_values:
            return typed
        if re.fullmatch(r"62[\d\s.\-]+", typed):
            typed = f"+{typed}"
        try:
            number = phonenumbers.parse(typed, "ID")
        except phonenumbers.NumberParseException as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not phonenumbers.is_possible_number(number):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class DigitsField(forms.CharField):
    """A number of fixed length that people write with dots, hyphens and spaces; returned as digits."""

    def to_python(self, value: object) -> str:
        return _NOT_DIGITS.sub("", super().to_python(value))


class EmailField(forms.EmailField):
    """Addresses are compared without regard to case, so they are kept in lower case."""

    def to_python(self, value: object) -> str:
        return super().to_python(value).lower()


class CustomerForm(forms.ModelForm):
    """The billed person or company. ``cleaned_data`` is what ``people.create_customer`` and ``customers.update`` take."""

    phone = PhoneField(label=_("Telepon"), help_text=_("Contoh: 0812 3456 7890 atau +62 812 3456 7890."), max_length=30)
    npwp = DigitsField(
        label=_("NPWP"),
        required=False,
        max_length=30,
        help_text=_("15 atau 16 angka; diperlukan untuk faktur pajak."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    nik = DigitsField(
        label=_("NIK"),
        required=False,
        max_length=30,
        help_text=_("16 angka; untuk perorangan."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    billing_email = EmailField(
        label=_("Email tagihan"),
        max_length=254,
        help_text=_("Tagihan dan kuitansi dikirim ke alamat ini."),
        widget=forms.EmailInput(attrs={"autocomplete": "billing email"}),
    )

    class Meta:
        model = Customer
        fields = (
            "kind",
            "name",
            "npwp",
            "nik",
            "billing_email",
            "phone",
            "address",
            "city",
            "province",
            "postal_code",
        )
        widgets = {
            "kind": forms.RadioSelect,
            "name": forms.TextInput(attrs={"autocomplete": "billing organization"}),
            "address": forms.TextInput(attrs={"autocomplete": "billing street-address"}),
            "city": forms.TextInput(attrs={"autocomplete": "billing address-level2"}),
            "province": forms.Select(attrs={"autocomplete": "billing address-level1"}),
            "postal_code": forms.TextInput(attrs={"autocomplete": "billing postal-code", "inputmode": "numeric"}),
        }
        labels = {
            "kind": _("Atas nama"),
            "name": _("Nama orang atau perusahaan"),
            "address": _("Alamat"),
            "city": _("Kota/kabupaten"),
            "province": _("Provinsi"),
            "postal_code": _("Kode pos"),
        }

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("kind") == Customer.Kind.COMPANY:
            # A company has no NIK; what was typed before the kind was changed is not kept.
            cleaned["nik"] = ""
        return cleaned


class CustomerSettingsForm(CustomerForm):
    """A customer's data together with how it wants to be invoiced."""

    class Meta(CustomerForm.Meta):
        fields = (*CustomerForm.Meta.fields, "separate_invoices", "credit_pays_renewals")
        labels = CustomerForm.Meta.labels | {
            "separate_invoices": _("Tagihan terpisah"),
            "credit_pays_renewals": _("Kredit membayar perpanjangan"),
        }


class PersonForm(forms.ModelForm):
    """What people say about themselves; the address they sign in with is changed on allauth's page."""

    class Meta:
        model = User
        fields = ("name", "language")
        labels = {"name": _("Nama Anda"), "language": _("Bahasa")}
        help_texts = {"language": _("Untuk halaman ini dan email yang kami kirim kepada Anda.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Peran"), choices=Role.choices)


class InviteForm(RoleForm):
    email = EmailField(
        label=_("Email"),
        max_length=254,
        validators=[validate_one_line],
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Undangan berlaku 7 hari dan hanya untuk alamat ini."),
    )
    field_order = ["email", "role"]


class SwitchForm(forms.Form):
    """Which of a person's own customers to act for."""

    customer = forms.ModelChoiceField(Customer.objects.none())

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.visible_to(user)
