"""Who may tell the shop of a payment, and what is made of the rest: refused in order, never a fault."""

import json
from decimal import Decimal
from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import gateways
from billing.gateways.base import BadSignature, Notice, Unreadable
from config.providers import Midtrans, Xendit

# https://docs.midtrans.com/reference/handle-notifications
SETTLED = {
    "transaction_time": "2026-11-28 09:48:44",
    "transaction_status": "settlement",
    "transaction_id": "9aed5972-5b6a-401e-894b-a32c91ed1a3a",
    "status_message": "midtrans payment notification",
    "status_code": "200",
    "settlement_time": "2026-11-28 09:50:01",
    "payment_type": "bank_transfer",
    "order_id": "inv-1",
    "merchant_id": "G000000001",
    "gross_amount": "24145.00",
    "fraud_status": "accept",
    "currency": "IDR",
}
TOKEN = {"X-Callback-Token": "token-rahasia"}
# https://docs.xendit.co/apidocs: callbacks
ACCOUNT_PAID = {
    "id": "57fb4e076fa3fa296b7f5a97",
    "payment_id": "demo-1476087608948_1476087303080",
    "callback_virtual_account_id": "57fb4df9af86ce19778ad359",
    "owner_id": "57b4e5181473eeb61c11f9b9",
    "external_id": "inv-1",
    "account_number": "8808999939380502",
    "bank_code": "BNI",
    "amount": 24145,
    "transaction_timestamp": "2026-11-28T03:15:03.080Z",
    "merchant_code": "8808",
    "sender_name": "SARI DEWI",
    "updated": "2026-11-28T03:15:03.404Z",
    "created": "2026-11-28T03:15:03.404Z",
}
ACCOUNT_MADE = {
    "id": "57fb4df9af86ce19778ad359",
    "external_id": "inv-1",
    "owner_id": "57b4e5181473eeb61c11f9b9",
    "merchant_code": "8808",
    "account_number": "8808999939380502",
    "bank_code": "BNI",
    "name": "Sari Dewi",
    "is_closed": True,
    "is_single_use": True,
    "expected_amount": 24145,
    "expiration_date": "2026-11-29T03:15:03.080Z",
    "status": "ACTIVE",
}
INVOICE_PAID = {
    "id": "579c8d61f23fa4ca35e52da4",
    "external_id": "inv-1",
    "user_id": "5781d19b2e2385880609791c",
    "is_high": False,
    "payment_method": "BANK_TRANSFER",
    "status": "PAID",
    "merchant_name": "Toko",
    "amount": 24145,
    "paid_amount": 24145,
    "bank_code": "PERMATA",
    "paid_at": "2026-11-28T03:15:03.404Z",
    "payer_email": "sari@example.com",
    "description": "INV-2026-000123",
    "updated": "2026-11-28T03:15:03.404Z",
    "created": "2026-11-28T03:14:03.404Z",
    "currency": "IDR",
    "payment_channel": "PERMATA",
}
REFUNDED = {
    "event": "refund.succeeded",
    "business_id": "5781d19b2e2385880609791c",
    "created": "2026-11-28T03:15:03.404Z",
    "data": {"id": "rfd-1", "invoice_id": "579c8d61f23fa4ca35e52da4", "amount": 4145, "status": "SUCCEEDED"},
}


@pytest.fixture(autouse=True)
def _keys(keys):
    """Every test here is of a shop with both providers' keys."""


def signed(body, key="SB-Mid-server-kunci"):
    plain = f"{body['order_id']}{body['status_code']}{body['gross_amount']}{key}"
    return {**body, "signature_key": sha512(plain.encode()).hexdigest()}


