"""The fake Midtrans answers and notifies as Midtrans documents it."""

import json
import uuid
from datetime import datetime, timedelta
from hashlib import sha512

import pytest
import requests
import time_machine

from tests.providers.conftest import Caller, account, order
from tests.providers.provider import WIB
from tests.providers.transactions import SERVER_KEY


def _signature(body: dict) -> str:
    plain = body["order_id"] + body["status_code"] + body["gross_amount"] + SERVER_KEY
    return sha512(plain.encode()).hexdigest()


def _code(answer: tuple[int, dict]) -> tuple[int, str]:
    return answer[0], answer[1]["status_code"]


@time_machine.travel("2026-11-28 10:00:00+07:00", tick=False)
def test_a_charge_is_answered_with_a_virtual_account(core):
    status, body = core("POST", "/v2/charge", account(customer_details={"first_name": "Sari"}))
    assert status == 200
    number = body["va_numbers"][0].pop("va_number")
    assert (len(number), number.isdigit()) == (11, True)
    assert str(uuid.UUID(body.pop("transaction_id")))
    assert body == {
        "status_code": "201",
        "status_message": "Success, Bank Transfer transaction is created",
        "order_id": "INV-1",
        "merchant_id": "G000000001",
        "gross_amount": "24145.00",
        "currency": "IDR",
        "payment_type": "bank_transfer",
        "transaction_time": "2026-11-28 10:00:00",
        "transaction_status": "pending",
        "fraud_status": "accept",
        "expiry_time": "2026-11-29 10:00:00",
        "va_numbers": [{"bank": "bca"}],
    }


def test_each_bank_has_its_own_fields(core):
    core("POST", "/v2/charge", account("P", "permata"))
    permata = core("GET", "/v2/P/status")[1]
    mandiri = core("POST", "/v2/charge", order("M", payment_type="echannel", echannel={"bill_info1": "Tagihan"}))[1]
    assert len(permata["permata_va_number"]) == 16
    assert "va_numbers" not in permata
    assert (mandiri["biller_code"], len(mandiri["bill_key"]), mandiri["payment_type"]) == ("70012", 12, "echannel")


def test_the_expiry_is_the_one_the_shop_asks_for(core):
    asked = {"order_time": "2026-11-28 10:00:00 +0700", "expiry_duration": 90, "unit": "minute"}
    assert core("POST", "/v2/charge", account(custom_expiry=asked))[1]["expiry_time"] == "2026-11-28 11:30:00"


def test_an_order_id_is_used_once(core, snap):
    core("POST", "/v2/charge", account())
    assert _code(core("POST", "/v2/charge", account())) == (200, "406")
    assert snap("POST", "/snap/v1/transactions", order()) == (
        400,
        {"error_messages": ["transaction_details.order_id sudah digunakan"]},
    )


@pytest.mark.parametrize(
    ("charge", "code"),
    [
        (account() | order(amount=1.5), "400"),
        (account("X" * 51), "400"),
        (account(item_details=[{"name": "VPS", "price": 24144, "quantity": 1}]), "400"),
        (account(custom_expiry={"expiry_duration": 1, "unit": "fortnight"}), "400"),
        (account(bank="bsi"), "402"),
        (order(payment_type="credit_card"), "402"),
    ],
)
def test_a_wrong_charge_is_refused_and_makes_nothing(core, providers, charge, code):
    assert _code(core("POST", "/v2/charge", charge)) == (200, code)
    assert providers.midtrans.transactions == {}
    assert providers.midtrans.notifications == []


def test_a_wrong_key_is_refused_by_both_apis(providers):
    settings = providers.environment()
    assert _code(Caller(settings["MIDTRANS_API_URL"], "other")("POST", "/v2/charge", account())) == (401, "401")
    assert Caller(settings["MIDTRANS_SNAP_URL"], "other")("POST", "/snap/v1/transactions", order())[0] == 401
    assert (
        requests.get(settings["MIDTRANS_API_URL"] + "/v2/INV-1/status", auth=(SERVER_KEY, "x"), timeout=5).status_code
        == 401
    )
    assert providers.midtrans.transactions == {}


def test_an_unknown_order_is_404_in_the_body(core):
    assert core("GET", "/v2/nothing/status")[1]["status_message"] == "Transaction doesn't exist."
    assert _code(core("GET", "/v2/nothing/status")) == (200, "404")
    assert _code(core("POST", "/v2/nothing/cancel")) == (200, "404")


def test_money_settles_and_the_shop_is_told_with_a_signature(core, providers, shop):
    core("POST", "/v2/charge", account())
    assert shop.told == []
    providers.midtrans.pay("INV-1")
    assert shop.values("transaction_status") == ["pending", "settlement"]
    assert shop.values("status_code") == ["201", "200"]
    assert [path for path, _body, _headers in shop.told] == ["/webhooks/midtrans/"] * 2
    for _path, body, headers in shop.told:
        assert body["signature_key"] == _signature(body)
        assert headers["Content-Type"] == "application/json"
    assert shop.told[1][1]["settlement_time"] == core("GET", "/v2/INV-1/status")[1]["settlement_time"]
    assert core("GET", "/v2/INV-1/status")[1]["transaction_status"] == "settlement"


