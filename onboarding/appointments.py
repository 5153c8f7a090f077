"""Calls, meetings, training sessions and reviews: made, moved, held, missed, called off (ON6).

Each change holds the case's row first, so that whatever staff does at once to one case comes after one another; ``seen`` is
the appointment's ``sequence`` as the page showed it, and grows with each change.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import office_hours
from accounts.models import Shop, User
from onboarding import access, changes, facts, progress, reminders, transitions
from onboarding.models import Appointment, Case, Change, Stage
from onboarding.models.templates import Completion
from onboarding.refusals import AppointmentChanged, NotOpen, StageIsOver

Kind, Status = Change.Kind, Appointment.Status


@transaction.atomic
def schedule(
    *,
    case: Case,
    stage: Stage,
    kind: str,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    time_zone: str,
    place: str = "",
    link: str = "",
    actor: User,
    key: uuid.UUID | None,
) -> Appointment:
    """Agree a time with the customer; the same form (``key``) sent again returns the first's appointment.

    Raises ``NotAllowed``, ``NotOpen`` for a case that stopped, and ``ValidationError`` for times that are over or end before
    they begin, and for neither place nor link.
    """
    made = _insert(case, stage, actor, key, **_clean(kind, title, starts_at, ends_at, time_zone, place, link))
    if made is None:
        return Appointment.objects.get(submission_key=key)
    transitions.began(made, actor=actor)
    _told(made, Kind.SCHEDULED, actor)
    return made


@transaction.atomic
def add_held(
    *,
    case: Case,
    stage: Stage,
    kind: str,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    time_zone: str,
    place: str = "",
    link: str = "",
    outcome: str = "",
    actor: User,
    key: uuid.UUID | None,
) -> Appointment:
    """Write down what took place without having been scheduled, such as a call. Raises as ``schedule`` does."""
    fields = _clean(kind, title, starts_at, ends_at, time_zone, place, link, held=True)
    made = _insert(case, stage, actor, key, **fields, status=Status.DONE, outcome=outcome.strip())
    if made is None:
        return Appointment.objects.get(submission_key=key)
    transitions.began(made, actor=actor)
    _told(made, Kind.APPOINTMENT_DONE, actor)
    return made


def _insert(case: Case, stage: Stage, actor: User, key: uuid.UUID | None, **fields) -> Appointment | None:
    """``None`` where the form came before."""
    _hold_open(case, actor)
    if stage.case_id != case.pk:
        raise ValueError(f"stage {stage.pk} is not of case {case.pk}")
    if key and Appointment.objects.filter(submission_key=key).exists():
        return None
    zone, starts_at = fields["time_zone"], fields["starts_at"]
    return Appointment.objects.create(
        case=case,
        stage=stage,
        submission_key=key,
        created_by=actor,
        reminded_at=reminders.said_already(starts_at, zone),
        **fields,
    )


@transaction.atomic
def reschedule(*, appointment: Appointment, starts_at: datetime, ends_at: datetime, actor: User, seen: int) -> None:
    """Another time for one that is to come or was missed. Raises ``NotAllowed``, ``NotOpen``, ``AppointmentChanged``,
    ``InvalidTransition`` and ``ValidationError``.
    """
    _check_times(starts_at, ends_at)
    _hold_open(appointment.case, actor)
    _see(appointment, seen)
    _move_to(appointment, starts_at, ends_at, actor)
    progress.settle(appointment.case)


@transaction.atomic
def shift(*, appointments: Sequence[Appointment], days: int, actor: User, skip_days_off: bool = False) -> None:
    """Move several by days, their clock time kept; all of them or none.

    With ``skip_days_off`` those that would fall on a weekend or holiday go on to the next working day. The appointments are
    as the page showed them. Raises what ``reschedule`` raises.
    """
    # In one order whoever comes, so that two who hold cases never wait for each other.
    for appointment in sorted(appointments, key=lambda one: (one.case_id, one.pk)):
        seen = appointment.sequence
        _hold_open(appointment.case, actor)
        _see(appointment, seen)
        starts_at = _days_later(appointment, days, skip_days_off)
        ends_at = starts_at + (appointment.ends_at - appointment.starts_at)
        _check_times(starts_at, ends_at)
        _move_to(appointment, starts_at, ends_at, actor)
    for case in {one.case_id: one.case for one in appointments}.values():
        progress.settle(case)


def _days_later(appointment: Appointment, days: int, skip_days_off: bool) -> datetime:
    local = appointment.starts_at.astimezone(appointment.zone)
    day = local.date() + timedelta(days=days)
    if skip_days_off:
        day = office_hours.working_day_from(day, office_hours.OfficeHours.of_shop(Shop.current()))
    return datetime.combine(day, local.time(), appointment.zone)


def _move_to(appointment: Appointment, starts_at: datetime, ends_at: datetime, actor: User) -> None:
    """The state stays or comes back from missed; the event's note keeps the time before."""
    with translation.override(settings.LANGUAGE_CODE):
        before = appointment.when
    fields = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "sequence": F("sequence") + 1,
        "reminded_at": reminders.said_already(starts_at, appointment.time_zone),
    }
    if appointment.status == Status.SCHEDULED:
        Appointment.objects.filter(pk=appointment.pk).update(**fields)
        transitions.remark(appointment, "rescheduled", actor=actor, note=before)
        _refresh(appointment)
    else:
        transitions.move(
            appointment, Status.SCHEDULED, actor=actor, note=before, only_if=Q(status=Status.MISSED), **fields
        )
    changes.record(case=appointment.case, kind=Kind.RESCHEDULED, actor=actor, appointment=appointment)


