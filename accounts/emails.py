"""The emails of accounts: confirming an address, invitations, and what allauth tells people (``accounts.adapter``)."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import crypto, outbox
from accounts.models import Invitation
from accounts.roles import Role

# allauth's notices by their own names: what happened, as a subject.
NOTICES = {
    "password_changed": gettext_lazy("Kata sandi Anda diubah"),
    "password_set": gettext_lazy("Kata sandi Anda dibuat"),
    "password_reset": gettext_lazy("Kata sandi Anda diatur ulang"),
    "email_changed": gettext_lazy("Alamat email akun Anda diganti"),
    "email_confirm": gettext_lazy("Alamat email Anda dikonfirmasi"),
    "email_deleted": gettext_lazy("Sebuah alamat email dihapus dari akun Anda"),
    "totp_activated": gettext_lazy("Aplikasi autentikator dipasang pada akun Anda"),
    "totp_deactivated": gettext_lazy("Aplikasi autentikator dilepas dari akun Anda"),
    "recovery_codes_generated": gettext_lazy("Kode pemulihan baru dibuat untuk akun Anda"),
    "webauthn_added": gettext_lazy("Kunci keamanan ditambahkan ke akun Anda"),
    "webauthn_removed": gettext_lazy("Kunci keamanan dihapus dari akun Anda"),
}


def _with_secret() -> outbox.Arguments:
    return {"name": "Sari", "secret": ""}


@outbox.email("accounts/confirm_email", secrets=["secret"], sample=lambda: {**_with_secret(), "signup": 1})
def confirm_email(*, name: str, secret: str, signup: int, reveal: bool) -> outbox.Content:
    return outbox.Content({"name": name, "link": _secret(secret, reveal), "signup": bool(signup)})


@outbox.email("accounts/reset_password", secrets=["secret"], sample=_with_secret)
def reset_password(*, name: str, secret: str, reveal: bool) -> outbox.Content:
    return outbox.Content({"name": name, "link": _secret(secret, reveal)})


@outbox.email("accounts/code", secrets=["secret"], sample=_with_secret)
def code(*, name: str, secret: str, reveal: bool) -> outbox.Content:
    return outbox.Content({"name": name, "code": _secret(secret, reveal)})


@outbox.email("accounts/account_exists", sample=lambda: {"name": "Sari"})
def account_exists(*, name: str, reveal: bool) -> outbox.Content:
    """To whoever signs up, or orders, with an address that has an account: the page said nothing of it."""
    links = {"login_link": _page("account_login"), "reset_link": _page("account_reset_password")}
    return outbox.Content({"name": name, **links})


@outbox.email("accounts/unknown_account", sample=lambda: {"name": ""})
def unknown_account(*, name: str, reveal: bool) -> outbox.Content:
    return outbox.Content({"link": _page("account_signup")})


@outbox.email(
    "accounts/security_notice",
    sample=lambda: {
        "name": "Sari",
        "notice": "password_changed",
        "at": timezone.now().isoformat(),
        "ip_address": "203.0.113.9",
        "browser": "Mozilla/5.0 (X11; Linux x86_64)",
        "detail": "",
    },
)
def security_notice(
    *, name: str, notice: str, at: str, ip_address: str, browser: str, detail: str, reveal: bool
) -> outbox.Content:
    moment = timezone.localtime(datetime.fromisoformat(at))
    facts = [
        (_("Waktu"), date_format(moment, "j F Y, H.i T")),
        (_("Alamat IP"), ip_address),
        (_("Peramban"), browser),
    ]
    if detail:
        facts.append((_("Alamat email"), detail))
    title = NOTICES.get(notice, _("Pengaturan keamanan akun Anda berubah"))
    return outbox.Content({"name": name, "title": title, "facts": facts, "link": _page("account_reset_password")})


def _last_invitation() -> outbox.Arguments | None:
    invitation = Invitation.objects.order_by("-pk").first()
    return {"invitation_id": invitation.pk, "secret": ""} if invitation else None


@outbox.email("accounts/invitation", secrets=["secret"], sample=_last_invitation)
def invitation(*, invitation_id: int, secret: str, reveal: bool) -> outbox.Content:
    found = Invitation.objects.select_related("customer", "invited_by").get(pk=invitation_id)
    return outbox.Content(
        {
            "invitation": found,
            "role": Role(found.role).label,
            "inviter": str(found.invited_by or found.customer),
            "link": _secret(secret, reveal),
        }
    )


def _secret(encrypted: str, reveal: bool) -> str:
    return crypto.decrypt(encrypted) if reveal else outbox.MASK


def _page(name: str) -> str:
    return outbox.absolute(reverse(name))
