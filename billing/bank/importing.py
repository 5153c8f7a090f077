"""Taking a bank statement in: looked at first, then each of its lines written once, however often it is imported (U2)."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.models import User
from billing import transitions
from billing.bank import messages, tables
from billing.bank.rows import Row, StatementError
from billing.models import BankAccount, StatementImport, StatementLine

ENDINGS = (".csv", ".txt", ".sta", ".940", ".mt940", ".xml")
MAX_BYTES = 5 * 1024 * 1024
BATCH = 500


@dataclass(frozen=True)
class Reading:
    """A file as it is understood. ``table`` and ``columns`` are there for CSV only."""

    rows: Sequence[Row]
    table: tables.Table | None = None
    columns: tables.Columns | None = None


def read(content: bytes, account: BankAccount, columns: tables.Columns | None = None) -> Reading:
    """By what the file is, not by its name. A table is read by ``columns``, else by the account's, else by a known bank's.

    Raises ``StatementError``.
    """
    if messages.is_camt(content):
        return Reading(_of(account, messages.read_camt(content)))
    if messages.is_mt940(content):
        return Reading(_of(account, messages.read_mt940(content)))
    table = tables.read_table(content)
    columns = columns or _kept(account, table) or tables.guess(table)
    if columns is None:
        return Reading((), table)
    return Reading(_of(account, tables.read(table, columns)), table, columns)


def table_of(content: bytes) -> tables.Table | None:
    """The cells of a CSV file, for choosing its columns; ``None`` for the standard formats. Raises ``StatementError``."""
    if messages.is_camt(content) or messages.is_mt940(content):
        return None
    return tables.read_table(content)


def _of(account: BankAccount, rows: Sequence[Row]) -> Sequence[Row]:
    if not rows:
        raise StatementError(_("Berkas ini tidak berisi mutasi."))
    return rows


def _kept(account: BankAccount, table: tables.Table) -> tables.Columns | None:
    """The mapping that staff confirmed for this account, where the file still has its columns."""
    columns = account.statement_columns and tables.Columns.from_json(account.statement_columns)
    return columns if columns and table.has(columns) else None


def upload(*, account: BankAccount, file: UploadedFile, actor: User) -> StatementImport:
    """Keep a file to look at. Raises ``StatementError`` for one that is too large or no statement by its name."""
    if file.size > MAX_BYTES:
        raise StatementError(_("Berkas lebih besar dari 5 MB. Unduh mutasi untuk waktu yang lebih pendek."))
    if PurePosixPath(file.name.lower()).suffix not in ENDINGS:
        raise StatementError(_("Unggah mutasi sebagai CSV, MT940 (.sta, .txt) atau CAMT.053 (.xml)."))
    content = file.read()
    made = StatementImport(
        account=account,
        source=file.name[-120:],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
    )
    made.file.save(f"{get_random_string(32)}.txt", ContentFile(content), save=False)
    made.save()
    return made


@transaction.atomic
def take_in(*, imported: StatementImport, reading: Reading, actor: User | None) -> list[int]:
    """Write the lines that are not there yet and return their ids; money that went out and nothing is left out.

    A second call for the same import changes nothing. The columns are kept for the account's next file.
    """
    now = timezone.now()
    # One file of an account after another: two that overlap would both find a line missing.
    BankAccount.objects.filter(pk=imported.account_id).update(sort=models.F("sort"))
    if not StatementImport.objects.filter(pk=imported.pk, imported_at=None).update(imported_at=now):
        return []
    incoming = [row for row in reading.rows if row.amount > 0 and row.currency == "IDR"]
    keyed = dict(zip(keys(incoming), incoming, strict=True))
    known = set(StatementLine.objects.filter(account=imported.account, key__in=keyed).values_list("key", flat=True))
    lines = [_line(imported, key, row) for key, row in keyed.items() if key not in known]
    StatementLine.objects.bulk_create(lines, batch_size=BATCH)
    transitions.began(*lines, actor=actor)
    imported.counts = {
        "new": len(lines),
        "known": len(known),
        "ignored": len(reading.rows) - len(incoming),
    }
    imported.columns = reading.columns and reading.columns.to_json()
    imported.imported_at = now
    imported.save(update_fields=["counts", "columns"])
    if reading.columns:
        BankAccount.objects.filter(pk=imported.account_id).update(statement_columns=imported.columns)
    return [line.pk for line in lines]


def keys(rows: Sequence[Row]) -> Iterator[str]:
    """What makes each row itself (U2): the bank's id with day and amount, else all that it says, running balance included.

    Rows that say the very same are numbered, so that two equal transfers are two; a statement that holds a day holds all of
    it, so the same file and an overlapping one number them alike.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        said = (row.bank_id,) if row.bank_id else (row.payer, row.text, f"{row.balance}")
        told = "\x1f".join([row.booked_on.isoformat(), f"{row.amount:f}", *(" ".join(one.split()) for one in said)])
        digest = hashlib.sha256(told.encode()).hexdigest()
        seen[digest] += 1
        yield digest if seen[digest] == 1 else f"{digest}:{seen[digest]}"


def _line(imported: StatementImport, key: str, row: Row) -> StatementLine:
    return StatementLine(
        account=imported.account,
        imported=imported,
        key=key,
        booked_on=row.booked_on,
        currency=row.currency,
        amount=row.amount,
        payer=row.payer[:140],
        text=row.text[:600],
        balance=row.balance,
    )
