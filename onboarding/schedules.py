"""A case's schedule as its customer reads it: what is next, what comes, what is over."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone

from onboarding.models import Appointment, Case, Document, PicAssignment

Status = Appointment.Status


@dataclass(frozen=True)
class Schedule:
    """``coming`` begins with the next one, ``over`` with the last one."""

    coming: list[Appointment]
    over: list[Appointment]

    @property
    def is_empty(self) -> bool:
        return not (self.coming or self.over)

    @property
    def sessions(self) -> list[Appointment]:
        """The training's, but for those that were called off."""
        everything = [*self.over, *self.coming]
        return [one for one in everything if one.kind == Appointment.Kind.TRAINING and one.status != Status.CANCELLED]

    @property
    def sessions_held(self) -> int:
        return sum(one.status == Status.DONE for one in self.sessions)


def of_case(case: Case, now: datetime | None = None) -> Schedule:
    """In two queries more than one, however many there are: materials and the stages' PICs are read along."""
    now = now or timezone.now()
    materials = Prefetch("materials", Document.objects.exclude(status=Document.Status.WITHDRAWN).order_by("pk"))
    pics = Prefetch("stage__assignments", PicAssignment.objects.filter(ended_at=None).select_related("pic"), "pics")
    found = list(
        case.appointments.select_related("stage").prefetch_related(materials, pics).order_by("starts_at", "pk")
    )
    coming = [one for one in found if one.status == Status.SCHEDULED and one.ends_at > now]
    over = [one for one in found if one not in coming]
    return Schedule(coming, over[::-1])
