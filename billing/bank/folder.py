"""Statements as files: ``STATEMENTS_DIR/<account>/<file>``, put there by a bank's client, SFTP or a script.

A file is claimed by renaming it into ``working/``, which one process alone can do, and ends in ``done/``, or in ``failed/``
where staff has to look; what a process that died had claimed is claimed anew.
"""

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from billing.bank import delivery, importing, whose
from billing.bank.rows import StatementError
from billing.models import BankAccount, StatementImport

logger = logging.getLogger(__name__)

ROAD = StatementImport.Road.FOLDER
WORKING, DONE, FAILED = "working", "done", "failed"
# Younger ones may still be written to; some programs say so by the name.
YOUNGEST = timedelta(seconds=60)
UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp", ".swp")
CLAIM_IS_LOST_AFTER = timedelta(minutes=10)
_CLAIMED_AT = "%Y%m%dT%H%M%S"
# In one run; the next one goes on.
MOST_FILES = 100


@dataclass
class Report:
    """``waiting`` are files that staff has to look at, ``failed`` those that a fault of this machine kept back."""

    taken: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Claimed:
    """A file that is this process's alone, and its name as it came."""

    path: Path
    name: str

    def move(self, to: str) -> None:
        """Into a folder beside ``working/``, under its claim's name: no other file has that."""
        target = self.path.parent.parent / to
        target.mkdir(exist_ok=True)
        self.path.rename(target / self.path.name)


def collect(now: datetime) -> Report:
    """Take in every file that is ready. One file's failure stops no other.

    Raises ``OSError`` where the folder itself cannot be used.
    """
    report = Report()
    root = Path(settings.STATEMENTS_DIR)
    root.mkdir(parents=True, exist_ok=True)
    _make_folders(root)
    for folder in [root, *_folders(root)]:
        for path in _ready(folder, now):
            if report.taken + report.waiting + report.failed >= MOST_FILES:
                return report
            try:
                claimed = _claim(path, folder, now)
                if claimed is None:
                    continue
                is_taken = _take(claimed, folder if folder != root else None)
                claimed.move(DONE if is_taken else FAILED)
            except Exception:
                logger.exception("Statement %s could not be taken in; it is tried again", path)
                report.failed += 1
            else:
                report.taken += is_taken
                report.waiting += not is_taken
    return report


def _make_folders(root: Path) -> None:
    """One for each account, so that people see where its files go; what is paid by QRIS comes into one of them."""
    for account in BankAccount.objects.filter(active=True, qris_payload=""):
        if account.digits and not (root / account.digits).is_dir():
            (root / whose.folder_of(account)).mkdir(exist_ok=True)


def _folders(root: Path) -> list[Path]:
    own = {WORKING, DONE, FAILED}
    return sorted(
        Path(entry.path)
        for entry in os.scandir(root)
        if entry.is_dir(follow_symlinks=False) and entry.name not in own and not entry.name.startswith(".")
    )


def _ready(folder: Path, now: datetime) -> Iterator[Path]:
    """What nobody has claimed and nobody writes to, and what was claimed long ago, oldest first."""
    found = sorted(_files(folder, now) | _abandoned(folder, now))
    yield from (path for _at, path in found)


def _files(folder: Path, now: datetime) -> set[tuple[float, Path]]:
    found = set()
    for entry in os.scandir(folder):
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode) or entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
            continue
        # A time that lies ahead is another machine's clock, and says nothing.
        if abs(now.timestamp() - status.st_mtime) >= YOUNGEST.total_seconds():
            found.add((status.st_mtime, Path(entry.path)))
    return found


def _abandoned(folder: Path, now: datetime) -> set[tuple[float, Path]]:
    working = folder / WORKING
    if not working.is_dir():
        return set()
    claims = ((_claimed_at(path), path) for path in working.iterdir())
    return {(at.timestamp(), path) for at, path in claims if at and now - at >= CLAIM_IS_LOST_AFTER}


def _claimed_at(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name.partition(".")[0], _CLAIMED_AT).replace(tzinfo=UTC)
    except ValueError:
        # No claim of this shop.
        return None


def _claim(path: Path, folder: Path, now: datetime) -> Claimed | None:
    """``None`` where another process was faster."""
    name = path.name.split(".", 2)[2] if path.parent.name == WORKING else path.name
    working = folder / WORKING
    working.mkdir(exist_ok=True)
    target = working / f"{now.astimezone(UTC):{_CLAIMED_AT}}.{get_random_string(8)}.{name[-120:]}"
    try:
        path.rename(target)
    except FileNotFoundError:
        return None
    return Claimed(target, name)


def _take(claimed: Claimed, folder: Path | None) -> bool:
    """Whether the file is taken in; else staff finds it with the reason. ``folder`` is the account's, if it lies in one."""
    status = claimed.path.stat()
    where = f"{folder.name}/{claimed.name}" if folder else claimed.name
    account, problem = _account(folder)
    try:
        importing.check(claimed.name, status.st_size)
    except StatementError as refusal:
        mark = f"{status.st_size}:{status.st_mtime}"
        delivery.tell_of(name=where, mark=mark, road=ROAD, account=account, problem=str(refusal))
        return False
    content = claimed.path.read_bytes()
    if folder is None:
        account, problem = _account_of(claimed.name, content)
    row = delivery.deliver(name=where, content=content, road=ROAD, account=account, problem=problem)
    return bool(row.imported_at)


def _account(folder: Path | None) -> tuple[BankAccount | None, str]:
    if folder is None:
        return None, ""
    try:
        return whose.of_folder(folder.name), ""
    except whose.Unclear as unclear:
        return None, str(unclear)


def _account_of(name: str, content: bytes) -> tuple[BankAccount | None, str]:
    try:
        return whose.of_texts([name], content), ""
    except whose.Unclear as unclear:
        return None, _("%(reason)s Taruh berkasnya di folder rekeningnya.") % {"reason": unclear}
