"""Which language a person reads: the account's, remembered in a cookie for pages that know no account."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language


def active() -> str:
    """The active language as accounts keep it: one of ``LANGUAGES``."""
    language = get_language() or settings.LANGUAGE_CODE
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def remember(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.PRODUCTION,
        httponly=True,
    )
