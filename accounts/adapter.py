"""How allauth works in this shop: its emails go through the outbox, its limits see the visitor's own address."""

import uuid
from collections.abc import Mapping
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import crypto, languages, limits, outbox
from accounts.models import Shop, User

# allauth's name of a mail → ours, and which value of its context is the secret link or code.
_MAILS = {
    "account/email/email_confirmation": ("accounts/confirm_email", "activate_url"),
    "account/email/email_confirmation_signup": ("accounts/confirm_email", "activate_url"),
    "account/email/password_reset_key": ("accounts/reset_password", "password_reset_url"),
    "account/email/password_reset_code": ("accounts/code", "code"),
    "account/email/login_code": ("accounts/code", "code"),
    "account/email/account_already_exists": ("accounts/account_exists", None),
    "account/email/unknown_account": ("accounts/unknown_account", None),
}


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks for accounts."""

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, object]) -> None:
        """Queue the mail in its reader's language; what it tells of security (all but ``_MAILS``) is one kind of mail."""
        user = context.get("user") or User.objects.filter(emailaddress__email__iexact=email).first()
        template, secret = _MAILS.get(template_prefix, ("accounts/security_notice", None))
        arguments: dict[str, str | int | None] = {"name": user.get_short_name() if user else ""}
        if secret:
            arguments["secret"] = crypto.encrypt(_public(str(context[secret])))
        if template == "accounts/confirm_email":
            arguments["signup"] = int(template_prefix.endswith("_signup"))
        elif template == "accounts/security_notice":
            arguments |= {
                "notice": template_prefix.rpartition("/")[2],
                "at": context["timestamp"].isoformat(),
                "ip_address": str(context["ip"]),
                "browser": str(context["user_agent"])[:200],
                "detail": str(context.get("to_email") or context.get("deleted_email") or ""),
            }
        outbox.enqueue(
            key=f"allauth:{uuid.uuid4().hex}",
            to=email,
            template=template,
            arguments=arguments,
            language=user.language if user else languages.active(),
            user=user,
        )

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        user.language = languages.active()
        return super().save_user(request, user, form, commit)

    def post_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        languages.remember(response, user.language)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff who act for no customer start at their own desk."""
        if request.user.is_staff and not request.user.memberships.exists():
            return reverse("admin:index")
        return super().get_login_redirect_url(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        return limits.client_ip(request)


class MFAAdapter(DefaultMFAAdapter):
    """allauth's hooks for second factors."""

    def get_totp_issuer(self) -> str:
        return Shop.current().name

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)


def _public(link_or_code: str) -> str:
    """allauth builds links from the request's Host; mails carry the shop's public address."""
    parts = urlsplit(link_or_code)
    return outbox.absolute(parts.path) if parts.scheme else link_or_code
