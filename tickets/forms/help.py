"""The forms of the knowledge base."""

from django import forms
from django.utils.translation import gettext_lazy as _


class HelpSearchForm(forms.Form):
    """Whatever is typed finds something or nothing: no input is an error that a visitor must mend."""

    q = forms.CharField(
        label=_("Cari bantuan"), required=False, widget=forms.TextInput(attrs={"inputmode": "search", "maxlength": 150})
    )

    @property
    def words(self) -> str:
        return self.cleaned_data["q"][:150] if self.is_valid() else ""


class SubjectForm(forms.Form):
    """The subject of a ticket that is being written."""

    subject = forms.CharField(required=False)

    @property
    def words(self) -> str:
        return self.cleaned_data["subject"][:150] if self.is_valid() else ""


class VoteForm(forms.Form):
    helpful = forms.TypedChoiceField(
        choices=[("yes", _("Ya")), ("no", _("Tidak"))], coerce=lambda value: value == "yes", empty_value=None
    )
