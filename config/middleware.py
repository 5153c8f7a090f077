"""Middleware of the whole project."""

import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from config import logs, views

GetResponse = Callable[[HttpRequest], HttpResponse]

_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PRIVATE_PREFIXES = ("/client/", "/admin/", "/accounts/", "/cart/", "/pay/")
_PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def request_id(get_response: GetResponse) -> GetResponse:
    """Name each request, or keep a proxy's name for it, in the logs and in the answer's X-Request-ID."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _SAFE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        token = logs.request_id.set(name)
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = name
        return response

    return middleware


def health_check(get_response: GetResponse) -> GetResponse:
    """Answer ``/healthz`` before anything asks for the shop's name: containers and balancers come by its address."""
    path = reverse("healthz")

    def middleware(request: HttpRequest) -> HttpResponse:
        return views.healthz(request) if request.path == path else get_response(request)

    return middleware


def page_headers(get_response: GetResponse) -> GetResponse:
    """What every page says to browsers and caches: no device access, and nothing private is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", _PERMISSIONS_POLICY)
        if request.path.startswith(_PRIVATE_PREFIXES):
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def part_without_session(get_response: GetResponse) -> GetResponse:
    """htmx asks for a part of a page after the session ended: the whole page goes to the sign-in, and comes back."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.htmx or response.status_code != 302:
            return response
        doors = {resolve_url(settings.LOGIN_URL), reverse("admin:login")}
        if urlsplit(response.url).path not in doors:
            return response
        address = reverse("account_login", query={"next": request.htmx.current_url_abs_path or "/"})
        return HttpResponseClientRedirect(address)

    return middleware


class InvalidFormStatus:
    """A form that came back with errors answers 422, allauth's pages too: caches, tests and htmx tell it from success."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 422
        return response
