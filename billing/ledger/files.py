"""V9: what was stored is still there, byte for byte."""

import hashlib
from collections.abc import Iterator

from django.core.files.storage import default_storage

from billing.ledger.breach import Breach
from billing.models import ProofFile

CHUNK_BYTES = 64 * 1024


def files_are_as_they_were_stored() -> Iterator[Breach]:
    """V9: every stored file's row has its file, of the same size and SHA-256."""
    for proof in ProofFile.objects.order_by("pk").iterator(chunk_size=500):
        row = f"proof {proof.pk} ({proof.file.name})"
        try:
            size, sha256 = _measure(proof.file.name)
        except FileNotFoundError:
            yield Breach("V9", row, "the file is gone")
            continue
        if size != proof.size:
            yield Breach("V9", row, f"has {size} bytes, stored were {proof.size}")
        elif sha256 != proof.sha256:
            yield Breach("V9", row, "its content has changed")


def _measure(name: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with default_storage.open(name) as file:
        for chunk in file.chunks(CHUNK_BYTES):
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()
