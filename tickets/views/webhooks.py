"""Where the mail provider delivers what customers write; the provider's own format is anymail's to read."""

from collections.abc import Callable

from anymail import urls as anymail_urls
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

# As large as the largest providers send: a few attachments of 10 MB in base64.
MAX_BYTES = 40 * 1024 * 1024


@csrf_exempt
@login_not_required
@require_http_methods(["POST", "HEAD"])
def inbound(request: HttpRequest, provider: str) -> HttpResponse:
    """Open for the provider that ``ANYMAIL_PROVIDER`` names, and for calls that carry the secret or signature it checks."""
    view = _view_of(provider) if _is_open(provider) else None
    if view is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    if request.method == "POST" and request.content_type != "multipart/form-data":
        # Read here, because Django's own limit for a body is one for forms that people fill in.
        request._body = request.read()
    return view(request)


def _is_open(provider: str) -> bool:
    return bool(
        settings.TICKETS_INBOUND_DOMAIN
        and provider == settings.ANYMAIL_PROVIDER
        and settings.ANYMAIL.get("WEBHOOK_SECRET")
    )


def _view_of(provider: str) -> Callable | None:
    names = {f"{provider}_inbound_webhook", f"{provider}_webhook"}
    return next((one.callback for one in anymail_urls.urlpatterns if one.name in names), None)
