"""Documents of a case (ON5): shared with the customer, in versions, some of them to be signed.

A file is stored before the transaction and its rows are written inside it. ``share`` and ``add_version`` do both; who does
more in the same transaction opens ``billing.uploads.stored([file], FOLDER)`` and calls ``insert`` or ``insert_version``.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from billing import uploads
from billing.uploads import AcceptedFile
from onboarding import access, changes, progress, transitions
from onboarding.models import (
    Appointment,
    Case,
    Change,
    Document,
    DocumentVersion,
    Quotation,
    Requirement,
    Stage,
    StageKey,
)
from onboarding.models.templates import Completion
from onboarding.refusals import MadeByTheShop, NewerVersion, OfAnotherCase, Withdrawn

Status = Document.Status
FOLDER = "onboarding/documents"
KINDS = (*uploads.PROOFS, uploads.TEXT)
MAX_BYTES = 10 * uploads.MEGABYTE
# A quotation and a URD are made by services of their own.
BY_HAND = (Document.Kind.CONTRACT, Document.Kind.MATERIAL, Document.Kind.OTHER)


def visible_to(user: User) -> QuerySet[Document]:
    """What the person may read: documents of the cases that their roles open (ON3), but for those that were taken back."""
    return Document.objects.filter(case__in=Case.objects.visible_to(user)).exclude(status=Status.WITHDRAWN)


def newest_version(document: Document) -> DocumentVersion:
    return document.versions.order_by("-number").first()


def share(
    *,
    case: Case,
    kind: str,
    title: str,
    file: AcceptedFile,
    actor: User | None,
    needs_signature: bool = False,
    stage: Stage | None = None,
    appointment: Appointment | None = None,
) -> Document:
    """Show the customer a document, and with ``needs_signature`` ask them to sign it.

    Raises ``OnboardingRefused`` and ``uploads.CannotStore``; then no row and no file is left.
    """
    with uploads.stored([file], FOLDER) as [name], transaction.atomic():
        return insert(
            case=case,
            kind=kind,
            title=title,
            file=file,
            name=name,
            actor=actor,
            needs_signature=needs_signature,
            stage=stage,
            appointment=appointment,
        )


@transaction.atomic
def insert(
    *,
    case: Case,
    kind: str,
    title: str,
    file: AcceptedFile,
    name: str,
    actor: User | None,
    needs_signature: bool = False,
    stage: Stage | None = None,
    appointment: Appointment | None = None,
    settle: bool = True,
) -> Document:
    """The rows of a new document whose file is stored as ``name``; with ``settle`` off the caller settles the case."""
    transitions.hold(case)
    for part in (stage, appointment):
        if part is not None and part.case_id != case.pk:
            raise OfAnotherCase
    document = Document.objects.create(
        case=case,
        stage=stage or (appointment.stage if appointment else None),
        appointment=appointment,
        kind=kind,
        title=title,
        needs_signature=needs_signature,
        status=Status.SENT if needs_signature else Status.SHARED,
        sent_at=timezone.now() if needs_signature else None,
    )
    transitions.began(document, actor=actor)
    _insert_file(document, 1, file, name, actor)
    changes.record(case=case, kind=Change.Kind.DOCUMENT, actor=actor, stage=document.stage, document=document)
    if settle:
        progress.settle(case)
    return document


def add_version(*, document: Document, file: AcceptedFile, actor: User | None, seen: int) -> DocumentVersion:
    """Put a newer file in place of the one that was ``seen`` (its number). What was signed was the older one: it is asked
    for again.

    Raises ``NewerVersion`` where somebody was faster, ``Withdrawn``, ``uploads.CannotStore``; then nothing was changed.
    """
    with uploads.stored([file], FOLDER) as [name], transaction.atomic():
        return insert_version(document=document, file=file, name=name, actor=actor, seen=seen)


@transaction.atomic
def insert_version(
    *, document: Document, file: AcceptedFile, name: str, actor: User | None, seen: int, by_hand: bool = True
) -> DocumentVersion:
    """The rows of a newer version whose file is stored as ``name``; ``by_hand`` is off for what the shop makes itself."""
    hold(document, seen=seen)
    if by_hand:
        _refuse_made(document)
    if document.needs_signature:
        _ask_again(document, actor)
    version = _insert_file(document, seen + 1, file, name, actor)
    if not document.needs_signature:
        transitions.remark(document, "new_version", actor=actor, note=str(version.number))
    changes.record(case=document.case, kind=Change.Kind.DOCUMENT, actor=actor, stage=document.stage, document=document)
    progress.settle(document.case)
    return version


def _refuse_made(document: Document) -> None:
    if (
        Quotation.objects.filter(document=document.pk).exists()
        or Requirement.objects.filter(document=document.pk).exists()
    ):
        raise MadeByTheShop(document)


def _ask_again(document: Document, actor: User | None) -> None:
    """Sent, and nothing else: the signatures stay with the versions that they are of."""
    now = timezone.now()
    if document.status == Status.SENT:
        Document.objects.filter(pk=document.pk).update(sent_at=now)
        document.refresh_from_db()
        transitions.remark(document, "new_version", actor=actor)
    else:
        transitions.move(document, Status.SENT, actor=actor, sent_at=now, signed_at=None, received_at=None)


def hold(document: Document, *, seen: int | None = None) -> DocumentVersion:
    """Keep the case and its documents until the transaction ends, and return the newest version.

    Every change of a document begins so: two that come at once go one after the other. Raises ``Withdrawn``, and
    ``NewerVersion`` where the newest is not the one that was ``seen``.
    """
    transitions.hold(document.case)
    document.refresh_from_db(fields=["status", "sent_at", "signed_at", "received_at", "title"])
    if document.status == Status.WITHDRAWN:
        raise Withdrawn(document)
    version = newest_version(document)
    if seen is not None and version.number != seen:
        raise NewerVersion(version)
    return version


def _insert_file(document: Document, number: int, file: AcceptedFile, name: str, actor: User | None) -> DocumentVersion:
    return DocumentVersion.objects.create(
        document=document,
        number=number,
        file=name,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        created_by=actor,
    )


@transaction.atomic
def withdraw(*, document: Document, actor: User, reason: str = "") -> None:
    """Take a document back: the customer does not see it any more. ``reason`` is staff's to read.

    Raises ``Withdrawn``, ``transitions.InvalidTransition`` once it was received, ``MadeByTheShop``.
    """
    access.require_work(actor, document.case)
    hold(document)
    _refuse_made(document)
    transitions.move(document, Status.WITHDRAWN, actor=actor, note=reason)
    changes.record(case=document.case, kind=Change.Kind.WITHDRAWN, actor=actor, stage=document.stage, document=document)
    complete_stage(document, actor)
    progress.settle(document.case)


def complete_stage(document: Document, actor: User | None) -> None:
    """Where everything of the document's stage that needed a signature is received, the stage has what it waited for."""
    stage = document.stage
    if stage is None or any(_missing(stage)):
        return
    if stage.documents.filter(needs_signature=True, status=Status.RECEIVED).exists():
        progress.satisfy(case=document.case, completion=Completion.DOCUMENT_SIGNED, actor=actor, stage=stage)


def _missing(stage: Stage) -> Iterator[bool]:
    yield stage.documents.filter(needs_signature=True, status__in=[Status.SENT, Status.SIGNED]).exists()
    if stage.key == StageKey.REQUIREMENT_GATHERING:
        yield Requirement.objects.filter(case=stage.case_id, status=Requirement.Status.DRAFT).exists()
