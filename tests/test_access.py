"""Every address of the project × five visitors (RELIABILITY, access). An address without a row fails.

The form of the rows: tests/access.py.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, reverse

from tests.access import LOGIN, VISITORS, Row, World

TESTS = Path(__file__).parent
MODEL_PAGES = {"changelist", "add", "history", "delete", "change"}


def _rows() -> list[Row]:
    rows = []
    for path in sorted(TESTS.glob("*/access_rows.py")):
        rows += importlib.import_module(f"tests.{path.parent.name}.access_rows").ROWS
    return rows


ROWS = _rows()


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def _pages_of_models() -> dict[str, type]:
    """The admin's own five pages for each model: address name → model."""
    return {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}": model
        for model in admin.site._registry
        for page in MODEL_PAGES
    }


def _visit(client, address: str, method: str = "get", data: dict | None = None) -> int | str:
    """The status of the answer; the admin's own sign-in page is a way station and is followed."""
    response = getattr(client, method)(address, data)
    if response.status_code == 302 and response.url.startswith(reverse("admin:login")):
        response = client.get(response.url)
    if response.status_code == 302 and response.url.startswith(reverse("account_login")):
        return LOGIN
    return response.status_code


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_access(client, row, visitor):
    world = World(row)
    address = reverse(row.url, kwargs=dict(row.make(world)), query=dict(row.query(world)))
    person = world.visitor(visitor)
    if person:
        client.force_login(person)
    assert _visit(client, address, row.method, dict(row.data(world))) == row.expected(visitor)
