"""The check of all books, kept: when it ran and what it found, for the staff's start page."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import jobs
from billing import ledger, notices
from billing.models import LedgerCheck

logger = logging.getLogger(__name__)

# As many findings are kept as somebody reads; how many there were is counted.
MOST_KEPT = 100
# It runs every night; later than this, one was missed.
LATE_AFTER = timedelta(hours=26)


def check_books(tell: Callable[[str], object] = lambda _breach: None) -> LedgerCheck:
    """Ask whether the books agree (V1 to V9), write down what does not, and email it to the shop.

    Each finding goes to the log and to ``tell`` as it is met: a check that is killed has said what it saw.
    """
    check = LedgerCheck.objects.create()
    for breach in ledger.verify():
        check.count += 1
        logger.error("The ledger does not agree: %s", breach)
        tell(str(breach))
        if check.count <= MOST_KEPT:
            check.breaches.append({"rule": breach.rule, "row": breach.row, "message": breach.message})
    _finish(check)
    return check


@transaction.atomic
def _finish(check: LedgerCheck) -> None:
    check.finished_at = timezone.now()
    check.save(update_fields=["finished_at", "breaches", "count"])
    jobs.record(jobs.VERIFY_LEDGER, succeeded=not check.count, summary=str(check.count))
    if check.count:
        notices.books_disagree(check)


def last() -> LedgerCheck | None:
    """The newest check that went through to its end."""
    return LedgerCheck.objects.exclude(finished_at=None).first()


def is_late(check: LedgerCheck | None, now: datetime) -> bool:
    return check is None or now - check.finished_at > LATE_AFTER
