"""How numbers of invoices are written: text with tokens, such as ``INV/{YYYY}/{MM}/{N:5}`` (I2)."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
LONGEST_NUMBER = 60
_TOKEN = re.compile(r"\{(YYYY|YY|MM|ROMAN_MM|N)(?::(\d{1,2}))?\}")


def write(number_format: str, on: date, sequence: int) -> str:
    """The number as people read it: ``INV/{YYYY}/{MM}/{N:5}`` gives ``INV/2026/11/00042``."""
    values = {
        "YYYY": f"{on.year:04}",
        "YY": f"{on.year % 100:02}",
        "MM": f"{on.month:02}",
        "ROMAN_MM": ROMAN_MONTHS[on.month - 1],
    }

    def replace(match: re.Match) -> str:
        name, width = match[1], match[2]
        return str(sequence).zfill(int(width or 0)) if name == "N" else values[name]

    return _TOKEN.sub(replace, number_format)


def validate(number_format: str, resets: str) -> None:
    """Raises ``ValidationError`` for a format that would give two invoices the same number, or none a readable one."""
    tokens = [match[1] for match in _TOKEN.finditer(number_format)]
    rest = _TOKEN.sub("", number_format)
    if not re.fullmatch(r"[A-Za-z0-9/._ -]*", rest):
        raise ValidationError(
            _("Pakai huruf, angka, / . _ - dan token {YYYY}, {YY}, {MM}, {ROMAN_MM}, {N:5}."), code="unknown_token"
        )
    if tokens.count("N") != 1:
        raise ValidationError(_("Format harus memuat satu nomor urut, contoh: {N:5}."), code="no_sequence")
    if not {"YYYY", "YY"} & set(tokens):
        raise ValidationError(_("Nomor mulai lagi tiap tahun, jadi format harus memuat {YYYY}."), code="no_year")
    if resets == "monthly" and not {"MM", "ROMAN_MM"} & set(tokens):
        raise ValidationError(_("Nomor mulai lagi tiap bulan, jadi format harus memuat {MM}."), code="no_month")
    if len(write(number_format, date(2888, 8, 28), 9_999_999_999)) > LONGEST_NUMBER:
        raise ValidationError(_("Nomor menjadi terlalu panjang."), code="too_long")
