"""Files that a browser keeps and never shows inside a page of ours."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

# A file may be a picture and a page at once: nothing in it runs, whatever a browser takes it for.
RUNS_NOTHING = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


def as_file(content: bytes | str, name: str, content_type: str) -> HttpResponse:
    """A document that the shop made, as a download under this name."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={**RUNS_NOTHING, "Content-Disposition": content_disposition_header(True, name)},
    )