def told(provider, body, headers=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return gateways.providers[provider].read_webhook(body, headers or {})


def test_a_signed_notification_names_its_order_and_claims_its_amount():
    assert told("midtrans", signed(SETTLED)) == Notice(
        order_id="inv-1", event="settlement", amount=Decimal(24145), currency="IDR"
    )


@pytest.mark.parametrize(
    "changed", [{"order_id": "inv-2"}, {"status_code": "201"}, {"gross_amount": "24146.00"}, {"gross_amount": "24145"}]
)
def test_a_notification_altered_after_it_was_signed_is_forged(changed):
    with pytest.raises(BadSignature):
        told("midtrans", {**signed(SETTLED), **changed})


@pytest.mark.parametrize(
    "signature",
    ["", "0" * 128, "é" * 128, "\ud800", None, 5, ["a"], signed(SETTLED)["signature_key"].upper(), "x" * 9999],
)
def test_another_signature_is_forged(signature):
    with pytest.raises(BadSignature):
        told("midtrans", {**signed(SETTLED), "signature_key": signature})


@pytest.mark.parametrize("key", ["", "SB-Mid-server-lain"])
def test_a_notification_signed_with_another_key_is_forged(key):
    with pytest.raises(BadSignature):
        told("midtrans", signed(SETTLED, key=key))


def test_without_keys_nobody_can_sign(settings):
    settings.MIDTRANS = Midtrans("", "https://api.midtrans.com", "https://app.midtrans.com")
    settings.XENDIT = Xendit("", "", "https://api.xendit.co")
    assert [provider.is_configured() for provider in gateways.providers.values()] == [False, False]
    with pytest.raises(BadSignature):
        told("midtrans", signed(SETTLED, key=""))
    for headers in ({}, {"x-callback-token": ""}):
        with pytest.raises(BadSignature):
            told("xendit", INVOICE_PAID, headers)


@pytest.mark.parametrize("name", ["order_id", "status_code", "gross_amount", "signature_key"])
@pytest.mark.parametrize("value", ["gone", None, 24145, 1.5, True, [], {}, "a\x00b"])
def test_what_the_signature_covers_has_to_be_there_as_text(name, value):
    body = signed(SETTLED)
    body.pop(name)
    if value != "gone":
        body[name] = value
    with pytest.raises(BadSignature):
        told("midtrans", body)


NO_DOCUMENTS = [
    b"",
    b"null",
    b"[]",
    b"5",
    b"{",
    b"order_id=inv-1",
    b"\xff\xfe\x00",
    b'{"order_id": ' + b"9" * 5000 + b"}",
    b'{"order_id": 1e999}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
]


@pytest.mark.parametrize("body", NO_DOCUMENTS, ids=range(len(NO_DOCUMENTS)))
def test_what_is_no_document_is_refused(body):
    with pytest.raises(BadSignature):
        told("midtrans", body)
    with pytest.raises(Unreadable):
        told("xendit", body, TOKEN)


def test_a_field_that_stands_twice_would_be_two_things_to_two_readers():
    body = json.dumps(signed(SETTLED))
    doubled = body[:-1] + ', "order_id": "inv-1"}'
    with pytest.raises(BadSignature):
        told("midtrans", doubled.encode())
    with pytest.raises(Unreadable):
        told("xendit", (json.dumps(INVOICE_PAID)[:-1] + ', "status": "PAID"}').encode(), TOKEN)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"gross_amount": "24145.50"}, "24145.50"),
        ({"gross_amount": "banyak"}, "gross_amount"),
        ({"status_code": "0200"}, "status_code"),
        ({"transaction_status": None}, "transaction_status"),
        ({"currency": "JPY"}, "JPY"),
        ({"currency": ["IDR"]}, "currency"),
    ],
)
def test_a_signed_notification_of_another_form_is_unreadable_and_says_what(changed, named):
    with pytest.raises(Unreadable) as refusal:
        told("midtrans", signed({**SETTLED, **changed}))
    assert named in str(refusal.value)


def test_a_signature_does_not_fit_its_text_cut_in_another_place():
    """Midtrans joins the fields without anything between them."""
    body = signed(SETTLED)
    shifted = {**body, "order_id": "inv-12", "status_code": "002", "gross_amount": "4145.00"}
    with pytest.raises(Unreadable):
        told("midtrans", shifted)


@pytest.mark.parametrize("token", ["", "token", "token-rahasia ", "TOKEN-RAHASIA", "é", "\ud800"])
def test_xendit_is_known_by_its_token_alone(token):
    with pytest.raises(BadSignature):
        told("xendit", INVOICE_PAID, {"x-callback-token": token})
    with pytest.raises(BadSignature):
        told("xendit", INVOICE_PAID)