@transaction.atomic
def cancel(*, appointment: Appointment, actor: User, seen: int) -> None:
    """Call it off. Raises ``NotAllowed``, ``AppointmentChanged``, ``InvalidTransition``."""
    _end(appointment, Status.CANCELLED, Kind.CANCELLED, actor, seen)


@transaction.atomic
def finish(*, appointment: Appointment, actor: User, seen: int, outcome: str = "") -> None:
    """It took place; ``outcome`` is for the customer to read. Of a stage that ends with its appointments the last one
    moves the case on. Raises ``NotAllowed``, ``AppointmentChanged``, ``InvalidTransition``.
    """
    _end(appointment, Status.DONE, Kind.APPOINTMENT_DONE, actor, seen, outcome=outcome.strip())


@transaction.atomic
def miss(*, appointment: Appointment, actor: User, seen: int) -> None:
    """It did not take place. Raises ``NotAllowed``, ``AppointmentChanged``, ``InvalidTransition``."""
    _end(appointment, Status.MISSED, Kind.MISSED, actor, seen)


def _end(appointment: Appointment, to: str, kind: str, actor: User, seen: int, **fields) -> None:
    _hold(appointment.case, actor)
    _see(appointment, seen)
    transitions.move(appointment, to, actor=actor, sequence=F("sequence") + 1, **fields)
    _told(appointment, kind, actor)


@transaction.atomic
def set_outcome(*, appointment: Appointment, outcome: str, actor: User, seen: int) -> None:
    """What came of one that took place, written or corrected afterwards. Raises ``NotAllowed``, ``AppointmentChanged``."""
    _hold(appointment.case, actor)
    _see(appointment, seen)
    if appointment.status != Status.DONE:
        raise transitions.InvalidTransition(appointment, Status.DONE)
    Appointment.objects.filter(pk=appointment.pk).update(outcome=outcome.strip(), sequence=F("sequence") + 1)
    transitions.remark(appointment, "outcome", actor=actor)
    _refresh(appointment)
    changes.record(case=appointment.case, kind=Kind.APPOINTMENT_DONE, actor=actor, appointment=appointment)
    progress.settle(appointment.case)


