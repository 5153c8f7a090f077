"""Taking a bank statement in: looked at first, then each of its lines written once, however often it is imported (U2)."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from billing.bank import messages, tables, twins
from billing.bank.rows import Row, StatementError
from billing.models import BankAccount, Feed, StatementImport, StatementLine, StatementTwin

ENDINGS = (".csv", ".txt", ".sta", ".940", ".mt940", ".xml")
MAX_BYTES = 5 * 1024 * 1024
BATCH = 500
KEYS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Reading:
    """A file as it is understood. ``table`` and ``columns`` are there for CSV only."""

    rows: Sequence[Row]
    feed: str
    table: tables.Table | None = None
    columns: tables.Columns | None = None


def read(content: bytes, account: BankAccount, columns: tables.Columns | None = None) -> Reading:
    """By what the file is, not by its name. A table is read by ``columns``, else by the account's, else by a known bank's.

    Raises ``StatementError``.
    """
    if messages.is_camt(content):
        return Reading(_of(account, messages.read_camt(content)), Feed.CAMT)
    if messages.is_mt940(content):
        return Reading(_of(account, messages.read_mt940(content)), Feed.MT940)
    table = tables.read_table(content)
    columns = columns or _kept(account, table) or tables.guess(table)
    if columns is None:
        return Reading((), Feed.CSV, table)
    return Reading(_of(account, tables.read(table, columns)), Feed.CSV, table, columns)


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


def check(name: str, size: int) -> None:
    """Raises ``StatementError`` for a file that is too large, or no statement by its name."""
    if size > MAX_BYTES:
        raise StatementError(_("Berkas lebih besar dari 5 MB. Unduh mutasi untuk waktu yang lebih pendek."))
    if PurePosixPath(name.lower()).suffix not in ENDINGS:
        raise StatementError(_("Unggah mutasi sebagai CSV, MT940 (.sta, .txt) atau CAMT.053 (.xml)."))


def upload(*, account: BankAccount, file: UploadedFile, actor: User) -> StatementImport:
    """Keep a file to look at. Raises ``StatementError`` for one that is too large or no statement by its name."""
    check(file.name, file.size)
    return keep(account=account, name=file.name, content=file.read(), road=StatementImport.Road.UPLOAD, actor=actor)


def keep(
    *,
    account: BankAccount | None,
    name: str,
    content: bytes,
    road: str,
    actor: User | None = None,
    problem: str = "",
) -> StatementImport:
    """A file as it came, under a name that nobody can guess; nothing of it is taken in."""
    made = StatementImport(
        account=account,
        road=road,
        source=name[-120:],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
        problem=problem[:500],
    )
    made.file.save(f"{get_random_string(32)}.txt", ContentFile(content), save=False)
    made.save()
    return made


def content_of(imported: StatementImport) -> bytes:
    with imported.file.open("rb") as file:
        return file.read()


@transaction.atomic
def take_in(*, imported: StatementImport, reading: Reading, actor: User | None) -> list[int]:
    """Write the lines that are not there yet and return their ids; money that went out and nothing is left out.

    A second call for the same import changes nothing. The columns are kept for the account's next file. Recognising the
    lines is for afterwards (``settling.recognise_import``).
    """
    now = timezone.now()
    hold(imported.account)
    untaken = StatementImport.objects.filter(pk=imported.pk, imported_at=None)
    if not untaken.update(imported_at=now, put_aside_at=None, put_aside_by=None, problem=""):
        return []
    incoming = [row for row in reading.rows if row.amount > 0 and row.currency == "IDR"]
    new, known = sort_out(imported.account, reading.feed, dict(zip(keys(incoming), incoming, strict=True)))
    lines = write(imported, reading.feed, new, actor=actor)
    imported.counts = {
        "new": len(lines),
        "known": known,
        "ignored": len(reading.rows) - len(incoming),
    }
    imported.columns = reading.columns and reading.columns.to_json()
    imported.imported_at = now
    imported.save(update_fields=["counts", "columns"])
    if reading.columns:
        BankAccount.objects.filter(pk=imported.account_id).update(statement_columns=imported.columns)
    return [line.pk for line in lines]


def hold(account: BankAccount) -> None:
    """One delivery of an account after another: two that overlap would both find a line missing."""
    BankAccount.objects.filter(pk=account.pk).update(sort=models.F("sort"))


def sort_out(account: BankAccount, feed: str, keyed: Mapping[str, Row]) -> tuple[dict[str, Row], int]:
    """What of a delivery is not written yet, by its key, and how many of its rows are.

    The account is held. A row that another feed told of is known, and remembered under this feed's key (``twins``).
    """
    lines = {line.key: line for line in _with_keys(StatementLine.objects.filter(account=account), keyed)}
    twins_of_account = StatementTwin.objects.filter(account=account).select_related("line")
    told = {twin.key: twin for twin in _with_keys(twins_of_account, keyed)}
    others = twins.Others(account, feed, (row.booked_on for row in keyed.values()))
    # What another feed told in the very same words has its key here, but is no line that this feed still has to tell of.
    same = {key: line for key, line in lines.items() if key not in told and others.drop(line)}
    for twin in told.values():
        others.drop(twin.line)
    new = {}
    for key, row in keyed.items():
        if key in lines or key in told:
            continue
        if line := others.take(row):
            same[key] = line
        else:
            new[key] = row
    StatementTwin.objects.bulk_create(
        [StatementTwin(line=line, account=account, feed=feed, key=key) for key, line in same.items()], batch_size=BATCH
    )
    return new, len(keyed) - len(new)


def _with_keys(rows: models.QuerySet, keys: Collection[str]) -> Iterator[StatementLine | StatementTwin]:
    """In several queries where there are many: SQLite takes some ten thousand values at once."""
    listed = list(keys)
    for start in range(0, len(listed), KEYS_AT_ONCE):
        yield from rows.filter(key__in=listed[start : start + KEYS_AT_ONCE])


def write(
    imported: StatementImport,
    feed: str,
    new: Mapping[str, Row],
    *,
    actor: User | None,
    by_hand: bool = False,
    note: str = "",
) -> list[StatementLine]:
    """The lines with their first events; ``by_hand`` leaves them to staff whatever they say."""
    lines = [_line(imported, feed, key, row, by_hand) for key, row in new.items()]
    StatementLine.objects.bulk_create(lines, batch_size=BATCH)
    transitions.began(*lines, actor=actor, note=note)
    return lines


@transaction.atomic
def put_aside(*, imported: StatementImport, actor: User) -> bool:
    """Staff does not want it taken in; false where it was taken in or put aside meanwhile."""
    waiting = StatementImport.objects.filter(pk=imported.pk, imported_at=None, put_aside_at=None)
    return bool(waiting.update(put_aside_at=timezone.now(), put_aside_by=actor))


@transaction.atomic
def say_whose(*, imported: StatementImport, account: BankAccount) -> bool:
    """Staff says which account a delivery is of; false where that was known by then."""
    return bool(
        StatementImport.objects.filter(pk=imported.pk, account=None, imported_at=None).update(
            account=account, problem=""
        )
    )


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


def _line(imported: StatementImport, feed: str, key: str, row: Row, by_hand: bool) -> StatementLine:
    return StatementLine(
        account=imported.account,
        imported=imported,
        feed=feed,
        key=key,
        booked_on=row.booked_on,
        currency=row.currency,
        amount=row.amount,
        payer=row.payer[:140],
        text=row.text[:600],
        balance=row.balance,
        by_hand=by_hand,
    )
