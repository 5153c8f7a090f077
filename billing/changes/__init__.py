"""Changing a running service (S6): another product, other options, add-ons, quantity or cycle, paid for the days left.

``selections`` says what can be chosen, ``quotes`` what it costs, ``requests`` asks for it, ``applying`` makes it real.
"""

from billing.changes.quotes import ChangeQuote, preview, quote
from billing.changes.requests import (
    CannotChange,
    NothingChanges,
    PriceChanged,
    Seen,
    can_be_asked,
    cancel,
    check,
    open_change,
    request,
)
from billing.changes.selections import Family, adapted, carried_over, of_service, targets
from billing.changes.stocks import SoldOut
from billing.changes.words import of as words_of

__all__ = [
    "CannotChange",
    "ChangeQuote",
    "Family",
    "NothingChanges",
    "PriceChanged",
    "Seen",
    "SoldOut",
    "adapted",
    "can_be_asked",
    "cancel",
    "carried_over",
    "check",
    "of_service",
    "open_change",
    "preview",
    "quote",
    "request",
    "targets",
    "words_of",
]
