"""Documents: shared in versions, with the hash of each, and taken back (ON5)."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError

from billing import orphans, uploads
from billing.ledger import files
from onboarding import documents, stored_files
from onboarding.models import Document, DocumentVersion
from onboarding.refusals import MadeByTheShop, NewerVersion, NotAllowed, OfAnotherCase, Withdrawn
from onboarding.transitions import InvalidTransition
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import form_of, fresh, kinds, newer, send_signed, share, sign, stored, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def working(case, pic):
    """The PIC of the case's stage."""
    journey.assign(case, pic)
    return pic


def test_a_shared_document_keeps_its_file_and_its_hash(case, pic):
    document = share(case, pic, words="Panduan", kind="material", needs_signature=False, key="training")

    [version] = document.versions.all()
    assert (document.status, document.sent_at, document.stage.key) == ("shared", None, "training")
    assert (version.number, version.name, version.created_by) == (1, "kontrak.pdf", pic)
    with version.file.open("rb") as file:
        content = file.read()
    assert (version.size, version.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert [(one.kind, one.to_status) for one in document.events.all()] == [("created", "shared")]
    assert kinds(case) == ["document"]


def test_one_that_needs_a_signature_is_sent(case, pic):
    document = share(case, pic)
    assert document.status == "sent"
    assert document.sent_at is not None


def test_a_document_of_an_appointment_is_of_its_stage(case, pic):
    session = journey.appointment(case, "training", journey.START)
    document = share(case, pic, kind="material", needs_signature=False, appointment=session)
    assert (document.appointment, document.stage.key) == (session, "training")
    assert list(session.materials.all()) == [document]


def test_another_case_s_stage_is_refused_and_no_file_is_left(case, customer, product, pic):
    other = journey.case_at("training", factories.customer(), product)
    with pytest.raises(OfAnotherCase):
        share(case, pic, stage=other.stages.first())
    assert (Document.objects.count(), stored()) == (0, 0)


def test_a_row_that_the_database_refuses_leaves_no_file(case, pic):
    with pytest.raises(IntegrityError):
        share(case, pic, kind=None)
    assert (Document.objects.count(), stored()) == (0, 0)


def test_a_storage_that_is_full_leaves_no_row(case, pic, monkeypatch):
    def full(*_arguments, **_more):
        raise OSError("No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    with pytest.raises(uploads.CannotStore):
        share(case, pic)
    assert not Document.objects.exists()


def test_a_new_version_clears_the_signature_and_keeps_the_old_one_s(case, owner, pic):
    document = share(case, pic)
    signature = sign(document, owner)

    newer(document, pic)

    document.refresh_from_db()
    assert (document.status, document.signed_at, document.received_at) == ("sent", None, None)
    assert [one.number for one in document.versions.all()] == [1, 2]
    assert list(document.versions.get(number=1).signatures.all()) == [signature]
    assert not document.versions.get(number=2).signatures.exists()
    assert kinds(case) == ["document", "signed", "document"]


def test_a_new_version_of_an_unsigned_document_is_sent_anew(case, pic):
    document = share(case, pic)
    first_sent = document.sent_at
    newer(document, pic)
    document.refresh_from_db()
    assert document.status == "sent"
    assert document.sent_at > first_sent


def test_a_new_version_of_what_needs_no_signature_stays_shared(case, pic):
    document = share(case, pic, needs_signature=False)
    newer(document, pic)
    assert (fresh(document).status, document.versions.count()) == ("shared", 2)


def test_a_version_on_top_of_one_that_was_not_seen_is_refused(case, pic):
    document = share(case, pic)
    newer(document, pic)
    with pytest.raises(NewerVersion) as refusal:
        newer(document, pic, seen=1)
    assert refusal.value.version.number == 2
    assert (document.versions.count(), stored()) == (2, 2)


def test_a_withdrawn_document_is_nobody_s_to_read_or_to_change(case, owner, working):
    document = share(case, working)
    documents.withdraw(document=document, actor=working, reason="Salah berkas")

    assert list(documents.visible_to(owner)) == []
    assert document.events.get(kind="withdrawn").note == "Salah berkas"
    with pytest.raises(Withdrawn):
        newer(document, working)
    assert kinds(case) == ["document", "withdrawn"]


def test_what_was_received_is_not_withdrawn(case, owner, working):
    document = share(case, working)
    sign(document, owner)
    with pytest.raises(InvalidTransition):
        documents.withdraw(document=fresh(document), actor=working)
    assert fresh(document).status == "received"


def test_the_urd_is_not_withdrawn_but_asked_for_again(case, owner, working):
    document = submit(form_of(case), owner)
    with pytest.raises(MadeByTheShop):
        documents.withdraw(document=document, actor=working)
    with pytest.raises(MadeByTheShop):
        newer(document, working)
    assert (fresh(document).status, document.versions.count()) == ("sent", 1)


def test_only_who_works_on_the_case_withdraws(case, pic):
    document = share(case, pic)
    with pytest.raises(NotAllowed):
        documents.withdraw(document=document, actor=pic)
    assert fresh(document).status == "sent"


def test_withdrawing_the_last_that_was_missing_ends_the_stage(case, owner, working):
    first, second = share(case, working, key="requirement_gathering"), share(case, working, key="requirement_gathering")
    sign(first, owner)
    assert case.stages.get(key="requirement_gathering").status == "current"

    documents.withdraw(document=fresh(second), actor=working)

    assert case.stages.get(key="requirement_gathering").status == "done"


def test_on3_documents_are_visible_by_the_role_in_the_product(case, owner, accountant, stranger, pic):
    document = share(case, pic)
    assert list(documents.visible_to(owner)) == [document]
    assert list(documents.visible_to(accountant)) == []
    assert list(documents.visible_to(stranger)) == []


def test_v9_finds_files_that_are_gone_or_changed(case, owner, pic):
    document = share(case, pic)
    send_signed(document, owner)
    assert list(stored_files.files_are_as_they_were_stored()) == []

    version = DocumentVersion.objects.get()
    default_storage.delete(version.file.name)
    DocumentVersion.objects.create(
        document=document, number=2, file=document.versions.get().file.name, name="x.pdf", content_type="application/pdf",
        size=1, sha256="0",
    )  # fmt: skip
    assert {breach.rule for breach in stored_files.files_are_as_they_were_stored()} == {"V9"}
    assert len(list(files.as_stored("document version", DocumentVersion.objects.all(), "file"))) == 2


def test_files_that_no_row_names_are_removed_after_a_day(case, owner, pic):
    document = share(case, pic)
    send_signed(document, owner)
    for folder in ("documents", "signatures"):
        default_storage.save(f"onboarding/{folder}/lost.pdf", ContentFile(b"x"))
    keepers = [keeper for keeper in orphans.KEEPERS if keeper.folder.startswith("onboarding/")]
    assert sorted(name for keeper in keepers for name in orphans._unnamed(keeper)) == [
        "onboarding/documents/lost.pdf",
        "onboarding/signatures/lost.pdf",
    ]
