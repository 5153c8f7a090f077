"""What the first visit to a page may weigh, compressed as whitenoise sends it."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests import factories
from tests.billing.shop import place

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


def _first_load(client, address: str) -> int:
    """What a browser fetches that has nothing yet: the page and all that it names."""
    response = client.get(address)
    assert response.status_code == 200
    assets = set(_ASSETS.findall(response.content.decode()))
    assert any(name.startswith("/static/css/") for name in assets)
    return _weight(response.content) + sum(_weight(_asset(client, name)) for name in assets)


@pytest.mark.parametrize("page", ["home", "catalog:store", "cart:review", "account_login", "account_signup"])
def test_a_first_visit_stays_light(client, db, page):
    assert _first_load(client, reverse(page)) <= FIRST_LOAD_AT_MOST


def test_a_product_s_pages_stay_light(client, db):
    product = factories.product()
    factories.quantity_option(product, prices={"monthly": 12_500}, maximum=300)
    factories.addon(product, prices={"monthly": 750_000})
    where = {"group_slug": product.group.slug}
    assert _first_load(client, reverse("catalog:group", kwargs=where)) <= FIRST_LOAD_AT_MOST
    configure = reverse("cart:configure", kwargs={**where, "product_slug": product.slug})
    assert _first_load(client, configure) <= FIRST_LOAD_AT_MOST


@pytest.mark.parametrize(
    "page", ["client-home", "billing:invoices", "billing:services", "accounts:members", "mfa_index"]
)
def test_the_client_area_stays_light(signed_in, page):
    assert _first_load(signed_in, reverse(page)) <= FIRST_LOAD_AT_MOST


def test_an_invoice_with_its_code_to_scan_stays_light(signed_in, customer):
    invoice = place(customer, factories.product(), method=factories.qris_account().method).invoice
    assert _first_load(signed_in, invoice.get_absolute_url()) <= FIRST_LOAD_AT_MOST


def test_even_the_page_with_every_component_stays_light(client, db):
    client.force_login(factories.staff())
    assert _first_load(client, reverse("styleguide")) <= FIRST_LOAD_AT_MOST
