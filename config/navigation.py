"""The client area's menu: one table; an entry shows where its page exists and the person's role allows it."""

import functools
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.middleware import active_membership
from accounts.roles import ALLOWED, Ability


@dataclass(frozen=True)
class Entry:
    url_name: str
    label: str | Promise
    icon: str
    ability: Ability | None = None
    starts_group: bool = False
    in_account_menu: bool = False


ENTRIES = (
    Entry("client-home", _("Ringkasan"), "home", in_account_menu=True),
    Entry("billing:services", _("Layanan"), "briefcase", Ability.SEE_SERVICES, in_account_menu=True),
    Entry("billing:invoices", _("Tagihan"), "receipt", Ability.SEE_INVOICES, in_account_menu=True),
    Entry("billing:billing-overview", _("Saldo & pembayaran"), "wallet", Ability.SEE_INVOICES),
    Entry("billing:confirm", _("Konfirmasi Pembayaran"), "building-bank", Ability.CONFIRM),
    Entry("accounts:members", _("Anggota"), "users", starts_group=True),
    Entry("accounts:emails", _("Email saya"), "mail"),
    Entry("accounts:profile", _("Profil"), "user-circle", starts_group=True, in_account_menu=True),
    Entry("mfa_index", _("Keamanan"), "shield-lock", in_account_menu=True),
)

# Pages of allauth that belong to an entry although their addresses are elsewhere.
_SECURITY_PREFIXES = ("/accounts/2fa/", "/accounts/password/", "/accounts/sessions/", "/accounts/email/")


@dataclass(frozen=True)
class NavItem:
    label: str | Promise
    icon: str
    url: str
    current: bool
    starts_group: bool
    in_account_menu: bool


def client_nav(request: HttpRequest) -> list[NavItem]:
    """The entries for the signed-in person, the one whose page this is marked as current."""
    membership = active_membership(request)
    role = membership.role if membership else None
    found = _entries_for(role)
    current = _current([url for _entry, url in found], request.path)
    return [
        NavItem(entry.label, entry.icon, url, url == current, entry.starts_group, entry.in_account_menu)
        for entry, url in found
    ]


@functools.cache
def _entries_for(role: str | None) -> list[tuple[Entry, str]]:
    """The role's entries and their addresses; addresses do not change while the process runs."""
    return [
        (entry, url)
        for entry in ENTRIES
        if (entry.ability is None or role in ALLOWED[entry.ability]) and (url := _address(entry.url_name))
    ]


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _current(urls: list[str], path: str) -> str:
    """The longest address that the path begins with, so that the home page is not current everywhere."""
    if path.startswith(_SECURITY_PREFIXES):
        return _address("mfa_index")
    return max((url for url in urls if path.startswith(url)), key=len, default="")
