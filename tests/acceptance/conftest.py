"""A real browser in front of the real shop: Chromium by Playwright, with what every visited page is held to."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright

from billing.demo import methods
from catalog import demo as catalog_demo
from tests.acceptance.visitor import Visitor

HERE = Path(__file__).parent
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=15_000)
SCREENS = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SIZES_AND_LANGUAGES = [("wide", "id"), ("phone", "en"), ("wide", "en"), ("phone", "id")]
# The guides' scenarios run in all four pairs, other pages in two of them that hold both sizes and both languages.
SCENARIO = re.compile(r"^test_[nam]\d+")
# How a page is drawn does not depend on the database: in front of PostgreSQL half of the pairs, and no sweep, is enough.
DRAWN_BEFORE = connection.vendor != "sqlite"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not _again_without_scripts(item) and not _drawn_before(item)]
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


def _again_without_scripts(item: pytest.Item) -> bool:
    """Without scripts one page of each size and language is enough: what differs is drawn by the server."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return parameters.get("scripts") is False and parameters.get("setting") in SIZES_AND_LANGUAGES[2:]


def _drawn_before(item: pytest.Item) -> bool:
    return DRAWN_BEFORE and item.get_closest_marker("drawing") is not None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's sync API keeps an event loop in this thread; Django would refuse to use the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def shop(live_server, settings) -> str:
    """The demo shop as it is before its first customer, open at the returned address."""
    settings.BASE_URL = live_server.url
    catalog_demo.load()
    methods.load()
    return live_server.url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "setting" in metafunc.fixturenames:
        count = 4 if SCENARIO.match(metafunc.function.__name__) else 2
        pairs = SIZES_AND_LANGUAGES[: count // 2 if DRAWN_BEFORE else count]
        metafunc.parametrize("setting", pairs, ids="-".join)


@pytest.fixture
def screen(setting) -> str:
    return setting[0]


@pytest.fixture
def language(setting) -> str:
    return setting[1]


@pytest.fixture
def make_visitor(chromium, shop, language, screen) -> Iterator:
    """Open a browser of one's own: ``make_visitor()``, or ``make_visitor(scripts=False)`` with JavaScript off."""
    contexts = []

    def make(*, scripts: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport=SCREENS[screen],
            locale={"id": "id-ID", "en": "en-GB"}[language],
            java_script_enabled=scripts,
            permissions=["clipboard-read", "clipboard-write"],
            base_url=shop,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Visitor(context, base_url=shop, language=language, scripts=scripts)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(make_visitor) -> Visitor:
    return make_visitor()
