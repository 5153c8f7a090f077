"""What a line of a bank statement says, whatever the format it came in."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class StatementError(Exception):
    """The file cannot be read as a statement; the words say where and what to do."""


@dataclass(frozen=True)
class Row:
    """``amount`` is positive for money that came in and negative for money that went out; ``balance`` is after it."""

    booked_on: date
    amount: Decimal
    text: str
    payer: str = ""
    balance: Decimal | None = None
    bank_id: str = ""
    currency: str = "IDR"
