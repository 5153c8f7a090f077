"""By when stages are expected: from the day a stage begins, target by target; days that staff promised stay."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from onboarding import transitions
from onboarding.models import Case, Stage, StageEvent

PROMISED = "due_changed"


def plan(case: Case) -> None:
    """The days of every stage of a case that was just opened."""
    _plan(case.stages.all(), timezone.localdate(case.opened_at))


def plan_after(stage: Stage) -> None:
    """The days of the stages that come after the current one, which begins or is promised for another day."""
    _plan(_later(stage), stage.due_on or timezone.localdate())


def due_when_entered(stage: Stage, today: date) -> date | None:
    """The target of a stage that begins today; the day that staff promised stays while it is ahead."""
    if stage.due_on and stage.due_on >= today and stage.events.filter(kind=PROMISED).exists():
        return stage.due_on
    return _target(stage, today)


def promise(stage: Stage, due_on: date | None, actor: User) -> None:
    """Staff's own day, which later planning keeps; the event's note says what it was before."""
    before = stage.due_on.isoformat() if stage.due_on else ""
    stage.due_on = due_on
    stage.save(update_fields=["due_on"])
    transitions.remark(stage, PROMISED, actor=actor, note=before)
    _plan(_later(stage), due_on or timezone.localdate())


def _target(stage: Stage, start: date) -> date | None:
    return start + timedelta(days=stage.target_days) if stage.target_days else None


def _later(stage: Stage) -> Iterable[Stage]:
    """In the order of ``Stage.Meta``: two stages may have the same ``sort``."""
    promised = StageEvent.objects.filter(stage=OuterRef("pk"), kind=PROMISED)
    stages = list(Stage.objects.filter(case=stage.case_id).annotate(is_promised=Exists(promised)))
    return stages[stages.index(stage) + 1 :]


def _plan(stages: Iterable[Stage], start: date) -> None:
    """One after another; only those that have not begun and that nobody promised."""
    planned = []
    for stage in stages:
        if stage.status != Stage.Status.UPCOMING:
            continue
        if not getattr(stage, "is_promised", False):
            stage.due_on = _target(stage, start)
            planned.append(stage)
        start = max(start, stage.due_on or start)
    Stage.objects.bulk_update(planned, ["due_on"])
