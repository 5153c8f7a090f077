"""Photos of the people whom customers meet (M3)."""

from django.core.files.storage import default_storage
from django.db import transaction

from billing import uploads
from onboarding.models import StaffContact

FOLDER = "contacts"
PICTURES = (uploads.JPEG, uploads.PNG, uploads.WEBP)
MAX_BYTES = 3 * uploads.MEGABYTE


def set_photo(*, contact: StaffContact, photo: uploads.AcceptedFile) -> None:
    """Show another photo; the one before is removed. Raises ``CannotStore``."""
    with uploads.stored([photo], FOLDER) as names:
        _replace(contact, names[0], photo.content_type, photo.size, photo.sha256)


def remove_photo(*, contact: StaffContact) -> None:
    """Show none."""
    _replace(contact, "", "", 0, "")


@transaction.atomic
def _replace(contact: StaffContact, name: str, content_type: str, size: int, sha256: str) -> None:
    """Of two at once the later one stays, and each removes the photo that it took away."""
    held = StaffContact.objects.select_for_update().get(pk=contact.pk)
    before = held.photo.name
    changed = {"photo": name, "photo_type": content_type, "photo_size": size, "photo_sha256": sha256}
    StaffContact.objects.filter(pk=contact.pk).update(**changed)
    contact.refresh_from_db()
    if before:
        # After the commit: what a row still names stays.
        transaction.on_commit(lambda: default_storage.delete(before))
