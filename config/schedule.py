"""The regular jobs and when they run; ``accounts.jobs`` keeps when they last did."""

from celery.schedules import crontab

_EVERY_MINUTE = {"schedule": 60.0, "options": {"expires": 60}}


def jobs(*, polls_mailbox: bool) -> dict[str, dict]:
    """For Celery's beat; the mailbox is asked only where there is one."""
    mailbox = {"poll-mailbox": {"task": "tickets.tasks.poll_mailbox", **_EVERY_MINUTE}} if polls_mailbox else {}
    return {
        "sweep-outbox": {"task": "accounts.tasks.sweep_outbox", **_EVERY_MINUTE},
        "expire-carts": {"task": "cart.tasks.delete_expired_carts", "schedule": 3600.0},
        "run-billing": {"task": "billing.tasks.run_billing", "schedule": 3600.0},
        "close-tickets": {"task": "tickets.tasks.close_silent_tickets", "schedule": 3600.0},
        "escalate-tickets": {"task": "tickets.tasks.escalate_tickets", "schedule": 300.0, "options": {"expires": 300}},
        "sweep-inbound": {"task": "tickets.tasks.sweep_inbound", "schedule": 120.0, "options": {"expires": 120}},
        "forget-presence": {"task": "tickets.tasks.forget_presence", "schedule": 3600.0},
        "remind-of-appointments": {
            "task": "onboarding.tasks.remind_of_appointments",
            "schedule": 900.0,
            "options": {"expires": 900},
        },
        "send-digests": {"task": "onboarding.tasks.send_digests", "schedule": 3600.0, "options": {"expires": 3600}},
        "verify-ledger": {"task": "billing.tasks.verify_ledger", "schedule": crontab(hour=3, minute=30)},
        "remove-orphans": {"task": "billing.tasks.remove_orphaned_files", "schedule": crontab(hour=4, minute=15)},
        **mailbox,
    }
