"""Tasks of tickets: each reads the clock once and calls."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts import jobs
from accounts.imap import MailboxError
from tickets import automation, escalation, imap, inbound

logger = logging.getLogger(__name__)


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
def process_inbound(email_id: int) -> None:
    inbound.process(email_id)


@shared_task
def sweep_inbound() -> int:
    """Work on the emails that no worker heard of, or that met a fault; returns how many."""
    waiting = inbound.left_over(timezone.now())
    for email_id in waiting:
        inbound.process(email_id)
    jobs.record(jobs.SWEEP_INBOUND, summary=str(len(waiting)))
    return len(waiting)


@shared_task
def poll_mailbox() -> dict[str, int]:
    """Fetch what came to the mailbox; returns how many emails."""
    try:
        report = imap.poll()
    except MailboxError as error:
        logger.warning("The mailbox could not be asked: %s", error)
        report = imap.Report(failed=1)
    jobs.record(jobs.POLL_MAILBOX, succeeded=not report.failed, summary=str(report.failed))
    return {"received": report.received, "failed": report.failed}


@shared_task
def forget_presence() -> int:
    """Remove what tells of staff who left a ticket's page long ago; returns how many rows."""
    return automation.forget_presence(timezone.now())
