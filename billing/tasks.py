"""Tasks of billing: each reads the day once and calls."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts import jobs
from accounts.imap import MailboxError
from billing import attempts, checks, daily, orphans
from billing.attempts import refunding, working
from billing.bank import delivery, folder, mail, settling

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 60


@shared_task
def run_billing() -> dict[str, dict[str, int]]:
    """Every hour: what is due by now (S5, O3); returns the counts by step."""
    run = daily.run(timezone.localdate())
    jobs.record(jobs.RUN_BILLING, succeeded=not run.failed, summary=str(run.failed))
    return run.counts


@shared_task
def verify_ledger() -> int:
    """Every night: whether the books agree (V1 to V9); returns how many breaches the staff's pages and the log name."""
    return checks.check_books().count


@shared_task
def remove_orphaned_files() -> dict[str, int]:
    """Every day: remove stored files that no row names; returns how many went, and how many could not be removed."""
    report = orphans.remove_orphans(timezone.now())
    jobs.record(jobs.REMOVE_ORPHANS, succeeded=not report.failed, summary=str(report.failed))
    return {"removed": report.removed, "failed": report.failed}


@shared_task
def recognise_import(import_id: int) -> dict[str, int] | None:
    """Settle what a bank statement brought (U3); returns how many lines, and how many could not be read for a fault."""
    report = settling.recognise_import(import_id)
    return report and {"matched": report.matched, "failed": report.failed}


@shared_task
def sweep_statements() -> int:
    """Hand out the imports that no worker heard of, or whose worker died; returns how many."""
    waiting = settling.left_over(timezone.now())
    for import_id in waiting:
        # The next sweep hands out again what no worker took by then.
        recognise_import.apply_async([import_id], expires=SWEEP_SECONDS)
    jobs.record(jobs.SWEEP_STATEMENTS, summary=str(len(waiting)))
    return len(waiting)


@shared_task
def take_waiting_statements(account_id: int) -> int:
    """Read again what waited for an account's columns; returns how many files are taken in."""
    return delivery.take_waiting(account_id)


@shared_task
def collect_statements() -> dict[str, int]:
    """Take in the files of ``STATEMENTS_DIR``; returns how many."""
    try:
        report = folder.collect(timezone.now())
    except OSError as error:
        logger.warning("The folder of statements cannot be used: %s", error)
        report = folder.Report(failed=1)
    jobs.record(jobs.COLLECT_STATEMENTS, succeeded=not report.failed, summary=str(report.failed))
    return {"taken": report.taken, "waiting": report.waiting, "failed": report.failed}


@shared_task
def poll_statements() -> dict[str, int]:
    """Fetch the statements that came to the mailbox; returns how many emails."""
    try:
        report = mail.poll()
    except MailboxError as error:
        logger.warning("The mailbox of statements could not be asked: %s", error)
        report = mail.Report(failed=1)
    jobs.record(jobs.POLL_STATEMENTS, succeeded=not report.failed, summary=str(report.failed))
    return {"received": report.received, "ignored": report.ignored, "failed": report.failed}


@shared_task
def run_attempt(attempt_id: int) -> None:
    """Do what an attempt to be paid by a provider has to do next."""
    working.run(attempt_id)


@shared_task
def send_refund(refund_id: int) -> None:
    """Have a provider send credit back to its payer."""
    refunding.run(refund_id)


@shared_task
def sweep_attempts() -> int:
    """Every minute: close attempts that nobody wants any more, and hand out those that have something to do, refunds too."""
    attempts.cancel_stale()
    for refund_id in refunding.due():
        send_refund.apply_async([refund_id], expires=SWEEP_SECONDS)
    waiting = working.due()
    for attempt_id in waiting:
        run_attempt.apply_async([attempt_id], expires=SWEEP_SECONDS)
    jobs.record(jobs.SWEEP_ATTEMPTS, summary=str(len(waiting)))
    return len(waiting)
