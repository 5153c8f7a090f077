"""Tasks of onboarding: each reads the clock once and calls."""

from celery import shared_task
from django.utils import timezone

from accounts import jobs
from onboarding import digests, reminders


@shared_task
def remind_of_appointments() -> dict[str, int]:
    """Remind of tomorrow's appointments; returns of how many."""
    report = reminders.remind(timezone.now())
    jobs.record(jobs.REMIND_OF_APPOINTMENTS, succeeded=not report.failed, summary=str(report.failed))
    return {"reminded": report.reminded, "failed": report.failed}


@shared_task
def send_digests() -> dict[str, int]:
    """Send what waits for those who want one email a day; returns how many emails."""
    report = digests.send(timezone.now())
    jobs.record(jobs.SEND_DIGESTS, succeeded=not report.failed, summary=str(report.failed))
    return {"sent": report.sent, "failed": report.failed}
