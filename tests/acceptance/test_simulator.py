"""The fake providers' own pages in a browser: they fit, read well, and need no JavaScript."""

from collections.abc import Iterator

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe

from tests.acceptance.conftest import SCREENS
from tests.providers import Providers, running
from tests.providers.conftest import account, order

pytestmark = pytest.mark.drawing


@pytest.fixture
def providers() -> Iterator[Providers]:
    with running(lambda _path, _body, _headers: 200) as providers:
        yield providers


@pytest.fixture
def pages(providers: Providers) -> dict[str, str]:
    """The address of each, by its name; ``account`` waits for Rp24.145."""
    settings = providers.environment()

    def ask(url: str, data: dict, key: str) -> dict:
        return requests.post(url, json=data, auth=(settings[key], ""), timeout=5).json()

    charge = ask(settings["MIDTRANS_API_URL"] + "/v2/charge", account("VA-1"), "MIDTRANS_SERVER_KEY")
    snap = ask(settings["MIDTRANS_SNAP_URL"] + "/snap/v1/transactions", order("SNAP-1"), "MIDTRANS_SERVER_KEY")
    invoice = {"external_id": "INV-1", "amount": 24145}
    checkout = ask(settings["XENDIT_API_URL"] + "/v2/invoices", invoice, "XENDIT_SECRET_KEY")
    return {
        "snap": snap["redirect_url"],
        "checkout": checkout["invoice_url"],
        "simulator": f"{providers.address}/simulator/",
        "account": f"{providers.address}/simulator/{charge['va_numbers'][0]['va_number']}",
        "unknown": f"{providers.address}/simulator/1",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_simulators_pages_fit_and_read_well(chromium, pages, screen, scheme):
    context = chromium.new_context(viewport=SCREENS[screen], color_scheme=scheme)
    page = context.new_page()
    found = {}
    for name, url in pages.items():
        page.goto(url)
        axe = Axe().run(page, options={"resultTypes": ["violations"]})
        found[name] = (axe.violations_count, page.evaluate("document.documentElement.scrollWidth"))
    context.close()
    assert found == dict.fromkeys(pages, (0, SCREENS[screen]["width"]))


def test_a_person_without_javascript_pays_a_virtual_account(chromium, pages, providers):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["simulator"])
    page.get_by_label("Nomor virtual account").fill(pages["account"].rpartition("/")[2])
    page.get_by_role("button", name="Lihat tagihan").click()
    page.get_by_role("button", name="Bayar Rp24.145").click()
    page.get_by_text("Pembayaran sudah diterima.").wait_for()
    context.close()
    assert providers.midtrans.transactions["VA-1"].status == "settlement"
