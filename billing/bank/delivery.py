"""Statements that arrive by themselves: each is kept as it came, then taken in by what is known of its account.

What cannot be taken in waits for staff with the reason, and is never lost. The same file again changes nothing, by any road.
"""

import hashlib
import logging

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts import outbox
from billing.bank import importing, settling, whose
from billing.bank.rows import StatementError
from billing.models import BankAccount, StatementImport

logger = logging.getLogger(__name__)


def deliver(*, name: str, content: bytes, road: str, account: BankAccount | None, problem: str = "") -> StatementImport:
    """Keep a file and take it in; ``problem`` says why it cannot be, where that is clear already.

    It was taken in where the returned row has ``imported_at``. Doing it again, such as after a crash, goes on where it was.
    """
    imported = _known(content, account)
    if imported is None:
        imported = importing.keep(account=account, name=name, content=content, road=road, problem=problem)
    elif account is not None and importing.say_whose(imported=imported, account=account):
        imported.refresh_from_db()
    if account is not None and not problem:
        try_to_take_in(imported)
    return imported


def tell_of(*, name: str, mark: str, road: str, account: BankAccount | None, problem: str) -> StatementImport:
    """A file that is not kept, such as one that is too large: staff sees that it came, once per ``mark``."""
    row, _made = StatementImport.objects.get_or_create(
        sha256=hashlib.sha256(f"{road}:{name}:{mark}".encode()).hexdigest(),
        file="",
        defaults={"road": road, "source": name[-120:], "account": account, "problem": problem[:500]},
    )
    return row


def _known(content: bytes, account: BankAccount | None) -> StatementImport | None:
    """The same bytes as they came before, of this account or without one, taken in rather than not.

    What staff only looks at is theirs.
    """
    same = StatementImport.objects.filter(sha256=hashlib.sha256(content).hexdigest()).exclude(file="")
    same = same.exclude(road=StatementImport.Road.UPLOAD, imported_at=None)
    if account is not None:
        same = same.filter(Q(account=account) | Q(account=None))
    return same.order_by(F("imported_at").asc(nulls_first=True), "pk").last()


def try_to_take_in(imported: StatementImport) -> bool:
    """Whether it is taken in by now; where it cannot be, the row says why."""
    if imported.imported_at or imported.put_aside_at:
        return bool(imported.imported_at)
    try:
        content = importing.content_of(imported)
        whose.agrees(content, imported.account)
        reading = importing.read(content, imported.account)
    except (StatementError, whose.Unclear) as refusal:
        return _wait(imported, str(refusal))
    except Exception as error:
        # Whatever a reader did not expect of a file must not stop the files after it.
        logger.exception("Statement %s could not be read", imported.pk)
        return _wait(imported, f"{type(error).__name__}: {error}")
    if not reading.rows:
        return _wait(
            imported, _("Kolom berkas ini belum dikenal. Pilih kolomnya sekali; berkas berikutnya terbaca sendiri.")
        )
    with transaction.atomic():
        importing.take_in(imported=imported, reading=reading, actor=None)
        transaction.on_commit(lambda: settling.tell_worker(imported.pk))
    imported.refresh_from_db()
    return True


def _wait(imported: StatementImport, problem: str) -> bool:
    imported.problem = problem[:500]
    imported.save(update_fields=["problem"])
    return False


def tell_worker_of_columns(account_id: int) -> None:
    """Have what waited for them read again soon, at best: staff finds it on the list, too."""
    # Here and not above: the task calls this module.
    from billing.tasks import take_waiting_statements

    outbox.tell_worker(take_waiting_statements, account_id)


def take_waiting(account_id: int) -> int:
    """Take in what waited for the account's columns, now that staff has chosen them; returns how many files."""
    waiting = StatementImport.objects.to_decide().filter(account=account_id).exclude(file="")
    return sum(try_to_take_in(one) for one in waiting.select_related("account"))
