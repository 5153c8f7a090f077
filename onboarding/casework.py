"""Everything that staff does on a case's page in one submit: all of it in one transaction, or nothing."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import uploads
from billing.uploads import AcceptedFile
from onboarding import access, appointments, documents, pics, progress, transitions, updates
from onboarding.models import Appointment, Case, Document, InternalNote, PublicUpdate, Stage
from onboarding.refusals import OnboardingRefused, SomebodyWasFaster
from onboarding.settling import current_stage


@dataclass(frozen=True, kw_only=True)
class NewAppointment:
    stage: Stage
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    kind: str
    title: str
    file: AcceptedFile
    needs_signature: bool = False
    stage: Stage | None = None
    appointment: Appointment | None = None


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the form asks for; what is empty is left alone. ``pic`` and ``due_on`` are of the stage that is moved to, or of
    the current one; they count where ``assigns`` and ``promises`` say so, since nobody and no day can be chosen too.
    """

    to: Stage | None = None
    reason: str = ""
    assigns: bool = False
    pic: User | None = None
    promises: bool = False
    due_on: date | None = None
    appointment: NewAppointment | None = None
    document: NewDocument | None = None
    update: str = ""
    note: str = ""

    @property
    def is_about_the_stage(self) -> bool:
        return bool(self.to or self.assigns or self.promises)


class _Repeated(Exception):
    """The form came before: what was stored for this one goes."""


def carry_out(*, case: Case, work: Work, actor: User, seen: int | None, key: uuid.UUID) -> None:
    """Do it all; the same form (``key``) sent again does nothing more. ``seen`` is the stage that was current on the page.

    Raises ``OnboardingRefused``, ``InvalidTransition``, ``ValidationError`` and ``uploads.CannotStore``; then nothing was
    changed and no file is left.
    """
    files = [work.document.file] if work.document else []
    try:
        with uploads.stored(files, documents.FOLDER) as names, transaction.atomic():
            _carry_out(case, work, names, actor, seen, key)
    except _Repeated:
        return


def _carry_out(case: Case, work: Work, names: list[str], actor: User, seen: int | None, key: uuid.UUID) -> None:
    access.require_work(actor, case)
    transitions.hold(case)
    if _came_before(case, key):
        raise _Repeated
    if work.document:
        _require_new(case, work.document)
    stage = current_stage(case)
    if work.is_about_the_stage and (stage and stage.pk) != seen:
        raise SomebodyWasFaster(case, stage)
    _write(case, work, actor, key)
    if work.appointment:
        appointments.schedule(case=case, actor=actor, key=key, **vars(work.appointment))
    if work.document:
        documents.insert(case=case, name=names[0], actor=actor, **vars(work.document))
    # Before the move: afterwards the case may be another team's. A stage that is entered finds its PIC and its day.
    _prepare(work.to or stage, work, actor)
    if work.to:
        progress.move(case=case, to=work.to, actor=actor, seen=seen, reason=work.reason)


def _came_before(case: Case, key: uuid.UUID) -> bool:
    keyed = (Appointment, PublicUpdate, InternalNote)
    return any(model.objects.filter(case=case, submission_key=key).exists() for model in keyed)


def _require_new(case: Case, document: NewDocument) -> None:
    """A document has no key of its own: its content says whether it came before."""
    shown = Document.objects.filter(case=case).exclude(status=Document.Status.WITHDRAWN)
    same = shown.filter(versions__sha256=document.file.sha256, title=document.title).first()
    if same:
        raise OnboardingRefused(_("Berkas yang sama sudah ada di onboarding ini: “%(title)s”.") % {"title": same})


def _write(case: Case, work: Work, actor: User, key: uuid.UUID) -> None:
    if work.update:
        updates.publish(case=case, actor=actor, body=work.update, key=key)
    if work.note:
        updates.add_note(case=case, actor=actor, body=work.note, key=key)


def _prepare(stage: Stage | None, work: Work, actor: User) -> None:
    if stage is None:
        return
    if work.assigns:
        pics.assign(stage=stage, pic=work.pic, actor=actor)
    if work.promises:
        progress.set_due(stage=stage, due_on=work.due_on, actor=actor)
