"""The regular jobs and when they run; ``accounts.jobs`` keeps when they last did."""

from celery.schedules import crontab

from accounts.imap import Address

_EVERY_MINUTE = {"schedule": 60.0, "options": {"expires": 60}}
_EVERY_FIVE_MINUTES = {"schedule": 300.0, "options": {"expires": 300}}


def jobs(*, tickets: Address | None, folder: str, statements: Address | None) -> dict[str, dict]:
    """For Celery's beat; mailboxes are asked and the folder of statements is looked into only where there is one."""
    by_setting = {
        "poll-mailbox": (tickets, {"task": "tickets.tasks.poll_mailbox", **_EVERY_MINUTE}),
        "collect-statements": (folder, {"task": "billing.tasks.collect_statements", **_EVERY_FIVE_MINUTES}),
        "poll-statements": (statements, {"task": "billing.tasks.poll_statements", **_EVERY_FIVE_MINUTES}),
    }
    return {
        "sweep-outbox": {"task": "accounts.tasks.sweep_outbox", **_EVERY_MINUTE},
        "expire-carts": {"task": "cart.tasks.delete_expired_carts", "schedule": 3600.0},
        "run-billing": {"task": "billing.tasks.run_billing", "schedule": 3600.0},
        "close-tickets": {"task": "tickets.tasks.close_silent_tickets", "schedule": 3600.0},
        "escalate-tickets": {"task": "tickets.tasks.escalate_tickets", **_EVERY_FIVE_MINUTES},
        "sweep-inbound": {"task": "tickets.tasks.sweep_inbound", "schedule": 120.0, "options": {"expires": 120}},
        "forget-presence": {"task": "tickets.tasks.forget_presence", "schedule": 3600.0},
        "remind-of-appointments": {
            "task": "onboarding.tasks.remind_of_appointments",
            "schedule": 900.0,
            "options": {"expires": 900},
        },
        "send-digests": {"task": "onboarding.tasks.send_digests", "schedule": 3600.0, "options": {"expires": 3600}},
        "sweep-attempts": {"task": "billing.tasks.sweep_attempts", **_EVERY_MINUTE},
        "verify-ledger": {"task": "billing.tasks.verify_ledger", "schedule": crontab(hour=3, minute=30)},
        "remove-orphans": {"task": "billing.tasks.remove_orphaned_files", "schedule": crontab(hour=4, minute=15)},
        "sweep-statements": {"task": "billing.tasks.sweep_statements", **_EVERY_MINUTE},
        **{name: job for name, (is_used, job) in by_setting.items() if is_used},
    }
