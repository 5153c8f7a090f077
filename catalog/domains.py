"""Domain names: reading what people type, splitting off the extension, and asking a registrar."""

import enum
from collections.abc import Iterable
from typing import Protocol

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 253

# Names under the shop's own domain that customers would mistake for the shop.
RESERVED_LABELS = frozenset(
    {"www", "mail", "webmail", "smtp", "imap", "pop", "ftp", "ns", "ns1", "ns2", "cpanel"}
    | {"admin", "api", "app", "client", "billing", "store", "support", "static"}
)


def parse(name: str) -> str:
    """The full name in ASCII (IDNA) form, lower case: ``Perusahaan.CO.ID.`` is ``perusahaan.co.id``.

    Raises ``ValidationError`` for what is no domain name, web addresses included.
    """
    cleaned = name.strip().rstrip(".")
    try:
        ascii_name = idna.encode(cleaned, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        ascii_name = ""
    labels = ascii_name.split(".")
    if len(labels) < 2 or len(ascii_name) > MAX_LENGTH or labels[-1].isdigit():
        raise ValidationError(_("Isi nama domain, contoh: perusahaan.co.id"), code="domain")
    return ascii_name


def split_extension(name: str, extensions: Iterable[str]) -> tuple[str, str] | None:
    """``("toko", ".co.id")`` for ``toko.co.id``: the longest extension that fits; ``None`` where none does.

    What stands before the extension may hold dots; a name to register must not.
    """
    fitting = [extension for extension in extensions if name.endswith(extension) and len(name) > len(extension)]
    if not fitting:
        return None
    extension = max(fitting, key=len)
    return name.removesuffix(extension), extension


class Availability(enum.Enum):
    """A registrar's answer, worded for customers."""

    AVAILABLE = _("Tersedia")
    TAKEN = _("Sudah dipakai")
    CHECKED_LATER = _("Ketersediaan diperiksa setelah pemesanan")


class Registrar(Protocol):
    """Where domains are registered. ``settings.DOMAIN_REGISTRAR`` names the class."""

    def availability(self, name: str) -> Availability: ...


class CheckedAfterOrdering:
    """No registrar is connected: staff look the name up when the order comes in."""

    def availability(self, name: str) -> Availability:
        return Availability.CHECKED_LATER


def registrar() -> Registrar:
    return import_string(settings.DOMAIN_REGISTRAR)()
