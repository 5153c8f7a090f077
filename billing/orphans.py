"""Stored files that no row names: a process killed between storing and committing leaves them, and nobody ever finds them.

It works with any storage and may run any number of times a day.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import models

from billing.models import Invoice, ProofFile, Refund, StatementImport, TaxInvoice

logger = logging.getLogger(__name__)

# The row of a younger file may be about to be committed.
YOUNGEST = timedelta(days=1)
_AT_ONCE = 500


@dataclass(frozen=True)
class Keeper:
    """A folder of the storage, and the rows whose ``field`` names what belongs there."""

    folder: str
    rows: models.QuerySet
    field: str

    def named(self, names: Sequence[str]) -> set[str]:
        return set(self.rows.filter(**{f"{self.field}__in": names}).values_list(self.field, flat=True))


KEEPERS = [
    Keeper("proofs", ProofFile.objects.all(), "file"),
    Keeper("refunds", Refund.objects.all(), "file"),
    Keeper("invoices", Invoice.objects.all(), "pdf"),
    Keeper("statements", StatementImport.objects.all(), "file"),
    Keeper("tax_invoices", TaxInvoice.objects.all(), "file"),
]


def also(keeper: Keeper) -> None:
    """Look after a folder of one of the apps above, too."""
    KEEPERS.append(keeper)


@dataclass
class Report:
    removed: int = 0
    failed: int = 0


def remove_orphans(now: datetime) -> Report:
    """Remove what is older than a day and no row names. One file's failure stops no other."""
    report = Report()
    for keeper in KEEPERS:
        for name in _unnamed(keeper):
            try:
                report.removed += _remove(name, now)
            # Each storage has errors of its own.
            except Exception:
                logger.exception("A file that no row names could not be removed: %s", name)
                report.failed += 1
    return report


def _unnamed(keeper: Keeper) -> Iterator[str]:
    stored = _stored(keeper.folder)
    for start in range(0, len(stored), _AT_ONCE):
        names = stored[start : start + _AT_ONCE]
        named = keeper.named(names)
        yield from (name for name in names if name not in named)


def _stored(folder: str) -> list[str]:
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        # Nothing has been stored there yet.
        return []
    return [f"{folder}/{file}" for file in sorted(files)]


def _remove(name: str, now: datetime) -> int:
    if now - default_storage.get_modified_time(name) <= YOUNGEST:
        return 0
    default_storage.delete(name)
    logger.warning("A file that no row names was removed: %s", name)
    return 1
