"""Invoice numbers: without gap and twin, from a counter row that is updated last in the transaction that issues (I2)."""

import re
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import Shop
from billing.models import Invoice, NumberCounter

ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
DEFAULT_SERIES = "INV"
LONGEST_NUMBER = 60
_TOKEN = re.compile(r"\{(YYYY|YY|MM|ROMAN_MM|N)(?::(\d{1,2}))?\}")


@dataclass(frozen=True)
class Number:
    """``text`` is what people read, ``slug`` the same in an address."""

    series: str
    period: str
    sequence: int
    text: str
    slug: str


def take(series: str, on: date) -> Number:
    """The next number of the series on a day of the company's time zone. Call it in a transaction, as late as possible.

    The counter's row stays locked until the transaction ends: a rollback gives the number back, so there is no gap.
    """
    shop = Shop.objects.filter(pk=1).only("invoice_number_format", "invoice_number_resets").first() or Shop()
    period = period_of(on, shop.invoice_number_resets)
    counter = NumberCounter.objects.filter(series=series, period=period)
    if not counter.update(value=models.F("value") + 1):
        first = NumberCounter(series=series, period=period, value=_last_before_counting(series, period, on))
        # Two may come first at once: the row of one stands, and both count on from it.
        NumberCounter.objects.bulk_create([first], ignore_conflicts=True)
        counter.update(value=models.F("value") + 1)
    sequence = counter.values_list("value", flat=True).get()
    text = write(shop.invoice_number_format, on, sequence)
    return Number(series, period, sequence, text, slug_of(text))


def period_of(on: date, resets: str) -> str:
    """``2026`` where numbers begin again each year, ``2026-11`` where each month."""
    return f"{on:%Y-%m}" if resets == "monthly" else f"{on:%Y}"


def _last_before_counting(series: str, period: str, on: date) -> int:
    """Where a new counter begins: 0, or after the numbers given in this period before staff changed the resetting."""
    same = {"issued_on__year": on.year} | ({"issued_on__month": on.month} if "-" in period else {})
    return Invoice.objects.filter(series=series, **same).aggregate(last=models.Max("sequence"))["last"] or 0


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


def slug_of(number: str) -> str:
    """``INV/2026/11/00042`` in an address: ``inv-2026-11-00042``."""
    return re.sub(r"[^a-z0-9]+", "-", number.lower()).strip("-")


def validate_format(number_format: str, resets: str) -> None:
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
