"""Numbers of invoices and credit notes: without gap and twin, from a counter row that is updated last in the transaction
that issues (I2). Each series counts for itself.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.db import models

from accounts.models import Shop, numbers
from billing.models import CreditNote, Invoice, NumberCounter

DEFAULT_SERIES = "INV"
CREDIT_NOTES = "NK"


@dataclass(frozen=True)
class Number:
    """``text`` is what people read, ``slug`` the same in an address."""

    series: str
    period: str
    sequence: int
    text: str
    slug: str


@dataclass(frozen=True)
class Documents:
    """What a series numbers, and the shop's setting of how."""

    model: type[models.Model]
    format: str


_SERIES = {CREDIT_NOTES: Documents(CreditNote, "credit_note_number_format")}


def documents_of(series: str) -> Documents:
    """Invoices, unless the series is another kind's."""
    return _SERIES.get(series, Documents(Invoice, "invoice_number_format"))


def take(series: str, on: date) -> Number:
    """The next number of the series on a day of the company's time zone. Call it in a transaction, as late as possible.

    The counter's row stays locked until the transaction ends: a rollback gives the number back, so there is no gap.
    """
    return take_many(series, on, 1)[0]


def take_many(series: str, on: date, count: int) -> list[Number]:
    """The next ``count`` numbers, as ``take`` gives one."""
    documents = documents_of(series)
    shop = Shop.objects.filter(pk=1).only(documents.format, "invoice_number_resets").first() or Shop()
    number_format = getattr(shop, documents.format)
    period = period_of(on, shop.invoice_number_resets)
    counter = NumberCounter.objects.filter(series=series, period=period)
    if not counter.update(value=models.F("value") + count):
        first = NumberCounter(series=series, period=period, value=_last_given(series, period, on))
        # Two may come first at once: the row of one stands, and both count on from it.
        NumberCounter.objects.bulk_create([first], ignore_conflicts=True)
        counter.update(value=models.F("value") + count)
    last = counter.values_list("value", flat=True).get()
    texts = _texts(number_format, on, last, count)
    if documents.model.objects.filter(number__in=texts).exists():
        # Another counter gave one, before staff changed how often numbers begin again: go on after those.
        last = _last_given(series, period, on) + count
        counter.update(value=last)
        texts = _texts(number_format, on, last, count)
    return [
        Number(series, period, sequence, text, slug_of(text))
        for sequence, text in enumerate(texts, start=last - count + 1)
    ]


def _texts(number_format: str, on: date, last: int, count: int) -> list[str]:
    return [numbers.write(number_format, on, number) for number in range(last - count + 1, last + 1)]


def period_of(on: date, resets: str) -> str:
    """``2026`` where numbers begin again each year, ``2026-11`` where each month."""
    return f"{on:%Y-%m}" if resets == "monthly" else f"{on:%Y}"


def _last_given(series: str, period: str, on: date) -> int:
    """The highest number of the series in the period's year or month, by whichever counter; 0 for none."""
    same = {"issued_on__year": on.year} | ({"issued_on__month": on.month} if "-" in period else {})
    numbered = documents_of(series).model.objects
    return numbered.filter(series=series, **same).aggregate(last=models.Max("sequence"))["last"] or 0


def slug_of(number: str) -> str:
    """``INV/2026/11/00042`` in an address: ``inv-2026-11-00042``."""
    return re.sub(r"[^a-z0-9]+", "-", number.lower()).strip("-")
