"""The promotion code's own form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line


class PromoForm(forms.Form):
    code = forms.CharField(
        label=_("Kode promo"),
        max_length=30,
        strip=True,
        validators=[validate_one_line],
        error_messages={"required": _("Isi kode promo, contoh: HEMAT10.")},
    )

    def clean_code(self) -> str:
        return self.cleaned_data["code"].upper()
