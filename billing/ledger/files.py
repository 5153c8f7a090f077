"""V9: what was stored is still there, byte for byte."""

import hashlib
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db import models

from billing.ledger.breach import Breach
from billing.models import ProofFile, Refund, StatementImport, TaxInvoice

CHUNK_BYTES = 64 * 1024


def files_are_as_they_were_stored() -> Iterator[Breach]:
    """V9: every stored file's row has its file, of the same size and SHA-256."""
    yield from as_stored("proof", ProofFile.objects.all(), "file")
    yield from as_stored("tax invoice", TaxInvoice.objects.exclude(file=""), "file")
    yield from as_stored("bank statement", StatementImport.objects.exclude(file=""), "file")
    yield from as_stored("refund", Refund.objects.exclude(file=""), "file")


def as_stored(kind: str, rows: models.QuerySet, field: str, prefix: str = "") -> Iterator[Breach]:
    """The same of any rows with ``size`` and ``sha256`` beside a file, both named with ``prefix``."""
    for one in rows.order_by("pk").iterator(chunk_size=500):
        name = getattr(one, field).name
        row = f"{kind} {one.pk} ({name})"
        try:
            size, sha256 = _measure(name)
        except FileNotFoundError:
            yield Breach("V9", row, "the file is gone")
            continue
        kept_size, kept_sha256 = (getattr(one, f"{prefix}{column}") for column in ("size", "sha256"))
        if size != kept_size:
            yield Breach("V9", row, f"has {size} bytes, stored were {kept_size}")
        elif sha256 != kept_sha256:
            yield Breach("V9", row, "its content has changed")


def _measure(name: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with default_storage.open(name) as file:
        for chunk in file.chunks(CHUNK_BYTES):
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()
