"""The fake Xendit answers and calls back as Xendit documents it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.providers.conftest import Caller, fixed_account

INVOICE = {"external_id": "INV-1", "amount": 24145, "currency": "IDR"}


@pytest.fixture
def invoice(xendit):
    return xendit("POST", "/v2/invoices", INVOICE | {"success_redirect_url": "https://shop.test/done"})[1]


@pytest.fixture
def account(xendit):
    return xendit("POST", "/callback_virtual_accounts", fixed_account())[1]


@time_machine.travel("2026-11-28 03:00:00Z", tick=False)
def test_an_invoice_is_made_with_a_page_to_pay_on(xendit, providers):
    asked = INVOICE | {"invoice_duration": 3600, "payer_email": "sari@example.com", "description": "VPS"}
    status, made = xendit("POST", "/v2/invoices", asked)
    assert status == 200
    assert made["invoice_url"] == f"{providers.address}/xendit/web/{made['id']}"
    assert (made["status"], made["amount"], made["external_id"]) == ("PENDING", 24145, "INV-1")
    assert (made["expiry_date"], made["created"]) == ("2026-11-28T04:00:00.000Z", "2026-11-28T03:00:00.000Z")
    assert xendit("GET", f"/v2/invoices/{made['id']}") == (200, made)
    assert xendit("GET", "/v2/invoices?external_id=INV-1") == (200, [made])
    assert xendit("GET", "/v2/invoices?external_id=INV-2") == (200, [])


def test_two_invoices_may_have_one_external_id_and_the_newest_comes_first(xendit, invoice):
    second = xendit("POST", "/v2/invoices", INVOICE)[1]
    found = xendit("GET", "/v2/invoices?external_id=INV-1")[1]
    assert [kept["id"] for kept in found] == [second["id"], invoice["id"]]


def test_a_paid_invoice_is_called_back_with_the_token(xendit, invoice, providers, shop):
    providers.xendit.pay("INV-1", channel="DANA")
    [(path, body, headers)] = shop.told
    assert (path, headers["x-callback-token"]) == ("/webhooks/xendit/", "simulator-callback-token")
    assert (body["id"], body["external_id"], body["status"]) == (invoice["id"], "INV-1", "PAID")
    assert (body["amount"], body["paid_amount"], body["currency"]) == (24145, 24145, "IDR")
    assert (body["payment_method"], body["payment_channel"]) == ("EWALLET", "DANA")
    said = xendit("GET", f"/v2/invoices/{invoice['id']}")[1]
    assert (said["status"], said["paid_at"], said["payment_id"]) == ("PAID", body["paid_at"], body["payment_id"])


def test_the_shop_ends_an_invoice(xendit, invoice, providers, shop):
    for _time in range(2):
        status, body = xendit("POST", f"/invoices/{invoice['id']}/expire!")
        assert (status, body["status"]) == (200, "EXPIRED")
    providers.deliver()
    assert shop.values("status") == ["EXPIRED"]


def test_a_paid_invoice_is_not_ended(xendit, invoice, providers):
    providers.xendit.pay("INV-1")
    status, body = xendit("POST", f"/invoices/{invoice['id']}/expire!")
    assert (status, body["error_code"]) == (400, "INVALID_STATUS_ERROR")
    assert xendit("GET", f"/v2/invoices/{invoice['id']}")[1]["status"] == "PAID"


def test_an_invoice_expires_when_its_time_has_come(xendit, invoice, providers, shop):
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        assert xendit("GET", f"/v2/invoices/{invoice['id']}")[1]["status"] == "EXPIRED"
    providers.deliver()
    assert shop.values("status") == ["EXPIRED"]


def test_a_virtual_account_takes_one_payment_and_is_closed(xendit, account, providers, shop):
    assert (account["status"], account["account_number"][:5], account["merchant_code"]) == ("PENDING", "10766", "10766")
    url = f"/callback_virtual_accounts/{account['id']}"
    assert xendit("GET", url)[1]["status"] == "ACTIVE"
    providers.xendit.pay("INV-1")
    assert xendit("GET", url)[1]["status"] == "INACTIVE"
    [(path, body, headers)] = shop.told
    assert (path, headers["x-callback-token"]) == ("/webhooks/xendit/", "simulator-callback-token")
    assert (body["callback_virtual_account_id"], body["account_number"]) == (account["id"], account["account_number"])
    assert (body["external_id"], body["bank_code"], body["amount"]) == ("INV-1", "BCA", 24145)
    said = xendit("GET", f"/callback_virtual_account_payments/payment_id={body['payment_id']}")[1]
    assert said == {name: value for name, value in body.items() if name in said}
    assert (said["id"], said["transaction_timestamp"]) == (body["id"], body["transaction_timestamp"])


def test_an_account_lives_as_long_as_the_shop_says_and_ends_in_silence(xendit, providers, shop):
    asked = fixed_account(expiration_date="2026-11-28T05:00:00.000Z")
    with time_machine.travel("2026-11-28 03:00:00Z", tick=False) as clock:
        made = xendit("POST", "/callback_virtual_accounts", asked)[1]
        url = f"/callback_virtual_accounts/{made['id']}"
        assert made["expiration_date"] == "2026-11-28T05:00:00.000Z"
        changed = xendit("PATCH", url, {"expiration_date": "2026-11-28T04:00:00.000Z"})[1]
        assert (changed["expiration_date"], changed["status"]) == ("2026-11-28T04:00:00.000Z", "ACTIVE")
        clock.move_to("2026-11-28 04:00:00Z")
        assert xendit("GET", url)[1]["status"] == "INACTIVE"
        assert xendit("PATCH", url, {"expiration_date": "2026-11-29T04:00:00.000Z"})[0] == 400
    assert (providers.deliver(), shop.told) == ([], [])


def test_an_idempotency_key_makes_one_object_of_two_requests(xendit, providers):
    key = {"X-IDEMPOTENCY-KEY": "attempt-1"}
    answers = [xendit("POST", "/callback_virtual_accounts", fixed_account(), **key) for _time in range(2)]
    assert answers[0] == answers[1]
    assert len(providers.xendit.accounts) == 1


def test_everything_that_came_in_is_listed(xendit, invoice, providers):
    assert xendit("GET", "/transactions?reference_id=INV-1")[1]["data"] == []
    providers.xendit.pay(invoice["id"], channel="QRIS")
    xendit("POST", "/callback_virtual_accounts", fixed_account(external_id="INV-2"))
    providers.xendit.pay("INV-2")
    listed = xendit("GET", "/transactions")[1]["data"]
    assert [
        (line["reference_id"], line["channel_category"], line["channel_code"], line["amount"]) for line in listed
    ] == [
        ("INV-2", "VIRTUAL_ACCOUNT", "BCA", 24145),
        ("INV-1", "INVOICE", "QRIS", 24145),
    ]
    assert xendit("GET", "/transactions?reference_id=INV-1")[1]["data"] == listed[1:]


def test_a_refund_is_given_once_for_each_key_and_never_more_than_was_paid(xendit, invoice, providers, shop):
    providers.xendit.pay("INV-1")
    asked = {"invoice_id": invoice["id"], "amount": 20000, "reason": "REQUESTED_BY_CUSTOMER", "reference_id": "R1"}
    first = xendit("POST", "/refunds", asked, **{"Idempotency-key": "R1"})
    assert first == xendit("POST", "/refunds", asked, **{"Idempotency-key": "R1"})
    assert (first[0], first[1]["status"], first[1]["amount"]) == (200, "SUCCEEDED", 20000)
    status, body = xendit("POST", "/refunds", asked | {"amount": 4146}, **{"Idempotency-key": "R2"})
    assert (status, body["error_code"]) == (400, "MAXIMUM_REFUND_AMOUNT_REACHED")
    assert xendit("GET", f"/refunds?invoice_id={invoice['id']}")[1]["data"] == [first[1]]
    assert xendit("GET", f"/refunds/{first[1]['id']}") == (200, first[1])
    providers.deliver()
    assert shop.values("event") == [None, "refund.succeeded"]


@pytest.mark.parametrize(
    ("channel", "code"), [("", (403, "INELIGIBLE_TRANSACTION")), ("BCA", (400, "REFUND_NOT_SUPPORTED"))]
)
def test_what_is_unpaid_or_came_by_bank_is_not_refunded(xendit, invoice, providers, channel, code):
    if channel:
        providers.xendit.pay("INV-1", channel=channel)
    status, body = xendit("POST", "/refunds", {"invoice_id": invoice["id"], "reason": "OTHERS"})
    assert ((status, body["error_code"]), providers.xendit.refunds) == (code, [])


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("/v2/invoices", {"external_id": "X"}, "API_VALIDATION_ERROR"),
        ("/v2/invoices", {"external_id": "X", "amount": "24145"}, "API_VALIDATION_ERROR"),
        ("/callback_virtual_accounts", fixed_account(expected_amount=None), "API_VALIDATION_ERROR"),
        ("/callback_virtual_accounts", fixed_account(bank_code="BSI"), "BANK_NOT_SUPPORTED_ERROR"),
        ("/callback_virtual_accounts", fixed_account(expiration_date="besok"), "EXPIRATION_DATE_INVALID_ERROR"),
        (
            "/callback_virtual_accounts",
            fixed_account(expiration_date="2026-11-28T05:00"),
            "EXPIRATION_DATE_INVALID_ERROR",
        ),
    ],
)
def test_a_wrong_request_is_refused_and_makes_nothing(xendit, providers, path, asked, code):
    status, body = xendit("POST", path, asked)
    assert (status, body["error_code"]) == (400, code)
    assert (providers.xendit.invoices, providers.xendit.accounts) == ({}, {})


def test_a_wrong_key_and_unknown_ids_have_documented_errors(providers, xendit):
    stranger = Caller(providers.environment()["XENDIT_API_URL"], "xnd_other")
    assert stranger("POST", "/v2/invoices", INVOICE)[1]["error_code"] == "INVALID_API_KEY"
    assert providers.xendit.invoices == {}
    unknown = {
        "/v2/invoices/none": "INVOICE_NOT_FOUND_ERROR",
        "/callback_virtual_accounts/none": "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR",
        "/callback_virtual_account_payments/payment_id=none": "CALLBACK_VIRTUAL_ACCOUNT_PAYMENT_NOT_FOUND_ERROR",
        "/refunds/none": "DATA_NOT_FOUND",
    }
    assert {path: xendit("GET", path)[1]["error_code"] for path in unknown} == unknown


def test_wrong_amounts_and_states_are_said_as_the_switch_says(xendit, invoice, account, providers, shop):
    providers.xendit.switches.wrong_notification = {"amount": 1000}
    providers.xendit.switches.wrong_status = {"amount": 2000, "status": "SETTLED"}
    providers.xendit.pay(invoice["id"])
    providers.xendit.pay(account["id"])
    assert (shop.values("amount"), shop.values("paid_amount")) == ([1000, 1000], [1000, None])
    said = xendit("GET", f"/v2/invoices/{invoice['id']}")[1]
    assert (said["status"], said["amount"], said["paid_amount"]) == ("SETTLED", 2000, 2000)


def test_reordered_an_expiry_arrives_after_the_payment(invoice, providers, shop):
    providers.xendit.switches.notify = "reordered"
    providers.xendit.pay("INV-1")
    assert shop.values("status") == ["PAID", "EXPIRED"]


def test_a_forged_callback_is_at_hand(account, providers):
    body, headers = providers.xendit.notification(account["id"], amount=1)
    said = json.loads(body)
    assert (said["amount"], said["callback_virtual_account_id"]) == (1, account["id"])
    assert headers["x-callback-token"] == "simulator-callback-token"
    assert providers.xendit.accounts[account["id"]].payments == []
