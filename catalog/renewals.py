"""What is paid again: a quote's renewals, each with the day it begins."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.cycles import PER
from catalog.pricing import Quote


@dataclass(frozen=True)
class Renewal:
    """What is renewed together costs from its first renewal on, tax included."""

    total: Decimal
    per: str
    starts_on: date


def renewals(quote: Quote) -> list[Renewal]:
    """Of a quote that was made for a day."""
    return [Renewal(recurring.total, PER[recurring.cycle], recurring.starts_on) for recurring in quote.recurring]
