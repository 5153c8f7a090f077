"""Moving a demo case and everything that belongs to it into the past, day for day: what no service does."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models

from billing.models import Service
from onboarding import settling
from onboarding.models import (
    Appointment,
    AppointmentEvent,
    Case,
    DocumentEvent,
    DocumentVersion,
    PicAssignment,
    Quotation,
    Requirement,
    RequirementEvent,
    Signature,
    Stage,
    StageEvent,
)

_EVENT = ("at",)


def move_into_the_past(case: Case, by: timedelta) -> None:
    """The order of the case stays where it is, but for the day on which its service was activated."""
    if not by:
        return
    service = Service.objects.filter(onboarding_case=case, activated_at__isnull=False)
    for rows, fields in (
        (Case.objects.filter(pk=case.pk), ("opened_at", "stopped_at", "live_at")),
        (case.events.all(), _EVENT),
        (Stage.objects.filter(case=case), ("entered_at", "done_at", "due_on")),
        (StageEvent.objects.filter(stage__case=case), _EVENT),
        (PicAssignment.objects.filter(stage__case=case), ("started_at", "ended_at")),
        (Appointment.objects.filter(case=case), ("starts_at", "ends_at", "created_at", "reminded_at")),
        (AppointmentEvent.objects.filter(appointment__case=case), _EVENT),
        (case.documents.all(), ("created_at", "sent_at", "signed_at", "received_at")),
        (DocumentVersion.objects.filter(document__case=case), ("created_at",)),
        (DocumentEvent.objects.filter(document__case=case), _EVENT),
        (Signature.objects.filter(version__document__case=case), ("signed_at", "refused_at")),
        (Quotation.objects.filter(case=case), ("valid_until", "accepted_at")),
        (Requirement.objects.filter(case=case), ("saved_at", "submitted_at")),
        (RequirementEvent.objects.filter(requirement__case=case), _EVENT),
        (case.changes.all(), _EVENT),
        (case.updates.all(), ("created_at",)),
        (case.notes.all(), ("created_at",)),
        (case.ratings.all(), _EVENT),
        (service, ("activated_at",)),
        *((one.events.filter(to_status=Service.Status.ACTIVE), _EVENT) for one in service),
    ):
        _shift(rows, fields, by)
    settling.settle(case)


def _shift(rows: Iterable[models.Model], fields: Iterable[str], by: timedelta) -> None:
    for row in list(rows):
        changes = {name: value - by for name in fields if (value := getattr(row, name)) is not None}
        type(row)._base_manager.filter(pk=row.pk).update(**changes)
