"""QRIS, Indonesia's QR code for payments: the text of the shop's own code, checked, and made to ask for one amount.

The text is a chain of fields, each an id of two digits, a length of two digits and the value; the last, 63, is a CRC over
all before it (EMV QR Code Specification for Payment Systems, Merchant-Presented Mode). In Indonesia one of the templates
26–51 names the scheme, ``ID.CO.QRIS.WWW``, with the merchant's national number, the NMID.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.money import format_money

FORMAT, INITIATION, AMOUNT, CURRENCY, COUNTRY, MERCHANT, CITY, ADDITIONAL, CRC = (
    "00", "01", "54", "53", "58", "59", "60", "62", "63",
)  # fmt: skip
TEMPLATES = [f"{number}" for number in range(26, 52)]
NATIONAL = "51"
# A tip or a fee on top, asked for by the paying app.
TIPS = ("55", "56", "57")
STATIC, DYNAMIC = "11", "12"
RUPIAH = "360"
SCHEME = "ID.CO.QRIS.WWW"
BILL_NUMBER = "01"
# A bill number that the code leaves for the payer to type.
ASKED_FOR = "***"
LONGEST = 99
LONGEST_BILL_NUMBER = 25
# Of one payment (Bank Indonesia, PADG 24/1/PADG/2022).
MOST_AT_ONCE = Decimal(10_000_000)

_BEGINNING = "000201"
_PRINTABLE = re.compile(r"[\x20-\x7e]+")

NOT_QRIS = _(
    "Ini bukan teks kode QRIS. Pindai QRIS Anda dengan aplikasi pembaca QR, lalu tempel seluruh teksnya; awalnya 000201."
)
NOT_WHOLE = _(
    "Teks kode QRIS ini tidak utuh: ada yang hilang atau berubah. Salin sekali lagi seluruh teksnya, sampai empat huruf "
    "atau angka terakhir."
)
NOT_INDONESIAN = _(
    "Ini bukan kode QRIS dalam rupiah. Tempel teks kode QRIS yang Anda terima dari bank atau dompet digital Anda."
)
FOR_ONE_PAYMENT = _(
    "Kode ini sudah berisi jumlah, jadi hanya untuk satu pembayaran. Tempel kode QRIS statis Anda, yang tercetak untuk "
    "semua pembeli."
)


class CannotRead(ValueError):
    """What was given is no whole, domestic QRIS code; the words say what to do."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Code:
    """A code as its text says it."""

    text: str

    @cached_property
    def fields(self) -> Mapping[str, str]:
        return parse(self.text)

    @property
    def merchant(self) -> str:
        """The name that the payer's app shows."""
        return self.fields.get(MERCHANT, "")

    @property
    def city(self) -> str:
        return self.fields.get(CITY, "")

    @property
    def nmid(self) -> str:
        """The merchant's national number; empty where the code tells none."""
        return _inside(self.fields.get(NATIONAL, "")).get("02", "")

    @property
    def acquirer(self) -> str:
        """Who gave the merchant the code, as its template calls them: ``BCA`` of ``ID.CO.BCA.WWW``."""
        names = (name for name in _schemes(self.fields) if name.upper() != SCHEME)
        parts = next(names, "").split(".")
        return " ".join(part for part in parts[1:] if part.upper() not in {"CO", "OR", "WWW"})

    @property
    def is_dynamic(self) -> bool:
        return self.fields.get(INITIATION, STATIC) != STATIC or bool(self.fields.get(AMOUNT))

    @property
    def asks_for_tip(self) -> bool:
        return any(tag in self.fields for tag in TIPS)


@dataclass(frozen=True)
class Scan:
    """What a payer scans: the shop's code, asking for one amount."""

    code: Code
    amount: Decimal
    currency: str
    reference: str = ""

    @property
    def text(self) -> str:
        return with_amount(self.code.text, self.amount, self.reference)

    @property
    def refusal(self) -> str:
        return refusal(self.amount, self.currency)

    def asking(self, amount: Decimal) -> "Scan":
        return replace(self, amount=amount)


def refusal(amount: Decimal, currency: str) -> str:
    """Why no code can ask for this; empty where one can."""
    if currency != "IDR":
        return _("QRIS hanya menerima rupiah. Bayar tagihan ini dengan cara lain.")
    if amount > MOST_AT_ONCE:
        words = _("Sekali bayar dengan QRIS paling banyak %(most)s. Bayar tagihan ini dengan cara lain.")
        return words % {"most": format_money(MOST_AT_ONCE)}
    return ""


