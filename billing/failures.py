"""What the daily run could not do: one open row per step and subject, until it works or staff lets go of it."""

import logging
from collections.abc import Callable, Collection
from typing import TypeVar

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from billing.models import BillingFailure

logger = logging.getLogger(__name__)
LONGEST_ERROR = 2_000

Result = TypeVar("Result")


def guarded(step: str, subject: str, act: Callable[[], Result], *, customer_id: int | None = None) -> Result | None:
    """Run ``act``; what it raises is written down for staff and stops nothing (``None``), what works settles it."""
    try:
        result = act()
    except Exception as error:
        logger.exception("The daily run failed at %s of %s", step, subject)
        note(step, subject, error, customer_id=customer_id)
        return None
    settle(step, subject)
    return result


@transaction.atomic
def note(step: str, subject: str, error: Exception, *, customer_id: int | None = None) -> None:
    words = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    failure, made = BillingFailure.objects.get_or_create(
        step=step, subject=subject, settled_at=None, defaults={"error": words, "customer_id": customer_id}
    )
    if not made:
        BillingFailure.objects.filter(pk=failure.pk).update(
            error=words, last_at=timezone.now(), times=models.F("times") + 1
        )


def settle(step: str, subject: str, actor: User | None = None) -> bool:
    """It works now, or staff says that nothing is left to do; true if it had failed."""
    return bool(
        BillingFailure.objects.filter(step=step, subject=subject, settled_at=None).update(
            settled_at=timezone.now(), settled_by=actor
        )
    )


def settle_many(step: str, subjects: Collection[str]) -> None:
    BillingFailure.objects.filter(step=step, subject__in=subjects, settled_at=None).update(settled_at=timezone.now())
