"""What the shop looks like, served from its settings: colour, icon and logo. Public, cacheable, and free of cookies."""

import mimetypes

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from accounts.models import Shop
from config import theme

# Links carry the colour or the logo's name, so that a change is a new address.
_keep = cache_control(public=True, max_age=24 * 3600)


def _colour_tag(request: HttpRequest) -> str:
    return f'"{Shop.current().colour[1:].lower()}"'


def _icon_tag(request: HttpRequest) -> str:
    shop = Shop.current()
    return f'"{shop.colour[1:].lower()}-{ord(shop.name[0])}"'


@login_not_required
@require_safe
@_keep
@condition(etag_func=_colour_tag)
def stylesheet(request: HttpRequest) -> HttpResponse:
    return HttpResponse(theme.stylesheet(Shop.current().colour), content_type="text/css; charset=utf-8")


@login_not_required
@require_safe
@_keep
@condition(etag_func=_icon_tag)
def icon(request: HttpRequest) -> HttpResponse:
    """The browser tab's icon: the shop's initial on its colour."""
    shop = Shop.current()
    colours = theme.light_palette(shop.colour)
    return HttpResponse(
        format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="{}"/>'
            '<text x="16" y="22.5" fill="{}" font-family="system-ui,sans-serif" font-size="18" font-weight="700" '
            'text-anchor="middle">{}</text></svg>',
            colours.primary,
            colours.on_primary,
            shop.name[0].upper(),
        ),
        content_type="image/svg+xml",
    )


@login_not_required
@require_safe
@_keep
def logo(request: HttpRequest) -> FileResponse:
    shop = Shop.current()
    if not shop.logo:
        raise Http404
    content_type = mimetypes.guess_type(shop.logo.name)[0] or "application/octet-stream"
    return FileResponse(shop.logo.open("rb"), content_type=content_type)
