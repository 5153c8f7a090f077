"""What the customer needs (M7): saved as a draft, submitted, and printed as the URD, which is then signed.

A case's questions are a copy of its template's (``Requirement.fields``). Answers are kept as they are typed, by key: a draft
need not be complete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import User
from accounts.texts import Text
from billing import uploads
from onboarding import access, changes, documents, papers, progress, transitions
from onboarding.models import Case, Change, Document, Requirement, RequirementField, StageKey
from onboarding.refusals import AlreadySubmitted, CaseStopped, NotAllowed, SomebodySaved

Kind = RequirementField.Kind
YES, NO = "yes", "no"
_YES_NO = {YES: Text("Ya", "Yes"), NO: Text("Tidak", "No")}

Answers = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One question of a case's form. ``choices`` are both languages' words; the Indonesian ones are kept as the answer."""

    key: str
    kind: str
    label: Text
    help: Text
    choices: Sequence[Text]
    required: bool

    def written(self, answer: str) -> Text:
        """A kept answer as people read it."""
        if not answer:
            return Text("")
        if self.kind == Kind.YES_NO:
            return _YES_NO.get(answer, Text(answer))
        if self.kind == Kind.CHOICE:
            return next((choice for choice in self.choices if choice.id == answer), Text(answer))
        if self.kind == Kind.DATE:
            return _day(answer)
        return Text(answer)


def _day(answer: str) -> Text:
    try:
        day = date.fromisoformat(answer)
    except ValueError:
        return Text(answer)
    with translation.override("id"):
        indonesian = dates.long_date(day)
    with translation.override("en"):
        return Text(indonesian, dates.long_date(day))


def questions(requirement: Requirement) -> list[Question]:
    return [
        Question(
            key=field["key"],
            kind=field["kind"],
            label=Text(field["label_id"], field.get("label_en", "")),
            help=Text(field.get("help_id", ""), field.get("help_en", "")),
            choices=[_choice(line) for line in field.get("choices", "").splitlines() if line.strip()],
            required=field.get("required", True),
        )
        for field in requirement.fields
    ]


def _choice(line: str) -> Text:
    """``Bulanan | Monthly``."""
    indonesian, _bar, english = (part.strip() for part in line.partition("|"))
    return Text(indonesian, english)


@transaction.atomic
def save_draft(*, requirement: Requirement, answers: Answers, actor: User, seen: datetime | None) -> None:
    """Keep what was answered so far, complete or not.

    ``seen`` is when the answers on the page were saved. Raises ``SomebodySaved``, ``AlreadySubmitted``, ``CaseStopped`` and
    ``NotAllowed``; then nothing was changed.
    """
    _begin(requirement, actor, seen)
    _keep(requirement, answers, actor)


def _begin(requirement: Requirement, actor: User, seen: datetime | None) -> None:
    """Keep the case and its form until the transaction ends."""
    transitions.hold(requirement.case)
    requirement.refresh_from_db(fields=["status", "saved_at", "saved_by", "answers", "document"])
    if not Case.objects.visible_to(actor).filter(pk=requirement.case_id).exists():
        raise NotAllowed(_("Peran Anda tidak mengisi formulir produk ini."))
    if requirement.status != Requirement.Status.DRAFT:
        raise AlreadySubmitted
    if requirement.case.status == Case.Status.STOPPED:
        raise CaseStopped(requirement.case)
    if requirement.saved_at != seen:
        raise SomebodySaved(requirement)


def _keep(requirement: Requirement, answers: Answers, actor: User) -> None:
    requirement.answers = dict(answers)
    requirement.saved_at, requirement.saved_by = timezone.now(), actor
    requirement.save(update_fields=["answers", "saved_at", "saved_by"])


def submit(*, requirement: Requirement, answers: Answers, actor: User, seen: datetime | None) -> Document:
    """Send the complete answers: they become the URD, or its next version after staff opened the form again.

    The form checks the answers. The same form sent again returns the first's document. Raises what ``save_draft`` raises
    and ``uploads.CannotStore``; then nothing was changed.
    """
    requirement.refresh_from_db()
    if _is_repeated(requirement, answers, actor):
        return requirement.document
    version = documents.newest_version(requirement.document).number + 1 if requirement.document_id else 1
    paper = papers.RequirementPaper(
        case=requirement.case,
        version=version,
        submitted_on=timezone.localdate(),
        submitted_by=actor,
        answers=[(one.label, one.written(answers.get(one.key, ""))) for one in questions(requirement)],
    )
    file = papers.as_file(paper.file_name, paper.render())
    try:
        with uploads.stored([file], documents.FOLDER) as [name], transaction.atomic():
            return _submit(requirement, answers, actor, seen, version, file, name)
    except AlreadySubmitted:
        requirement.refresh_from_db()
        if _is_repeated(requirement, answers, actor):
            return requirement.document
        raise


def _is_repeated(requirement: Requirement, answers: Answers, actor: User) -> bool:
    return (
        requirement.status == Requirement.Status.SUBMITTED
        and requirement.saved_by_id == actor.pk
        and requirement.answers == dict(answers)
    )


def _submit(requirement: Requirement, answers: Answers, actor: User, seen, version: int, file, name: str) -> Document:
    _begin(requirement, actor, seen)
    _keep(requirement, answers, actor)
    case = requirement.case
    if requirement.document_id:
        document = requirement.document
        documents.insert_version(document=document, file=file, name=name, actor=actor, seen=version - 1, by_hand=False)
    else:
        with translation.override(case.language):
            title = _("Dokumen kebutuhan (URD)")
        document = documents.insert(
            case=case,
            kind=Document.Kind.URD,
            title=title,
            file=file,
            name=name,
            actor=actor,
            needs_signature=True,
            stage=case.stages.filter(key=StageKey.REQUIREMENT_GATHERING).first(),
            settle=False,
        )
    transitions.move(
        requirement, Requirement.Status.SUBMITTED, actor=actor, submitted_at=timezone.now(), document=document
    )
    changes.record(case=case, kind=Change.Kind.REQUIREMENTS, actor=actor, stage=document.stage, document=document)
    progress.settle(case)
    return document


@transaction.atomic
def reopen(*, requirement: Requirement, actor: User, reason: str = "") -> None:
    """Let the customer change the answers; what they submit next is the URD's next version, to be signed again.

    ``reason`` is staff's to read. Raises ``NotAllowed``, ``CaseStopped`` and ``InvalidTransition``.
    """
    case = requirement.case
    access.require_work(actor, case)
    transitions.hold(case)
    if case.status == Case.Status.STOPPED:
        raise CaseStopped(case)
    transitions.move(requirement, Requirement.Status.DRAFT, actor=actor, note=reason)
    changes.record(
        case=case,
        kind=Change.Kind.REQUIREMENTS_ASKED,
        actor=actor,
        stage=case.stages.filter(key=StageKey.REQUIREMENT_GATHERING).first(),
    )
    progress.settle(case)
