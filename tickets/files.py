"""Files that come with a message (Q3): checked before the transaction, stored with it, rows for them in it."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from billing import uploads
from tickets.models import Attachment, Message

MOST_FILES = 5
MAX_BYTES = 10 * uploads.MEGABYTE
FOLDER = "tickets"


def accept(files: Sequence[UploadedFile]) -> list[uploads.AcceptedFile]:
    """At most five, each a picture, PDF or plain text. Raises ``ValidationError`` for the field ``files``."""
    if len(files) > MOST_FILES:
        raise ValidationError({"files": _("Lampirkan paling banyak %(most)d berkas.") % {"most": MOST_FILES}})
    try:
        return [uploads.accept(file, kinds=uploads.ATTACHMENTS, max_bytes=MAX_BYTES) for file in files]
    except ValidationError as error:
        raise ValidationError({"files": error}) from error


def attach(message: Message, accepted: Iterable[uploads.AcceptedFile], names: Iterable[str]) -> None:
    """Rows for files that are stored under ``names``."""
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            file=name,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            sent_sha256=file.sent_sha256,
        )
        for name, file in zip(names, accepted, strict=True)
    )
