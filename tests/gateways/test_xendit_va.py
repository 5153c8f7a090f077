"""Virtual accounts by Xendit, against a fake that speaks its documented HTTP."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from billing.gateways.base import NotSupported, Refused, Started, State, Unreadable
from billing.gateways.wire import Unreachable
from billing.gateways.xendit_va import XenditVirtualAccount, account_name, payments
from tests.gateways.conftest import make_attempt, sent

GATEWAY = XenditVirtualAccount()
BANKS = {"bca": "BCA", "bni": "BNI", "bri": "BRI", "permata": "Permata", "mandiri": "Mandiri"}


def test_it_offers_five_banks_and_sends_nothing_back():
    assert {channel.code: channel.name for channel in GATEWAY.channels} == BANKS
    assert (GATEWAY.provider, GATEWAY.supports_refund) == ("xendit", False)
    with pytest.raises(NotSupported):
        GATEWAY.refund(make_attempt("xendit_va"), Decimal(1), key="1", reason="", wire=None)


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_opens_a_closed_account_for_one_payment(providers, wire, exchanges, bank):
    attempt = make_attempt("xendit_va", bank)
    started = GATEWAY.start(attempt, wire())
    [made] = providers.xendit.accounts.values()
    assert started == Started(made.id, attempt.expires_at, facts={"bank": BANKS[bank], "number": made.account_number})
    assert (made.bank_code, made.amount, made.expires_at) == (bank.upper(), "24145", attempt.expires_at.isoformat())
    assert (made.is_closed, made.is_single_use, made.name) == (True, True, "Sari Dewi S Kom")
    assert sent(exchanges[0])["external_id"] == attempt.order_id
    assert b"sari@example.com" not in exchanges[0].sent


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("PT. Maju-Jaya 99 (Persero)", "PT Maju Jaya Persero"),
        ("CV Sumber Rejeki Abadi Sejahtera Sentosa", "CV Sumber Rejeki Abadi Sejahte"),
        ("Ny. A", "Ny A"),
        ("李", "Pelanggan"),
        ("", "Pelanggan"),
    ],
)
def test_a_bank_is_told_a_name_of_letters(name, shown):
    assert account_name(name) == shown


def test_a_lost_answer_is_given_again_and_no_second_account_opened(providers, wire):
    attempt = make_attempt("xendit_va", "bri")
    providers.xendit.switches.turn(lost=True)
    with pytest.raises(Unreachable):
        GATEWAY.start(attempt, wire())
    providers.xendit.switches.reset()
    started = GATEWAY.start(attempt, wire())
    assert list(providers.xendit.accounts) == [started.provider_id]


def test_a_refusal_has_xendits_own_words_and_opens_nothing(providers, wire):
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("xendit_va", "cimb"), wire())
    assert str(refusal.value) == "Xendit 400: BANK_NOT_SUPPORTED_ERROR: Bank code CIMB is not supported"
    assert providers.xendit.accounts == {}


def test_an_account_is_pending_then_paid(providers, begun, wire):
    attempt = begun("xendit_va", "mandiri")
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.transaction_id) == (State.PENDING, attempt.amount, "")
    providers.xendit.pay(attempt.order_id)
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.currency) == (State.PAID, attempt.amount, "IDR")
    assert (report.channel, report.detail, report.refunded) == ("MANDIRI", "SUCCESS", 0)
    assert report.transaction_id == GATEWAY.status(attempt, wire("status")).transaction_id != ""
    assert abs(report.paid_at - timezone.now()) < timedelta(minutes=1)


def test_a_payment_of_another_order_with_a_similar_id_is_not_taken(providers, begun, wire):
    attempt = begun("xendit_va", "bca", order_id="inv-1")
    other = begun("xendit_va", "bca", order_id="inv-10")
    providers.xendit.pay(other.order_id)
    assert GATEWAY.status(attempt, wire("status")).state == State.PENDING
    assert GATEWAY.status(other, wire("status")).state == State.PAID


def test_an_account_that_is_over_is_expired_once_no_payment_can_still_be_listed(providers, begun, wire):
    attempt = begun("xendit_va", "bca")
    with time_machine.travel(attempt.expires_at + timedelta(minutes=1)):
        assert GATEWAY.status(attempt, wire("status")).state == State.PENDING
    with time_machine.travel(attempt.expires_at + timedelta(minutes=10)):
        assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


def test_a_closed_account_is_closed_and_closing_it_again_is_no_error(providers, begun, wire):
    attempt = begun("xendit_va", "bca")
    for _time in range(2):
        GATEWAY.expire(attempt, wire("expire"))
    assert providers.xendit.account(attempt.provider_id).status == "INACTIVE"


def test_closing_what_was_paid_leaves_the_payment(providers, begun, wire):
    attempt = begun("xendit_va", "bca")
    providers.xendit.pay(attempt.order_id)
    GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID


def test_an_account_whose_opening_was_not_answered_is_found_to_be_closed(providers, wire):
    attempt = make_attempt("xendit_va", "bca")
    providers.xendit.switches.turn(lost=True)
    with pytest.raises(Unreachable):
        GATEWAY.start(attempt, wire())
    providers.xendit.switches.reset()
    GATEWAY.expire(attempt, wire("expire"))
    [made] = providers.xendit.accounts
    assert providers.xendit.account(made).status == "INACTIVE"


def test_what_xendit_does_not_know_is_not_closed(providers, begun, wire):
    attempt = begun("xendit_va", "bca")
    attempt.provider_id = "tidak-ada"
    with pytest.raises(Refused) as refusal:
        GATEWAY.expire(attempt, wire("expire"))
    assert "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR" in str(refusal.value)


LISTED = {
    "id": "txn_438e4b61-7c4c-4dbb-bbba-94a896bff333",
    "product_id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
    "type": "PAYMENT",
    "status": "SUCCESS",
    "channel_category": "VIRTUAL_ACCOUNT",
    "channel_code": "BCA",
    "reference_id": "inv-1",
    "account_identifier": "10766999",
    "currency": "IDR",
    "amount": 24145,
    "cashflow": "MONEY_IN",
    "created": "2026-11-28T03:15:03.404Z",
}


@pytest.mark.parametrize(
    ("word", "state", "refunded"),
    [
        ("SUCCESS", State.PAID, 0),
        ("PENDING", State.PENDING, 0),
        ("VOIDED", State.REFUNDED, 24145),
        ("REVERSED", State.REFUNDED, 24145),
    ],
)
def test_every_documented_status_of_a_transaction_is_known(word, state, refunded):
    [report] = payments([{**LISTED, "status": word}], make_attempt("xendit_va", order_id="inv-1"))
    assert (report.state, report.refunded, report.amount) == (state, refunded, 24145)
    assert report.transaction_id == "d290f1ee-6c54-4b01-90e6-d701748f0851"


def test_the_oldest_payment_counts_and_a_failed_one_does_not():
    listed = [
        {**LISTED, "product_id": "kedua", "created": "2026-11-28T04:00:00.000Z"},
        {**LISTED, "product_id": "pertama"},
        {**LISTED, "product_id": "gagal", "created": "2026-11-28T01:00:00.000Z", "status": "FAILED"},
    ]
    found = payments(listed, make_attempt("xendit_va", order_id="inv-1"))
    assert [report.transaction_id for report in found] == ["pertama", "kedua"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"status": "HELD"}, "HELD"),
        ({"status": None}, "status"),
        ({"product_id": None}, "product_id"),
        ({"amount": 24145.5}, "24145.5"),
        ({"amount": "24.145"}, "amount"),
        ({"currency": "JPY"}, "JPY"),
    ],
)
def test_a_transaction_of_another_form_is_unreadable_and_says_what(fields, named):
    with pytest.raises(Unreadable) as refusal:
        payments([{**LISTED, **fields}], make_attempt("xendit_va", order_id="inv-1"))
    assert named in str(refusal.value)


@pytest.mark.parametrize("word", ["CLOSED", "inactive"])
def test_an_accounts_status_that_is_not_documented_is_not_guessed(providers, begun, wire, word):
    attempt = begun("xendit_va", "bca")
    providers.xendit.switches.turn(wrong_status={"status": word})
    with pytest.raises(Unreadable) as refusal:
        GATEWAY.status(attempt, wire("status"))
    assert word in str(refusal.value)


def test_a_number_that_is_none_is_not_shown_to_anybody(providers, wire, monkeypatch):
    monkeypatch.setattr("tests.providers.xendit.free_number", lambda bank, taken: "lihat http://lain.example")
    with pytest.raises(Unreadable) as refusal:
        GATEWAY.start(make_attempt("xendit_va", "bca"), wire())
    assert str(refusal.value) == "account_number tidak terbaca."
