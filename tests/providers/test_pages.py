"""People pay on the fakes' pages: by plain forms, as a browser without JavaScript sends them."""

import re

import pytest
import requests

from tests.providers.conftest import Caller, account, fixed_account, order

SIMULATOR = "Simulator: tidak ada uang sungguhan."


@pytest.fixture
def snap_page(snap):
    asked = order(
        callbacks={"finish": "https://shop.test/invoices/1/?from=snap"}, customer_details={"first_name": "Sari"}
    )
    return snap("POST", "/snap/v1/transactions", asked)[1]["redirect_url"]


@pytest.fixture
def checkout(xendit: Caller) -> str:
    asked = {"external_id": "INV-1", "amount": 24145, "success_redirect_url": "https://shop.test/done"}
    return xendit("POST", "/v2/invoices", asked)[1]["invoice_url"]


def _post(url: str, **values: str) -> requests.Response:
    return requests.post(url, data=values, timeout=5, allow_redirects=False)


def _says(url: str) -> str:
    return requests.get(url, timeout=5).text


def test_snaps_page_says_what_is_paid_and_that_no_money_moves(snap_page, core):
    page = _says(snap_page)
    for words in (SIMULATOR, "INV-1", "Sari", "Rp24.145", "Kartu kredit atau debit", "GoPay", "QRIS"):
        assert words in page
    assert re.findall(r'name="act" value="(\w+)"', page) == ["pay", "deny", "cancel"]
    assert core("GET", "/v2/INV-1/status")[1]["status_code"] == "404"


@pytest.mark.parametrize(
    ("method", "act", "status", "code"),
    [
        ("credit_card", "pay", "capture", "200"),
        ("gopay", "pay", "settlement", "200"),
        ("qris", "pay", "settlement", "200"),
        ("credit_card", "deny", "deny", "202"),
        ("gopay", "cancel", "cancel", "202"),
    ],
)
def test_a_press_on_snaps_page_tells_the_shop_and_leads_back(snap_page, providers, shop, method, act, status, code):
    answer = _post(snap_page, method=method, act=act)
    back = f"https://shop.test/invoices/1/?from=snap&order_id=INV-1&status_code={code}&transaction_status={status}"
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    providers.deliver()
    assert shop.values("transaction_status") == ["pending", status]
    assert shop.values("payment_type") == [method, method]


def test_what_is_paid_is_not_paid_again(snap_page, providers):
    _post(snap_page, method="qris", act="pay")
    page = _post(snap_page, method="qris", act="pay")
    assert (page.status_code, "Pembayaran sudah diterima." in page.text) == (200, True)
    assert len(providers.midtrans.notifications) == 2


def test_a_refused_card_leaves_the_other_ways(snap_page, core):
    _post(snap_page, method="credit_card", act="deny")
    assert "Pembayaran ditolak." in _says(snap_page)
    _post(snap_page, method="gopay", act="pay")
    assert core("GET", "/v2/INV-1/status")[1]["transaction_status"] == "settlement"


def test_an_unknown_way_of_paying_changes_nothing(snap_page, checkout, providers):
    assert _post(snap_page, method="cash", act="pay").status_code == 200
    assert _post(snap_page, method="qris", act="steal").status_code == 200
    assert _post(checkout, channel="cash", act="pay").status_code == 200
    assert (providers.midtrans.transactions, providers.midtrans.notifications) == ({}, [])
    assert providers.xendit.notifications == []


def test_xendits_page_pays_an_invoice_and_leads_back(checkout, providers, shop):
    assert SIMULATOR in _says(checkout)
    assert "Pembayaran ditolak." in _post(checkout, channel="DANA", act="deny").text
    answer = _post(checkout, channel="DANA", act="pay")
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://shop.test/done")
    assert "Pembayaran sudah diterima." in _post(checkout, channel="DANA", act="pay").text
    providers.deliver()
    assert (shop.values("status"), shop.values("payment_channel")) == (["PAID"], ["DANA"])


def test_a_virtual_account_is_found_by_its_number_and_paid(core, providers, shop):
    number = core("POST", "/v2/charge", account(bank="bni"))[1]["va_numbers"][0]["va_number"]
    typed = requests.get(f"{providers.address}/simulator/", params={"number": f" {number[:4]} {number[4:]}"}, timeout=5)
    assert typed.url == f"{providers.address}/simulator/{number}"
    assert ("BNI" in typed.text, "Bayar Rp24.145" in typed.text) == (True, True)
    assert "Pembayaran sudah diterima." in requests.post(typed.url, timeout=5).text
    requests.post(typed.url, timeout=5)
    providers.deliver()
    assert shop.values("transaction_status") == ["pending", "settlement"]


def test_a_mandiri_bill_is_found_by_its_key_with_or_without_the_biller(core, providers):
    key = core("POST", "/v2/charge", order(payment_type="echannel"))[1]["bill_key"]
    for number in (key, f"70012{key}"):
        assert "Mandiri" in _says(f"{providers.address}/simulator/{number}")


def test_xendits_accounts_are_paid_there_too(xendit, providers, shop):
    number = xendit("POST", "/callback_virtual_accounts", fixed_account())[1]["account_number"]
    for _time in range(2):
        requests.post(f"{providers.address}/simulator/{number}", timeout=5)
    providers.deliver()
    assert (shop.values("account_number"), shop.values("amount")) == ([number], [24145])


def test_the_simulator_lists_what_waits_and_nothing_else(core, xendit, providers):
    paid = core("POST", "/v2/charge", account("PAID"))[1]["va_numbers"][0]["va_number"]
    providers.midtrans.pay("PAID")
    waiting = core("POST", "/v2/charge", account("WAITS"))[1]["va_numbers"][0]["va_number"]
    other = xendit("POST", "/callback_virtual_accounts", fixed_account())[1]["account_number"]
    page = _says(f"{providers.address}/")
    assert [number in page for number in (paid, waiting, other)] == [False, True, True]


@pytest.mark.parametrize("path", ["/simulator/123456", "/snap/v4/redirection/none", "/xendit/web/none"])
def test_an_unknown_payment_is_said_in_words(providers, path):
    answer = requests.get(providers.address + path, timeout=5)
    assert (answer.status_code, "tidak dikenal" in answer.text, SIMULATOR in answer.text) == (404, True, True)


def test_what_the_shop_sends_is_escaped(snap, providers):
    asked = order("<b>1</b>", callbacks={"finish": "javascript:alert(1)"}, customer_details={"first_name": "<script>"})
    page = _says(snap("POST", "/snap/v1/transactions", asked)[1]["redirect_url"])
    assert ("<script" in page, "<b>" in page, "javascript:" in page) == (False, False, False)
