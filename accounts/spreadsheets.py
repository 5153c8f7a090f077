"""Tables for spreadsheets: semicolons and plain numbers, as Indonesian programs read them, and no cell that is run."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

CONTENT_TYPE = "text/csv; charset=utf-8"
# What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | Decimal | date | None


def as_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows, the heading first, with a UTF-8 mark in front."""
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(map(_cell, row) for row in rows)
    return "\ufeff" + written.getvalue()


def _cell(value: Cell) -> str:
    """Numbers of ours may be negative; what people typed is text, whatever it begins with."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".removesuffix(".00")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
