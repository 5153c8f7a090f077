"""Many rows into the database without holding them all in memory."""

from collections.abc import Iterable
from itertools import islice

BATCH = 5_000


def in_batches(rows: Iterable) -> None:
    """Insert rows of one model, ``BATCH`` at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        type(batch[0]).objects.bulk_create(batch)
