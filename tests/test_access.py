"""Every address of the project × five visitors (RELIABILITY, access). An address without a row fails.

The form of the rows: tests/access.py.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

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


def test_every_address_has_a_row():
    names = {name for name, _pattern in _patterns(get_resolver())}
    # Without a name: the admin's redirect from a bare object's address and its catch-all, visited below.
    without_row = names - {"admin:None"} - set(_pages_of_models()) - {row.url for row in ROWS}
    assert without_row == set()


def test_only_the_admin_has_addresses_without_a_name():
    nameless = [name for name, pattern in _patterns(get_resolver()) if pattern.name is None]
    assert set(nameless) <= {"admin:None"}


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


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(_pages_of_models()))
def test_model_pages_of_the_admin(client, name):
    """Staff without the model's permission and customers see nothing of it; a superuser's visit does not fail."""
    needs_object = not name.endswith(("changelist", "add"))
    address = reverse(name, args=["0"] if needs_object else [])
    row = Row(name, anonymous=LOGIN, stranger=403, lesser=403, staff=403, allowed=200, superuser=True)
    world = World(row)
    seen = {}
    for visitor in VISITORS:
        client.logout()
        if person := world.visitor(visitor):
            client.force_login(person)
        seen[visitor] = _visit(client, address)
    # Django looks for the object of a history first: without one it leads back to the admin's home, to whoever asks.
    refused = 302 if name.endswith("history") else 403
    assert seen.pop("allowed") in {200, 302, 403}
    assert seen == {"anonymous": LOGIN, "stranger": 403, "lesser": 403, "staff": refused}


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["anonymous", "stranger"])
def test_the_admin_tells_outsiders_nothing_about_its_addresses(client, visitor):
    world = World(Row("admin:index", anonymous=LOGIN, stranger=403, lesser=403, staff=200, allowed=200))
    if person := world.visitor(visitor):
        client.force_login(person)
    known, unknown = client.get("/admin/auth/group/"), client.get("/admin/no/such/page/")
    assert known.status_code == unknown.status_code
