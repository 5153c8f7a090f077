"""The day before a call or session its people are reminded of it, once (ON6)."""

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from onboarding import notices
from onboarding.models import Appointment, Case

logger = logging.getLogger(__name__)

FROM = time(9)
# The longest that 09.00 of the day before can lie before an appointment: its day may begin at 09.00 and end at midnight.
EARLIEST = timedelta(hours=39)


@dataclass
class Report:
    reminded: int = 0
    failed: int = 0


def due_from(starts_at: datetime, time_zone: str) -> datetime:
    """09.00 of the day before, by the clock of the appointment."""
    zone = ZoneInfo(time_zone)
    return datetime.combine(starts_at.astimezone(zone).date() - timedelta(days=1), FROM, zone)


def said_already(starts_at: datetime, time_zone: str) -> datetime | None:
    """Now, for what is agreed so late that its own email does as the reminder."""
    now = timezone.now()
    return now if due_from(starts_at, time_zone) <= now else None


def remind(now: datetime) -> Report:
    """Remind of every appointment that is near enough and to come. One failure stops nothing else."""
    report = Report()
    near = Appointment.objects.filter(
        status=Appointment.Status.SCHEDULED, reminded_at=None, starts_at__gt=now, starts_at__lte=now + EARLIEST
    ).exclude(case__status=Case.Status.STOPPED)
    # All of them first: on SQLite a query that is still being read would be in the way of writing.
    for appointment in list(near.select_related("case__customer").order_by("starts_at", "pk")):
        if due_from(appointment.starts_at, appointment.time_zone) > now:
            continue
        try:
            report.reminded += _remind(appointment, now)
        except Exception:
            logger.exception("Nobody could be reminded of appointment %s", appointment.pk)
            report.failed += 1
    return report


@transaction.atomic
def _remind(appointment: Appointment, now: datetime) -> int:
    """The update decides who of two runs does, and that it is still what was read: not moved, held or called off."""
    as_read = Appointment.objects.filter(
        pk=appointment.pk, status=Appointment.Status.SCHEDULED, reminded_at=None, sequence=appointment.sequence
    )
    if not as_read.update(reminded_at=now):
        return 0
    notices.remind(appointment)
    return 1