def parse(text: str) -> dict[str, str]:
    """The fields in their order, without the CRC. Raises ``CannotRead``."""
    if not text.startswith(_BEGINNING):
        raise CannotRead(NOT_QRIS)
    try:
        fields = _split(text)
    except ValueError as error:
        raise CannotRead(NOT_WHOLE) from error
    if list(fields)[-1] != CRC or fields.pop(CRC) != _crc(text[:-4]):
        raise CannotRead(NOT_WHOLE)
    return fields


def build(fields: Mapping[str, str]) -> str:
    """The text of the fields in ascending order, with its CRC: what ``parse`` reads."""
    unsigned = f"{_join({tag: value for tag, value in fields.items() if tag != CRC})}{CRC}04"
    return unsigned + _crc(unsigned)


def read(text: str) -> Code:
    """The shop's static code as it was pasted. Raises ``CannotRead``."""
    code = Code("".join(text.strip().splitlines()))
    fields = code.fields
    if fields.get(CURRENCY) != RUPIAH or fields.get(COUNTRY) != "ID" or not _is_domestic(fields):
        raise CannotRead(NOT_INDONESIAN)
    if code.is_dynamic:
        raise CannotRead(FOR_ONE_PAYMENT)
    return code


def validate(text: str) -> None:
    """For a model's field."""
    try:
        read(text)
    except CannotRead as error:
        raise ValidationError(error.words, code="qris") from error


def with_amount(text: str, amount: Decimal, reference: str = "") -> str:
    """The code asking for ``amount`` rupiah, with ``reference`` as its bill number where one fits.

    A tip is asked for no more: it would come on top of the amount that the invoice is recognised by. Raises ``ValueError``
    for an amount that is not positive or has cents, and ``CannotRead``.
    """
    if amount <= 0 or amount != amount.to_integral_value():
        raise ValueError(f"QRIS cannot ask for {amount}")
    fields = {tag: value for tag, value in parse(text).items() if tag not in TIPS}
    fields |= {INITIATION: DYNAMIC, AMOUNT: f"{amount:.0f}"}
    additional = _with_bill_number(fields.get(ADDITIONAL, ""), reference)
    if additional:
        fields[ADDITIONAL] = additional
    return build(fields)


def _with_bill_number(additional: str, reference: str) -> str:
    """The template 62 with the bill number; as it was where it has another, or has no room for it."""
    try:
        inside = _split(additional) if additional else {}
    except ValueError:
        return additional
    fits = len(reference) <= LONGEST_BILL_NUMBER and _PRINTABLE.fullmatch(reference)
    if not fits or inside.get(BILL_NUMBER, ASKED_FOR) != ASKED_FOR:
        return additional
    named = _join({**inside, BILL_NUMBER: reference})
    return named if len(named) <= LONGEST else additional


def _is_domestic(fields: Mapping[str, str]) -> bool:
    return any(name.upper() == SCHEME or name.upper().startswith("ID.") for name in _schemes(fields))


def _schemes(fields: Mapping[str, str]) -> list[str]:
    """The names of the schemes that the code belongs to, in the order of their templates."""
    return [name for tag in TEMPLATES if (name := _inside(fields.get(tag, "")).get("00", ""))]


def _inside(template: str) -> dict[str, str]:
    """A template's own fields; none where it does not consist of fields."""
    try:
        return _split(template)
    except ValueError:
        return {}


def _split(text: str) -> dict[str, str]:
    """The fields in their order. Raises ``ValueError`` for what is no chain of fields, or names one twice."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        head, at = text[at : at + 4], at + 4
        if not re.fullmatch(r"\d{4}", head, re.ASCII):
            raise ValueError(text)
        tag, value = head[:2], text[at : at + int(head[2:])]
        at += len(value)
        if len(value) != int(head[2:]) or tag in fields or (value and not _PRINTABLE.fullmatch(value)):
            raise ValueError(text)
        fields[tag] = value
    return fields


def _join(fields: Mapping[str, str]) -> str:
    return "".join(f"{tag}{len(value):02}{value}" for tag, value in sorted(fields.items()))


def _crc(text: str) -> str:
    """CRC-16/CCITT-FALSE in capital hexadecimal digits."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"
