"""Regular jobs write down that they ran; the staff's health page reads it."""

from django.utils import timezone

from accounts.models import JobRun

SWEEP_OUTBOX = "sweep-outbox"
RUN_BILLING = "run-billing"
SWEEP_ATTEMPTS = "sweep-attempts"
VERIFY_LEDGER = "verify-ledger"
REMOVE_ORPHANS = "remove-orphans"
CLOSE_TICKETS = "close-tickets"
ESCALATE_TICKETS = "escalate-tickets"
SWEEP_INBOUND = "sweep-inbound"
POLL_MAILBOX = "poll-mailbox"
SWEEP_STATEMENTS = "sweep-statements"
COLLECT_STATEMENTS = "collect-statements"
POLL_STATEMENTS = "poll-statements"
REMIND_OF_APPOINTMENTS = "remind-of-appointments"
SEND_DIGESTS = "send-digests"


def record(name: str, *, succeeded: bool = True, summary: str = "") -> None:
    """The job has just run; ``summary`` is how many things it found wrong or worth telling. Its earlier run is forgotten."""
    JobRun.objects.update_or_create(
        name=name, defaults={"finished_at": timezone.now(), "succeeded": succeeded, "summary": summary[:250]}
    )
