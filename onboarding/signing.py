"""Signatures (ON2, ON5): a typed name, or the signed file, each for one version and its hash.

A typed name is received at the moment it is given. A signed file is looked at by staff, who receives or refuses it.
"""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import uploads
from billing.uploads import AcceptedFile
from onboarding import access, changes, documents, progress, quoting, transitions
from onboarding.models import Case, Change, Document, DocumentEvent, DocumentVersion, Quotation, Signature
from onboarding.refusals import (
    AlreadySigned,
    CaseStopped,
    NotAllowed,
    NothingToSign,
    OnboardingRefused,
)  # fmt: skip

Status = Document.Status
FOLDER = "onboarding/signatures"
KINDS = uploads.PROOFS
MAX_BYTES = 10 * uploads.MEGABYTE


@transaction.atomic
def sign_by_name(
    *,
    document: Document,
    version: int,
    signer: User,
    name: str,
    ip_address: str | None,
    expected_total: Decimal | None = None,
) -> Signature:
    """Sign the ``version`` that was read by typing a name. It is received at once; a quotation becomes its order.

    The same again returns the first signature. ``expected_total`` is what the page said that a quotation costs today.
    Raises ``OnboardingRefused`` and ``billing.ordering.PriceChanged``; then nothing was changed.
    """
    newest = _begin(document, version, signer)
    made = _made_before(newest, signer, Signature.Way.TYPED)
    if made:
        return made
    signature = Signature(
        version=newest,
        way=Signature.Way.TYPED,
        signer=signer,
        name=name,
        ip_address=ip_address,
        signed_sha256=newest.sha256,
    )
    _sign(document, signature)
    _receive(document, signature, actor=signer, expected_total=expected_total)
    return signature


def sign_by_upload(
    *, document: Document, version: int, signer: User, name: str, ip_address: str | None, file: AcceptedFile
) -> Signature:
    """Send the signed file of the ``version`` that was read; staff looks at it.

    The same file again returns the first signature. Raises ``OnboardingRefused`` and ``uploads.CannotStore``; then no row
    and no file is left.
    """
    try:
        with uploads.stored([file], FOLDER) as [stored], transaction.atomic():
            newest = _begin(document, version, signer)
            made = _made_before(newest, signer, Signature.Way.UPLOADED, sha256=file.sha256)
            if made:
                raise _Repeated(made)
            signature = Signature(
                version=newest,
                way=Signature.Way.UPLOADED,
                signer=signer,
                name=name,
                ip_address=ip_address,
                signed_sha256=newest.sha256,
                file=stored,
                file_name=file.name,
                content_type=file.content_type,
                size=file.size,
                sha256=file.sha256,
            )
            _sign(document, signature)
            progress.settle(document.case)
    except _Repeated as again:
        return again.signature
    return signature


class _Repeated(Exception):
    """The same file was sent before: what was stored for this one goes."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature


def _begin(document: Document, version: int, signer: User) -> DocumentVersion:
    newest = documents.hold(document, seen=version)
    if not access.may_sign(signer, document.case):
        raise NotAllowed(_("Peran Anda tidak menandatangani dokumen produk ini."))
    return newest


def _made_before(version: DocumentVersion, signer: User, way: str, **fields) -> Signature | None:
    return version.signatures.filter(signer=signer, way=way, refused_at=None, **fields).first()


def _sign(document: Document, signature: Signature) -> None:
    if document.status in {Status.SIGNED, Status.RECEIVED}:
        raise AlreadySigned(current(document))
    if document.status != Status.SENT:
        raise NothingToSign
    if document.case.status == Case.Status.STOPPED:
        raise CaseStopped(document.case)
    quotation = quotation_of(document)
    if quotation:
        quoting.require_valid(quotation)
    signature.save()
    transitions.move(document, Status.SIGNED, actor=signature.signer, signed_at=signature.signed_at)
    changes.record(
        case=document.case, kind=Change.Kind.SIGNED, actor=signature.signer, stage=document.stage, document=document
    )


@transaction.atomic
def receive(*, document: Document, actor: User, seen: int | None = None) -> None:
    """Staff has the signed file and it is in order. A quotation becomes its order, at the total that was signed.

    ``seen`` is the version whose signature the page showed. Raises ``OnboardingRefused`` and ``InvalidTransition``.
    """
    access.require_work(actor, document.case)
    documents.hold(document, seen=seen)
    signature = current(document)
    if document.status == Status.RECEIVED or signature is None:
        raise transitions.InvalidTransition(document, Status.RECEIVED)
    if document.case.status == Case.Status.STOPPED:
        raise CaseStopped(document.case)
    quotation = quotation_of(document)
    _receive(document, signature, actor=actor, expected_total=quotation.total if quotation else None)


def _receive(document: Document, signature: Signature, *, actor: User, expected_total: Decimal | None) -> None:
    transitions.move(document, Status.RECEIVED, actor=actor, received_at=timezone.now())
    quotation = quotation_of(document)
    if quotation:
        quoting.accept(quotation=quotation, signature=signature, expected_total=expected_total)
        # The order's service is the case's now.
        document.case.refresh_from_db()
    if signature.way == Signature.Way.UPLOADED:
        # A typed name is told of once, as signed.
        changes.record(
            case=document.case, kind=Change.Kind.RECEIVED, actor=actor, stage=document.stage, document=document
        )
    documents.complete_stage(document, actor)
    progress.settle(document.case)


@transaction.atomic
def refuse(*, document: Document, actor: User, words: str, seen: int | None = None) -> None:
    """The signed file is not in order: ``words`` tell the customer why, and the document waits for another.

    Raises ``OnboardingRefused`` and ``InvalidTransition``.
    """
    access.require_work(actor, document.case)
    documents.hold(document, seen=seen)
    if not words.strip():
        raise OnboardingRefused(_("Tulis apa yang perlu diperbaiki pelanggan."))
    signature = current(document)
    if document.status != Status.SIGNED or signature is None:
        raise transitions.InvalidTransition(document, Status.SENT)
    Signature.objects.filter(pk=signature.pk).update(refused_at=timezone.now())
    transitions.move(document, Status.SENT, actor=actor, note=words.strip(), signed_at=None)
    changes.record(
        case=document.case,
        kind=Change.Kind.SIGNATURE_REFUSED,
        actor=actor,
        stage=document.stage,
        document=document,
    )
    progress.settle(document.case)


def current(document: Document) -> Signature | None:
    """The newest version's signature, unless it was refused."""
    version = documents.newest_version(document)
    return version.signatures.filter(refused_at=None).select_related("signer").first()


def refusal_words(document: Document) -> str:
    """Why the newest version has to be signed again, for the customer; empty where nothing was refused."""
    if document.status != Status.SENT:
        return ""
    back: DocumentEvent | None = (
        document.events.filter(from_status=Status.SIGNED, to_status=Status.SENT).order_by("-at", "-pk").first()
    )
    version = documents.newest_version(document)
    return back.note if back and version.signatures.exclude(refused_at=None).exists() else ""


def quotation_of(document: Document) -> Quotation | None:
    return Quotation.objects.filter(document=document.pk).select_related("payment_method").first()
