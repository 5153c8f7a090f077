"""What a process remembers of the catalog between requests, and how staff's edits make every process forget it.

Everything remembered is kept under the catalog's stamp. An edit writes a new stamp; other processes look at it every few
seconds. Besides, nothing is remembered longer than a minute.
"""

import uuid
from collections.abc import Callable, Collection
from typing import TypeVar

from django.core.cache import caches
from django.db import transaction

from catalog.models import CatalogStamp

STAMP_KEY = "catalog:stamp"
STAMP_SECONDS = 5
SECONDS = 60

Value = TypeVar("Value")
_NOTHING = object()


def stamp() -> str:
    """The catalog's stamp, as the database had it a few seconds ago."""
    cache = caches["process"]
    found = cache.get(STAMP_KEY)
    if found is None:
        found = str(CatalogStamp.objects.filter(pk=1).first() or "")
        cache.set(STAMP_KEY, found, STAMP_SECONDS)
    return found


def forget() -> None:
    """The catalog changed: call it in the transaction of the change."""
    CatalogStamp.objects.update_or_create(pk=1, defaults={"value": uuid.uuid4()})
    transaction.on_commit(lambda: caches["process"].delete(STAMP_KEY))


def remember(key: str, make: Callable[[], Value]) -> Value:
    """What ``make`` returned last time, or now."""
    cache = caches["process"]
    full_key = f"catalog:{stamp()}:{key}"
    value = cache.get(full_key, _NOTHING)
    if value is _NOTHING:
        value = make()
        cache.set(full_key, value, SECONDS)
    return value


def remember_many(kind: str, ids: Collection[int], make: Callable[[list[int]], dict[int, Value]]) -> dict[int, Value]:
    """By id, what ``make`` returned for them; it is asked once for all that are not remembered."""
    cache = caches["process"]
    prefix = f"catalog:{stamp()}:{kind}:"
    found = {pk: value for pk in ids if (value := cache.get(f"{prefix}{pk}")) is not None}
    missing = [pk for pk in ids if pk not in found]
    if missing:
        made = make(missing)
        cache.set_many({f"{prefix}{pk}": value for pk, value in made.items()}, SECONDS)
        found |= made
    return found
