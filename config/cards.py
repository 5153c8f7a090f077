"""What the cards of the staff's start page are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Window

from accounts.promises import Promise

ROWS = 5


@dataclass(frozen=True)
class Row:
    """One piece of work; ``promise`` where the shop promised a time for it."""

    title: str
    detail: str
    url: str
    at: datetime
    promise: Promise | None = None


@dataclass(frozen=True)
class Card:
    """``count`` is all that waits, ``rows`` the first few of it; ``calm`` is said when nothing does."""

    key: str
    icon: str
    title: str
    count: int
    tone: str
    url: str
    more: str
    calm: str
    rows: tuple[Row, ...]


def worst(promises: Iterable[Promise]) -> str:
    """The tone of the row that is worst off."""
    tones = {promise.tone for promise in promises}
    return next((tone for tone in ("danger", "warning") if tone in tones), "info")


def first(waiting: QuerySet) -> tuple[list, int]:
    """The first few, and how many there are in all: one query."""
    shown = list(waiting.annotate(how_many=Window(Count("pk")))[:ROWS])
    return shown, shown[0].how_many if shown else 0
