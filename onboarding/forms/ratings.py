"""What a customer thought of the training or the go-live."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("Seberapa puas Anda?"),
        choices=[
            ("5", _("5: sangat baik")),
            ("4", _("4: baik")),
            ("3", _("3: cukup")),
            ("2", _("2: kurang")),
            ("1", _("1: buruk")),
        ],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu.")},
    )
    comment = forms.CharField(
        label=_("Komentar"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Apa yang membantu, dan apa yang dapat kami perbaiki?"),
    )
