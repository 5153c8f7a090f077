"""What the first visit to a page may weigh, compressed as whitenoise sends it."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests import factories

CSS_AT_MOST = 12 * 1024
FIRST_LOAD_AT_MOST = 60 * 1024
_ASSETS = re.compile(r'<(?:script|link|use|img)\b[^>]*?(?:src|href)="([^"#]+)')


def _weight(content: bytes) -> int:
    return len(brotli.compress(content, quality=11))


def _asset(client, address: str) -> bytes:
    path = urlsplit(address).path
    if path.startswith("/static/"):
        return Path(finders.find(path.removeprefix("/static/"))).read_bytes()
    return client.get(path).content


def test_the_stylesheet_stays_small():
    assert _weight(Path(finders.find("css/app.css")).read_bytes()) <= CSS_AT_MOST


@pytest.mark.parametrize("page", ["account_login", "account_signup", "styleguide"])
def test_a_first_visit_stays_light(client, db, page):
    if page == "styleguide":
        client.force_login(factories.staff())
    response = client.get(reverse(page))
    assert response.status_code == 200
    assets = set(_ASSETS.findall(response.content.decode()))
    assert any(address.startswith("/static/css/") for address in assets)
    total = _weight(response.content) + sum(_weight(_asset(client, address)) for address in assets)
    assert total <= FIRST_LOAD_AT_MOST
