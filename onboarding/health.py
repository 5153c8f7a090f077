"""How a running case stands: on track, at risk or delayed. Said of one row, and asked of the database for lists."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.models import Case

WARN_DAYS = 2


class Level(models.TextChoices):
    DELAYED = "delayed", gettext_lazy("Terlambat")
    AT_RISK = "at_risk", gettext_lazy("Berisiko")
    ON_TRACK = "on_track", gettext_lazy("Sesuai rencana")


@dataclass(frozen=True)
class Finding:
    """``reasons`` are words for staff, the weightiest first; ``level`` is ``None`` for what does not run."""

    level: Level | None
    reasons: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return str(self.level.label) if self.level else ""


def of(case: Case, today: date) -> Finding:
    """Read from the case's own row: no query."""
    if case.status != Case.Status.ACTIVE:
        return Finding(None)
    late, risky = _late(case, today), _risky(case, today)
    if late:
        return Finding(Level.DELAYED, (*late, *risky))
    return Finding(Level.AT_RISK, risky) if risky else Finding(Level.ON_TRACK)


def _late(case: Case, today: date) -> tuple[str, ...]:
    reasons = []
    if case.stage_due_on and case.stage_due_on < today:
        reasons.append(_("Tahap melewati targetnya."))
    # Our own turn is due with its stage: said once.
    if case.turn_due_on and case.turn_due_on < today and case.turn_due_on != case.stage_due_on:
        customer = case.turn == Case.Turn.CUSTOMER
        reasons.append(_("Pelanggan melewati tenggatnya.") if customer else _("Kami melewati tenggat."))
    return tuple(reasons)


def _risky(case: Case, today: date) -> tuple[str, ...]:
    reasons = []
    if case.pic_id is None:
        reasons.append(_("Belum ada PIC."))
    if case.stage_due_on and today <= case.stage_due_on <= today + timedelta(days=WARN_DAYS):
        reasons.append(_("Target tahap sudah dekat."))
    if case.turn == Case.Turn.US and case.next_event_at and case.next_event_at < _start_of(today):
        reasons.append(_("Jadwal yang sudah lewat belum ditandai."))
    return tuple(reasons)


def filtered(queryset: QuerySet[Case], level: str, today: date) -> QuerySet[Case]:
    """The running cases of which ``of`` finds that level."""
    running = queryset.filter(status=Case.Status.ACTIVE)
    late = Q(stage_due_on__isnull=False, stage_due_on__lt=today) | Q(turn_due_on__isnull=False, turn_due_on__lt=today)
    near = Q(stage_due_on__isnull=False, stage_due_on__gte=today, stage_due_on__lte=today + timedelta(days=WARN_DAYS))
    unmarked = Q(turn=Case.Turn.US, next_event_at__isnull=False, next_event_at__lt=_start_of(today))
    risky = Q(pic=None) | near | unmarked
    if level == Level.DELAYED:
        return running.filter(late)
    # "NOT NULL < date" is neither true nor false in SQL; the tests for null above keep it two-valued.
    return running.filter(~late & risky) if level == Level.AT_RISK else running.filter(~late & ~risky)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
