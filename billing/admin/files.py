"""Files that customers sent, for staff: pictures in the page, everything else as a download. Neither can run anything."""

from typing import Protocol

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

from billing.downloads import RUNS_NOTHING

# Pictures that were drawn anew when they came in; anything else is downloaded, never shown.
SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "image/webp"})


class Stored(Protocol):
    """A row with a file, such as a proof of payment or a ticket's attachment."""

    file: FieldFile
    name: str
    content_type: str


def shown_or_downloaded(stored: Stored, *, download: bool = False) -> FileResponse:
    """Raises ``Http404`` where the file itself is gone."""
    picture = stored.content_type in SHOWN_INLINE
    try:
        content = stored.file.open("rb")
    except OSError as error:
        raise Http404 from error
    return FileResponse(
        content,
        as_attachment=download or not picture,
        filename=stored.name,
        content_type=stored.content_type if picture else "application/octet-stream",
        headers={**RUNS_NOTHING, "Cross-Origin-Resource-Policy": "same-origin"},
    )
