"""Whole pages remembered for visitors that the shop knows nothing of: no session, so no name, no cart, no message.

Only the form token differs from one such visitor to the next; it is cut out of the remembered page and put in anew.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from accounts.models import Shop
from catalog import snapshots

_TOKEN_FIELD = re.compile(rb'name="csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"')
# What a visitor's browser sends once the shop has something of theirs to show.
_PERSONAL_COOKIES = ("messages", settings.SESSION_COOKIE_NAME)


def for_visitors(request: HttpRequest, render: Callable[[], HttpResponse]) -> HttpResponse:
    """The rendered page; for an unknown visitor without a query string the one that the last such visitor got.

    ``render`` must make the page from the catalog, the shop, the language and the path alone.
    """
    if not _is_unknown(request):
        return render()
    parts = snapshots.remember(f"page:{get_language()}:{Shop.current().fingerprint}:{request.path}", _parts(render))
    if parts is None:
        return render()
    return HttpResponse(get_token(request).encode().join(parts))


def _is_unknown(request: HttpRequest) -> bool:
    return not (
        request.META.get("QUERY_STRING")
        or request.headers.get("HX-Request")
        or any(name in request.COOKIES for name in _PERSONAL_COOKIES)
    )


def _parts(render: Callable[[], HttpResponse]) -> Callable[[], list[bytes] | None]:
    """What ``render`` wrote between the form tokens; ``None`` for anything but a plain page."""

    def make() -> list[bytes] | None:
        response = render()
        if response.status_code != 200 or response.cookies:
            return None
        tokens = {match.group(1) for match in _TOKEN_FIELD.finditer(response.content)}
        if not tokens:
            return [response.content]
        return re.split(b"|".join(tokens), response.content)

    return make
