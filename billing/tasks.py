"""Tasks of billing: each reads the day once and calls."""

from celery import shared_task
from django.utils import timezone

from billing import unpaid_orders


@shared_task
def cancel_unpaid_orders() -> dict[str, int]:
    """Warn and cancel unpaid orders (O3); returns how many."""
    report = unpaid_orders.cancel_unpaid(timezone.localdate())
    return {"warned": report.warned, "cancelled": report.cancelled, "failed": report.failed}
