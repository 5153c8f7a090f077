"""What Midtrans says, in the form of its documentation, read without a network."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.gateways import midtrans
from billing.gateways.base import Report, State, Unreadable
from tests.gateways.conftest import make_attempt

# https://docs.midtrans.com/reference/get-transaction-status
SETTLED = {
    "status_code": "200",
    "status_message": "Success, transaction is found",
    "transaction_id": "9aed5972-5b6a-401e-894b-a32c91ed1a3a",
    "order_id": "inv-1",
    "merchant_id": "G000000001",
    "gross_amount": "24145.00",
    "currency": "IDR",
    "payment_type": "bank_transfer",
    "transaction_time": "2026-11-28 09:48:44",
    "transaction_status": "settlement",
    "fraud_status": "accept",
    "settlement_time": "2026-11-28 09:50:01",
    "va_numbers": [{"bank": "bca", "va_number": "91019021579"}],
    "payment_amounts": [],
}


@pytest.fixture
def attempt():
    return make_attempt("midtrans_va", "bca", order_id="inv-1")


def said(**fields):
    return {name: value for name, value in {**SETTLED, **fields}.items() if value is not None}


def test_a_settlement_is_read_whole(attempt):
    assert midtrans.report(SETTLED, attempt) == Report(
        state=State.PAID,
        amount=Decimal(24145),
        currency="IDR",
        transaction_id="9aed5972-5b6a-401e-894b-a32c91ed1a3a",
        paid_at=datetime(2026, 11, 28, 2, 50, 1, tzinfo=UTC),
        channel="bank_transfer bca",
        detail="settlement",
    )


@pytest.mark.parametrize(
    ("word", "fraud", "state"),
    [
        ("pending", None, State.PENDING),
        ("authorize", "accept", State.PENDING),
        ("capture", "accept", State.PAID),
        ("capture", "challenge", State.PENDING),
        ("capture", "deny", State.FAILED),
        ("settlement", None, State.PAID),
        ("deny", "deny", State.FAILED),
        ("cancel", None, State.FAILED),
        ("failure", None, State.FAILED),
        ("expire", None, State.EXPIRED),
    ],
)
def test_every_documented_status_is_known(attempt, word, fraud, state):
    found = midtrans.report(said(transaction_status=word, fraud_status=fraud), attempt)
    assert (found.state, found.amount, found.refunded) == (state, 24145, 0)


@pytest.mark.parametrize(
    ("fields", "refunded"),
    [
        ({"transaction_status": "refund"}, 24145),
        ({"transaction_status": "refund", "refund_amount": "24145.00"}, 24145),
        ({"transaction_status": "partial_refund", "refund_amount": "4145.00"}, 4145),
        (
            {
                "transaction_status": "partial_refund",
                "refunds": [{"refund_amount": "4000.00"}, {"refund_amount": "145.00"}],
            },
            4145,
        ),
        ({"transaction_status": "chargeback"}, 24145),
        ({"transaction_status": "partial_chargeback", "refund_amount": "10000.00"}, 10000),
    ],
)
def test_money_that_went_back_is_counted_and_what_was_paid_stays_told(attempt, fields, refunded):
    found = midtrans.report(said(**fields), attempt)
    assert (found.state, found.refunded, found.amount) == (State.REFUNDED, refunded, 24145)
    assert found.detail == fields["transaction_status"]


@pytest.mark.parametrize("word", ["cancel", "deny", "failure"])
def test_what_was_paid_and_is_no_more_went_back_whole(attempt, word):
    attempt.paid_at = timezone.now()
    found = midtrans.report(said(transaction_status=word), attempt)
    assert (found.state, found.refunded, found.detail) == (State.REFUNDED, 24145, word)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"transaction_status": "hold"}, "hold"),
        ({"transaction_status": "Settlement"}, "Settlement"),
        ({"transaction_status": "capture", "fraud_status": "review"}, "capture review"),
        ({"transaction_status": "capture", "fraud_status": None}, "fraud_status"),
        ({"transaction_status": None}, "transaction_status"),
        ({"transaction_status": 1}, "transaction_status"),
        ({"transaction_id": None}, "transaction_id"),
        ({"transaction_id": "a\nb"}, "transaction_id"),
        ({"order_id": "inv-2"}, "inv-2"),
        ({"gross_amount": "24145.50"}, "24145.50"),
        ({"gross_amount": None}, "gross_amount"),
        ({"gross_amount": "-24145.00"}, "gross_amount"),
        ({"gross_amount": "24,145.00"}, "gross_amount"),
        ({"gross_amount": "2.4145e4"}, "gross_amount"),
        ({"gross_amount": "٢٤١٤٥"}, "gross_amount"),
        ({"gross_amount": "9" * 40}, "gross_amount"),
        ({"gross_amount": True}, "gross_amount"),
        ({"currency": "JPY"}, "JPY"),
        ({"currency": 360}, "currency"),
        ({"transaction_status": "partial_refund"}, "refund_amount"),
        ({"transaction_status": "partial_refund", "refund_amount": "24146.00"}, "refund_amount"),
        ({"transaction_status": "partial_refund", "refund_amount": "0.00"}, "refund_amount"),
    ],
)
def test_what_is_not_documented_is_named_and_not_guessed(attempt, fields, named):
    with pytest.raises(Unreadable) as refusal:
        midtrans.report(said(**fields), attempt)
    assert named in str(refusal.value)


def test_another_amount_or_currency_is_told_as_it_is(attempt):
    found = midtrans.report(said(gross_amount="24.50", currency="USD"), attempt)
    assert (found.amount, found.currency) == (Decimal("24.50"), "USD")


def test_no_currency_means_rupiah_as_documented(attempt):
    assert midtrans.report(said(currency=None), attempt).currency == "IDR"


@pytest.mark.parametrize("time", [None, "", "kemarin", 5])
def test_money_does_not_wait_for_a_time_that_is_not_to_be_read(attempt, time):
    found = midtrans.report(said(settlement_time=time, transaction_time=time), attempt)
    assert (found.state, found.paid_at) == (State.PAID, None)


def test_a_lifetime_ends_to_the_second_with_the_attempt(attempt):
    attempt.expires_at = timezone.now() + timedelta(minutes=90, seconds=17)
    begin, minutes = midtrans.lifetime(attempt)
    end = datetime.strptime(begin, "%Y-%m-%d %H:%M:%S %z") + timedelta(minutes=minutes)
    assert (minutes, end) == (91, attempt.expires_at.replace(microsecond=0))
