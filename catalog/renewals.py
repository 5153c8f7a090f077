"""What is paid again: a quote's renewals, each with the day it begins."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.cycles import PER, next_due
from catalog.pricing import Quote


@dataclass(frozen=True)
class Renewal:
    """What one cycle's services cost from their first renewal on, tax included."""

    total: Decimal
    per: str
    starts_on: date


def renewals(quote: Quote, today: date) -> list[Renewal]:
    return [
        Renewal(recurring.total, PER[recurring.cycle], next_due(today, recurring.cycle, today.day))
        for recurring in quote.recurring
    ]
