"""Money: rounding, reading what people type, and writing it as Indonesians do (RULES MO)."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from num2words import num2words

# Minor digits that this shop keeps, by ISO 4217 code.
MINOR_DIGITS = {"IDR": 0, "USD": 2}
CURRENCIES = [("IDR", "IDR"), ("USD", "USD")]
DEFAULT_CURRENCY = "IDR"
_SYMBOLS = {"IDR": "Rp", "USD": "US$"}

ZERO = Decimal(0)


def round_money(amount: Decimal | Fraction | int, currency: str = DEFAULT_CURRENCY) -> Decimal:
    """The amount half-up to the currency's minor digits (MO1). Fractions are rounded once, exactly."""
    unit = Decimal(1).scaleb(-MINOR_DIGITS[currency])
    if isinstance(amount, Fraction):
        # Half-up on the exact value: a Fraction divided into a Decimal first could already have been rounded.
        scaled = abs(amount) * 10 ** MINOR_DIGITS[currency]
        whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
        return (Decimal(whole) * unit).copy_sign(1 if amount >= 0 else -1)
    return Decimal(amount).quantize(unit, rounding=ROUND_HALF_UP)


def spread(total: Decimal, weights: Sequence[Decimal], currency: str = DEFAULT_CURRENCY) -> list[Decimal]:
    """Split ``total`` over ``weights`` by largest remainder: the parts are rounded and sum exactly to ``total`` (D3).

    Equal remainders go to the earlier part. Raises ``ValueError`` where there is something to split but no weight.
    """
    if not total:
        return [ZERO for _weight in weights]
    weight_sum = sum(weights, ZERO)
    if weight_sum <= 0:
        raise ValueError("cannot spread an amount over lines without value")
    unit = Decimal(1).scaleb(-MINOR_DIGITS[currency])
    units = int(total / unit)
    exact = [Fraction(units) * Fraction(weight) / Fraction(weight_sum) for weight in weights]
    floors = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: (floors[index] - exact[index], index))
    for index in by_remainder[: units - sum(floors)]:
        floors[index] += 1
    return [floor * unit for floor in floors]


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def format_money(amount: Decimal | int, currency: str = DEFAULT_CURRENCY) -> str:
    """``Rp1.250.000`` in every language (MO2); dollars as ``US$12.50``."""
    amount = round_money(amount, currency)
    sign = "−" if amount < 0 else ""
    digits = f"{abs(amount):,.{MINOR_DIGITS[currency]}f}"
    if currency == "IDR":
        digits = digits.replace(",", ".")
    return f"{sign}{_SYMBOLS[currency]}{digits}"


def format_receipt(amount: Decimal | int) -> str:
    """``Rp1.250.000,00``: the form on a kuitansi (MO2)."""
    return f"{format_money(amount)},00"


def in_words(amount: Decimal | int, language: str = "id") -> str:
    """A whole rupiah amount as a receipt says it (MO2): ``satu juta dua ratus lima puluh ribu rupiah``."""
    return f"{num2words(int(round_money(amount)), lang=language)} rupiah"


class AmountError(ValueError):
    """A typed amount that cannot be read, or could mean two things."""


# One mark used more than once, or with exactly three digits behind it, separates thousands; a last group of two is cents.
_FORMS = (
    re.compile(r"(?P<whole>\d{1,3}(\.\d{3})+)(,(?P<cents>\d{2}))?", re.ASCII),
    re.compile(r"(?P<whole>\d{1,3}(,\d{3})+)(\.(?P<cents>\d{2}))?", re.ASCII),
    re.compile(r"(?P<whole>\d{1,3}( \d{3})+)([.,](?P<cents>\d{2}))?", re.ASCII),
    re.compile(r"(?P<whole>\d+)([.,](?P<cents>\d{2}))?", re.ASCII),
)


def parse_rupiah(text: str) -> Decimal:
    """Read ``1250000``, ``1.250.000``, ``Rp 1.250.000,00`` and ``1,250,000.00`` as 1250000 (MO3).

    Raises ``AmountError`` for what is no amount, is negative, has cents other than 00 (rupiah has none), or could mean two
    things: ``12.50`` is refused, because cents that are not zero cannot be paid in rupiah.
    """
    cleaned = re.sub(r"^(rp|idr)\.?\s*", "", text.strip().replace("\u00a0", " "), flags=re.IGNORECASE)
    cleaned = re.sub(r",[-–]$", "", cleaned)
    for form in _FORMS:
        match = form.fullmatch(cleaned)
        if match:
            if match["cents"] not in {None, "00"}:
                raise AmountError(text)
            return Decimal(re.sub(r"\D", "", match["whole"]))
    raise AmountError(text)


class MoneyField(models.DecimalField):
    """An amount of the row's currency, already rounded to it."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("max_digits", 16)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


def whole_rupiah(*fields: str, name: str) -> models.CheckConstraint:
    """The database refuses an amount with cents in a row whose ``currency`` is IDR (MO1)."""
    rounded = models.Q(*[models.Q(**{field: Round(field, precision=0)}) for field in fields])
    return models.CheckConstraint(condition=~models.Q(currency="IDR") | rounded, name=name)


def validate_whole_rupiah(amount: Decimal) -> None:
    if amount != amount.to_integral_value():
        raise ValidationError(_("Rupiah tidak memakai sen. Isi angka bulat."), code="cents")
