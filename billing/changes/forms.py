"""What a customer agrees to beside the configuration: one change, at the numbers that the page showed."""

from django import forms

from billing.changes.requests import Seen


class ChangeForm(forms.Form):
    """``key`` names this one change, so that sending the form twice asks for one."""

    prefix = "change"
    key = forms.UUIDField()
    due = forms.DecimalField()
    given_back = forms.DecimalField()
    renewal = forms.DecimalField()

    @property
    def seen(self) -> Seen:
        return Seen(*(self.cleaned_data[name] for name in ("due", "given_back", "renewal")))