def test_an_order_is_found_by_its_transaction_id_too(core):
    made = core("POST", "/v2/charge", account())[1]
    assert core("GET", f"/v2/{made['transaction_id']}/status")[1]["order_id"] == "INV-1"


def test_a_forged_notification_carries_the_signature_it_is_given(core, providers):
    core("POST", "/v2/charge", account())
    body, _headers = providers.midtrans.notification("INV-1", transaction_status="settlement", gross_amount="1.00")
    said = json.loads(body)
    assert (said["status_code"], said["signature_key"]) == ("200", _signature(said))
    body, _headers = providers.midtrans.notification("INV-1", signature_key="none")
    assert json.loads(body)["signature_key"] == "none"


def test_a_payment_expires_when_its_time_has_come(core, providers, shop):
    core("POST", "/v2/charge", account())
    with time_machine.travel(datetime.now(WIB) + timedelta(days=2)):
        said = core("GET", "/v2/INV-1/status")[1]
    assert (said["status_code"], said["transaction_status"]) == ("407", "expire")
    providers.deliver()
    assert shop.values("transaction_status") == ["pending", "expire"]


def test_the_shop_ends_a_payment_once(core, providers, shop):
    for order_id, act, code in (("A", "cancel", "200"), ("B", "expire", "407")):
        core("POST", "/v2/charge", account(order_id))
        assert _code(core("POST", f"/v2/{order_id}/{act}")) == (200, code)
        assert _code(core("POST", f"/v2/{order_id}/{act}")) == (200, "412")
        assert core("GET", f"/v2/{order_id}/status")[1]["transaction_status"] == act
    providers.deliver()
    assert shop.values("transaction_status") == ["pending", "cancel", "pending", "expire"]


def test_a_virtual_account_is_not_refunded(core, providers):
    core("POST", "/v2/charge", account())
    providers.midtrans.pay("INV-1")
    assert _code(core("POST", "/v2/INV-1/refund", {"refund_key": "R1", "amount": 1000})) == (200, "412")
    assert core("GET", "/v2/INV-1/status")[1]["transaction_status"] == "settlement"


def test_a_card_is_refunded_in_parts_and_once_for_each_key(core, snap, providers, shop):
    snap("POST", "/snap/v1/transactions", order())
    providers.midtrans.choose_for("INV-1", "credit_card")
    providers.midtrans.pay("INV-1")
    assert _code(core("POST", "/v2/INV-1/refund", {"refund_key": "R1", "amount": 1000})) == (200, "412")
    providers.midtrans.pay("INV-1")
    for _time in range(2):
        answer = core("POST", "/v2/INV-1/refund", {"refund_key": "R1", "amount": 1000, "reason": "Salah"})
        assert _code(answer) == (200, "200")
        assert (answer[1]["refund_amount"], answer[1]["transaction_status"]) == ("1000.00", "partial_refund")
    assert _code(core("POST", "/v2/INV-1/refund", {"refund_key": "R2", "amount": 23146})) == (200, "412")
    assert core("POST", "/v2/INV-1/refund", {"refund_key": "R3"})[1]["transaction_status"] == "refund"
    providers.deliver()
    assert shop.values("transaction_status") == ["pending", "capture", "settlement", "partial_refund", "refund"]
    assert shop.values("refund_amount") == [None, None, None, "1000.00", "24145.00"]


def test_a_snap_order_is_unknown_until_somebody_chooses_how_to_pay(core, snap, providers):
    status, body = snap("POST", "/snap/v1/transactions", order(callbacks={"finish": "https://shop.test/done?x=1"}))
    assert status == 201
    assert body["redirect_url"] == f"{providers.address}/snap/v4/redirection/{body['token']}"
    assert _code(core("GET", "/v2/INV-1/status")) == (200, "404")
    session = providers.midtrans.sessions[body["token"]]
    providers.midtrans.choose(session, "gopay")
    assert core("GET", "/v2/INV-1/status")[1]["payment_type"] == "gopay"
    providers.midtrans.pay("INV-1")
    back = "https://shop.test/done?x=1&order_id=INV-1&status_code=200&transaction_status=settlement"
    assert providers.midtrans.back_to_the_shop(session) == back


def test_after_a_refusal_a_person_tries_again_with_a_new_transaction(snap, providers):
    session = providers.midtrans.sessions[snap("POST", "/snap/v1/transactions", order())[1]["token"]]
    first = providers.midtrans.choose(session, "credit_card")
    providers.midtrans.deny("INV-1")
    second = providers.midtrans.choose(session, "qris")
    assert (second.order_id, second.is_open) == ("INV-1", True)
    assert second.transaction_id != first.transaction_id
