"""Which stored files are onboarding's: V9 looks whether they are as they were, and orphans of their folders are removed."""

from collections.abc import Iterator

from billing import ledger, orphans
from billing.ledger import Breach, files
from onboarding import contacts, documents, signing
from onboarding.models import DocumentVersion, Signature, StaffContact


def files_are_as_they_were_stored() -> Iterator[Breach]:
    """V9: versions of documents, what was sent signed, and the PICs' photos."""
    yield from files.as_stored("document version", DocumentVersion.objects.all(), "file")
    yield from files.as_stored("signature", Signature.objects.exclude(file=""), "file")
    yield from files.as_stored("photo", StaffContact.objects.exclude(photo=""), "photo", prefix="photo_")


ledger.also("V9", files_are_as_they_were_stored)
orphans.also(orphans.Keeper(documents.FOLDER, DocumentVersion.objects.all(), "file"))
orphans.also(orphans.Keeper(signing.FOLDER, Signature.objects.all(), "file"))
orphans.also(orphans.Keeper(contacts.FOLDER, StaffContact.objects.all(), "photo"))
