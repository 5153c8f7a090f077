"""Tasks of billing: each reads the day once and calls."""

from celery import shared_task
from django.utils import timezone

from accounts import jobs
from billing import checks, daily, orphans


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