@pytest.mark.parametrize("name", ["X-Callback-Token", "x-callback-token", "X-CALLBACK-TOKEN"])
def test_the_token_is_found_in_any_case(name):
    assert told("xendit", INVOICE_PAID, {name: "token-rahasia"}).event == "invoice PAID"


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (
            ACCOUNT_PAID,
            Notice("inv-1", "57fb4df9af86ce19778ad359", "virtual_account payment", Decimal(24145), "IDR"),
        ),
        (ACCOUNT_MADE, Notice("inv-1", "57fb4df9af86ce19778ad359", "virtual_account ACTIVE")),
        (
            {**ACCOUNT_MADE, "status": "INACTIVE"},
            Notice("inv-1", "57fb4df9af86ce19778ad359", "virtual_account INACTIVE"),
        ),
        (INVOICE_PAID, Notice("inv-1", "579c8d61f23fa4ca35e52da4", "invoice PAID", Decimal(24145), "IDR")),
        (
            {**INVOICE_PAID, "status": "EXPIRED"},
            Notice("inv-1", "579c8d61f23fa4ca35e52da4", "invoice EXPIRED", Decimal(24145), "IDR"),
        ),
        (REFUNDED, Notice("", "579c8d61f23fa4ca35e52da4", "refund.succeeded")),
    ],
)
def test_each_of_xendits_callbacks_is_read_and_only_payments_claim_money(body, notice):
    assert told("xendit", body, TOKEN) == notice


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({**INVOICE_PAID, "external_id": None}, "external_id"),
        ({**INVOICE_PAID, "external_id": 5}, "external_id"),
        ({**INVOICE_PAID, "id": "a\x00b"}, "id"),
        ({**INVOICE_PAID, "status": None}, "status"),
        ({**INVOICE_PAID, "amount": 24145.5}, "24145.5"),
        ({**INVOICE_PAID, "amount": "NaN"}, "amount"),
        ({**INVOICE_PAID, "amount": float("nan")}, "amount"),
        ({**INVOICE_PAID, "amount": 10**30}, "amount"),
        ({**INVOICE_PAID, "currency": "KRW"}, "KRW"),
        ({**ACCOUNT_PAID, "amount": None}, "amount"),
        ({**ACCOUNT_MADE, "status": ""}, "status"),
        ({"event": "payment.succeeded", "data": {}}, "payment.succeeded"),
        ({"event": "refund.succeeded", "data": None}, "refund.succeeded"),
        ({"event": 5, "data": {}}, "event"),
        ({"event": "refund.succeeded", "data": {"invoice_id": None}}, "invoice_id"),
    ],
)
def test_a_callback_of_another_form_is_unreadable_and_says_what(body, named):
    with pytest.raises(Unreadable) as refusal:
        told("xendit", body, TOKEN)
    assert named in str(refusal.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(field=st.sampled_from(sorted({*SETTLED, "signature_key"})), value=JSON)
def test_no_value_of_any_field_makes_a_fault_of_midtrans_notifications(field, value):
    try:
        notice = told("midtrans", {**signed(SETTLED), field: value})
    except (BadSignature, Unreadable):
        return
    assert (notice.order_id, notice.amount) == ("inv-1", 24145)


@given(body=st.sampled_from([ACCOUNT_PAID, ACCOUNT_MADE, INVOICE_PAID, REFUNDED]), data=st.data())
def test_no_value_of_any_field_makes_a_fault_of_xendits_callbacks(body, data):
    field, value = data.draw(st.sampled_from(sorted(body))), data.draw(JSON)
    try:
        notice = told("xendit", {**body, field: value}, TOKEN)
    except Unreadable:
        return
    assert notice.order_id or notice.provider_id


@pytest.mark.parametrize("provider", ["midtrans", "xendit"])
def test_the_fakes_notifications_are_read(providers, begun, provider):
    attempt = begun(f"{provider}_va", "bca")
    fake = getattr(providers, provider)
    fake.pay(attempt.order_id)
    body, headers = fake.notifications[-1]
    notice = gateways.providers[provider].read_webhook(body, headers)
    assert (notice.order_id, notice.amount, notice.currency) == (attempt.order_id, 24145, "IDR")
