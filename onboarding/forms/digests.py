"""How often a person wants to be told."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DigestForm(forms.Form):
    """``daily`` is how it is now."""

    daily = forms.TypedChoiceField(
        label=_("Email tentang onboarding"),
        choices=[("0", _("Satu email per perubahan")), ("1", _("Satu ringkasan per hari, pukul 18.00"))],
        coerce=lambda value: value == "1",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu.")},
    )

    def __init__(self, *args, daily: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["daily"].initial = str(int(daily))
