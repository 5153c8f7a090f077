"""Tasks of the outbox: each fetches and calls."""

from celery import shared_task

from accounts import delivery, jobs

SWEEP_SECONDS = 60


@shared_task
def deliver(email_id: int) -> None:
    delivery.deliver(email_id)


@shared_task
def sweep_outbox() -> int:
    """Hand out what the nudges missed; returns how many."""
    waiting = delivery.due_for_sweep()
    for email_id in waiting:
        # The next sweep hands out again what no worker took by then: a day without workers leaves no heap of tasks.
        deliver.apply_async([email_id], expires=SWEEP_SECONDS)
    jobs.record(jobs.SWEEP_OUTBOX, summary=str(len(waiting)))
    return len(waiting)
