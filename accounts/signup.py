"""The sign-up form: a name, an address, a password, and one answer whether or not the address is known here."""

from allauth.account.forms import SignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.texts import validate_one_line


class SignUpForm(SignupForm):
    name = forms.CharField(
        label=_("Nama Anda"),
        max_length=150,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]

    def try_save(self, request: HttpRequest) -> tuple[User | None, object]:
        if self.account_already_exists:
            # As much work as for a new account, so that the answer's time tells nothing either.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)
