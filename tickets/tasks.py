"""Tasks of tickets: each reads the clock once and calls."""

from celery import shared_task
from django.utils import timezone

from accounts import jobs
from tickets import automation, escalation


@shared_task
def close_silent_tickets() -> dict[str, int]:
    """Warn and close what customers leave unanswered (Q1); returns how many."""
    report = automation.close_silent_tickets(timezone.now())
    jobs.record(jobs.CLOSE_TICKETS, succeeded=not report.failed, summary=str(report.failed))
    return {"warned": report.warned, "closed": report.closed, "failed": report.failed}


@shared_task
def escalate_tickets() -> dict[str, int]:
    """Apply the escalation rules; returns how many tickets they were applied to."""
    report = escalation.escalate(timezone.now())
    jobs.record(jobs.ESCALATE_TICKETS, succeeded=not report.failed, summary=str(report.failed))
    return {"escalated": report.escalated, "failed": report.failed}


@shared_task
def forget_presence() -> int:
    """Remove what tells of staff who left a ticket's page long ago; returns how many rows."""
    return automation.forget_presence(timezone.now())
