"""Every way in which a fake provider can misbehave, turned from Python and by HTTP."""

import json
import queue
import time

import pytest
import requests

from tests.providers import running
from tests.providers.conftest import account


def test_a_slow_provider_has_done_what_it_was_asked_before_it_answers(core, providers):
    providers.midtrans.switches.slow = 0.3
    begun = time.monotonic()
    core("POST", "/v2/charge", account())
    assert time.monotonic() - begun >= 0.3
    providers.midtrans.switches.slow = 30
    with pytest.raises(requests.Timeout):
        requests.get(core.base + "/v2/INV-1/status", auth=(core.key, ""), timeout=0.2)
    assert list(providers.midtrans.transactions) == ["INV-1"]


def test_a_provider_that_is_down_answers_nothing_and_does_nothing(core, providers):
    providers.midtrans.switches.down = True
    with pytest.raises(requests.ConnectionError):
        core("POST", "/v2/charge", account())
    assert providers.midtrans.transactions == {}


def test_an_answer_is_lost_after_the_deed(core, providers):
    providers.midtrans.switches.lost = True
    with pytest.raises(requests.ConnectionError):
        core("POST", "/v2/charge", account())
    assert list(providers.midtrans.transactions) == ["INV-1"]


def test_refusals_are_counted_and_then_all_is_well(core, providers):
    providers.midtrans.switches.turn(refuse=2, refuse_with=500)
    url = core.base + "/v2/charge"
    statuses = [requests.post(url, json=account(), auth=(core.key, ""), timeout=5).status_code for _time in range(3)]
    assert statuses == [500, 500, 200]
    assert len(providers.midtrans.requests) == 3


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("normal", ["pending", "settlement"]),
        ("late", []),
        ("doubled", ["pending", "pending", "settlement", "settlement"]),
        ("reordered", ["settlement", "expire", "pending"]),
        ("never", []),
    ],
)
def test_notifications_arrive_as_the_switch_says(core, providers, shop, mode, told):
    providers.midtrans.switches.notify = mode
    core("POST", "/v2/charge", account())
    providers.midtrans.pay("INV-1")
    assert shop.values("transaction_status") == told
    assert core("GET", "/v2/INV-1/status")[1]["transaction_status"] == "settlement"


def test_what_is_late_arrives_when_it_is_delivered(core, providers, shop):
    providers.midtrans.switches.notify = "late"
    core("POST", "/v2/charge", account())
    providers.midtrans.pay("INV-1")
    assert providers.midtrans.deliver() == [200, 200]
    assert shop.values("transaction_status") == ["pending", "settlement"]


def test_what_was_never_told_is_still_at_hand_for_a_test(core, providers):
    providers.midtrans.switches.notify = "never"
    core("POST", "/v2/charge", account())
    providers.midtrans.pay("INV-1")
    prepared = [json.loads(body)["transaction_status"] for body, _headers in providers.midtrans.notifications]
    assert prepared == ["pending", "settlement"]
    assert providers.deliver() == []


def test_what_the_shop_refuses_is_delivered_again(core, providers, shop):
    shop.answers_with = 503
    core("POST", "/v2/charge", account())
    assert providers.deliver() == [503]
    shop.answers_with = 200
    assert providers.deliver() == [200]
    assert providers.deliver() == []


def test_wrong_amounts_and_states_are_signed_all_the_same(core, providers, shop):
    providers.midtrans.switches.wrong_notification = {"amount": 1000, "currency": "USD"}
    providers.midtrans.switches.wrong_status = {"status": "settlement", "amount": 2000}
    core("POST", "/v2/charge", account())
    providers.deliver()
    said = core("GET", "/v2/INV-1/status")[1]
    assert (shop.values("gross_amount"), shop.values("currency")) == (["1000.00"], ["USD"])
    assert (said["transaction_status"], said["status_code"], said["gross_amount"]) == ("settlement", "200", "2000.00")
    assert providers.midtrans.transactions["INV-1"].status == "pending"


def test_switches_are_turned_and_put_back_by_http(providers):
    url = providers.address + "/switches"
    turned = requests.post(url, json={"midtrans": {"slow": 2, "notify": "late"}}, timeout=5).json()
    assert (turned["midtrans"]["slow"], turned["midtrans"]["notify"]) == (2, "late")
    assert requests.get(url, timeout=5).json() == turned
    back = requests.post(url, json={"midtrans": None}, timeout=5).json()
    assert (back["midtrans"]["slow"], back["midtrans"]["notify"]) == (0, "normal")


@pytest.mark.parametrize(
    "asked",
    [
        {"doku": {"slow": 1}},
        {"midtrans": {"fast": 1}},
        {"midtrans": {"notify": "maybe"}},
        {"midtrans": {"wrong_status": {"x": 1}}},
    ],
)
def test_a_switch_that_does_not_exist_is_refused_and_turns_nothing(providers, asked):
    before = vars(providers.midtrans.switches).copy()
    assert requests.post(providers.address + "/switches", json=asked, timeout=5).status_code == 400
    assert vars(providers.midtrans.switches) == before


def test_what_is_open_outlives_a_restart(shop, tmp_path):
    kept = tmp_path / "providers.json"
    with running(shop.notify, kept_in=kept) as providers:
        url = providers.environment()["MIDTRANS_API_URL"] + "/v2/charge"
        key = (providers.environment()["MIDTRANS_SERVER_KEY"], "")
        made = requests.post(url, json=account(), auth=key, timeout=5).json()
    with running(shop.notify, kept_in=kept) as providers:
        number = made["va_numbers"][0]["va_number"]
        assert providers.midtrans.by_number(number).transaction_id == made["transaction_id"]
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize(
    "kept", ["{", "[]", '{"midtrans": {}}', '{"midtrans": {"transactions": [{"new": 1}], "sessions": []}}']
)
def test_a_memory_that_cannot_be_read_is_forgotten_in_words(shop, tmp_path, caplog, kept):
    path = tmp_path / "providers.json"
    path.write_text(kept)
    with running(shop.notify, kept_in=path) as providers:
        assert (providers.midtrans.transactions, providers.xendit.invoices) == ({}, {})
    assert f"{path} cannot be read" in caplog.text


def test_with_a_thread_of_its_own_the_provider_tells_by_itself():
    told = queue.Queue()

    def notify(path, body, headers):
        told.put(json.loads(body)["transaction_status"])
        return 200

    with running(notify, background=True) as providers:
        url = providers.environment()["MIDTRANS_API_URL"] + "/v2/charge"
        requests.post(url, json=account(), auth=(providers.environment()["MIDTRANS_SERVER_KEY"], ""), timeout=5)
        assert told.get(timeout=10) == "pending"