@transaction.atomic
def take_back(*, appointment: Appointment, actor: User, seen: int) -> None:
    """It was marked held or missed by mistake: it is to come again, at the same time.

    Raises ``NotAllowed``, ``NotOpen``, ``AppointmentChanged``, ``InvalidTransition``, and ``StageIsOver`` where the case
    moved on because it was held: the stage comes back first.
    """
    _hold_open(appointment.case, actor)
    _see(appointment, seen)
    stage = appointment.stage
    stage.refresh_from_db(fields=["status"])
    if stage.completion == Completion.EVENTS_DONE and stage.status == Stage.Status.DONE:
        raise StageIsOver(stage)
    transitions.move(appointment, Status.SCHEDULED, actor=actor, sequence=F("sequence") + 1, outcome="")
    changes.record(case=appointment.case, kind=Kind.RESCHEDULED, actor=actor, appointment=appointment)
    progress.settle(appointment.case)


@transaction.atomic
def cancel_coming(*, case: Case, actor: User | None) -> list[Appointment]:
    """Call off what has not begun, since the case stops; returns what was. The caller, who holds the case and tells
    customers that it stopped, settles it; the email about that has the changed calendar files.
    """
    coming = list(case.appointments.filter(status=Status.SCHEDULED, starts_at__gt=timezone.now()).order_by("pk"))
    for appointment in coming:
        transitions.move(appointment, Status.CANCELLED, actor=actor, sequence=F("sequence") + 1)
        changes.record(case=case, kind=Kind.CANCELLED, actor=actor, appointment=appointment)
    return coming


def _told(appointment: Appointment, kind: str, actor: User) -> None:
    """Write the change down; what it means for its stage and case follows."""
    case, stage = appointment.case, appointment.stage
    changes.record(case=case, kind=kind, actor=actor, appointment=appointment)
    if case.status == Case.Status.ACTIVE and stage.completion == Completion.EVENTS_DONE and facts.is_met(stage):
        progress.satisfy(case=case, completion=Completion.EVENTS_DONE, actor=actor, stage=stage)
    progress.settle(case)


def _hold(case: Case, actor: User) -> None:
    access.require_work(actor, case)
    transitions.hold(case)


def _hold_open(case: Case, actor: User) -> None:
    _hold(case, actor)
    if case.status == Case.Status.STOPPED:
        raise NotOpen(case)


def _see(appointment: Appointment, seen: int) -> None:
    """Read it afresh, the case being held. Raises ``AppointmentChanged`` if it is not what the page showed."""
    _refresh(appointment)
    if appointment.sequence != seen:
        raise AppointmentChanged(appointment)


def _refresh(appointment: Appointment) -> None:
    """Keeps the case and stage that were read along."""
    names = ["starts_at", "ends_at", "sequence", "status", "outcome", "reminded_at"]
    appointment.refresh_from_db(fields=names)


def _clean(
    kind: str,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    time_zone: str,
    place: str,
    link: str,
    *,
    held: bool = False,
) -> dict[str, object]:
    _check_times(starts_at, ends_at, held=held)
    place, link = place.strip(), link.strip()
    if not (place or link):
        raise ValidationError({"link": _("Isi tautan rapat atau tempatnya.")})
    fields = {
        "kind": kind,
        "title": title.strip(),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "time_zone": time_zone,
        "place": place,
        "link": link,
    }
    Appointment(**fields).clean_fields(exclude={"case", "stage", "status", "outcome"})
    return fields


def _check_times(starts_at: datetime, ends_at: datetime, *, held: bool = False) -> None:
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": _("Isi waktu selesai yang lebih lambat daripada waktu mulai.")})
    now = timezone.now()
    if held and starts_at > now:
        raise ValidationError({"starts_at": _("Waktu ini belum tiba: jadwalkan saja.")})
    if not held and ends_at <= now:
        raise ValidationError({"starts_at": _("Waktu ini sudah lewat. Pilih waktu yang akan datang.")})
