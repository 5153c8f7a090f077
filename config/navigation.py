"""The client area's menu: one table; an entry shows where its page exists and the person's role allows it."""

import functools
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    # For everybody: who may follow which is a matter of the product's roles (ON3), and the page says so.
    Entry("onboarding:cases", _("Onboarding"), "rocket", in_account_menu=True),
    Entry("onboarding:documents", _("Dokumen"), "file-text"),
    # For everybody: people without a customer ask too, and who wrote once may read it in any role.
    Entry("tickets:tickets", _("Tiket"), "ticket", in_account_menu=True),
    Entry("accounts:members", _("Anggota"), "users", starts_group=True),
    Entry("accounts:emails", _("Email saya"), "mail"),
    Entry("accounts:profile", _("Profil"), "user-circle", starts_group=True, in_account_menu=True),
    Entry("mfa_index", _("Keamanan"), "shield-lock", in_account_menu=True),
)

# Pages of allauth that belong to an entry although their addresses are elsewhere.
_SECURITY_PREFIXES = ("/accounts/2fa/", "/accounts/password/", "/accounts/sessions/", "/accounts/email/")
# They are found through the invoices that they correct.
_CREDIT_NOTES = "/client/credit-notes/"


@dataclass(frozen=True)
class NavItem:
    label: str | Promise
    icon: str
    url: str
    starts_group: bool
    in_account_menu: bool


@functools.cache
def entries(role: str | None) -> tuple[NavItem, ...]:
    """The role's entries; their addresses do not change while the process runs."""
    return tuple(
        NavItem(entry.label, entry.icon, url, entry.starts_group, entry.in_account_menu)
        for entry in ENTRIES
        if (entry.ability is None or role in ALLOWED[entry.ability]) and (url := _address(entry.url_name))
    )


def current(role: str | None, path: str) -> str:
    """The address of the entry whose page this is: the longest that the path begins with, for the home's begins many."""
    if path.startswith(_SECURITY_PREFIXES):
        return _address("mfa_index")
    if path.startswith(_CREDIT_NOTES):
        return _address("billing:invoices")
    return max((item.url for item in entries(role) if path.startswith(item.url)), key=len, default="")


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
