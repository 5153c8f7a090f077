"""Virtual accounts by Midtrans, against a fake that speaks its documented HTTP."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from billing.gateways import midtrans
from billing.gateways.base import AlreadyThere, NotSupported, Refused, Started, State, Unreadable
from billing.gateways.midtrans_va import MidtransVirtualAccount
from billing.gateways.wire import Unreachable
from tests.gateways.conftest import make_attempt, sent

GATEWAY = MidtransVirtualAccount()
BANKS = {"bca": "BCA", "bni": "BNI", "bri": "BRI", "permata": "Permata", "mandiri": "Mandiri"}


def test_it_offers_five_banks_and_sends_nothing_back():
    assert {channel.code: channel.name for channel in GATEWAY.channels} == BANKS
    assert (GATEWAY.provider, GATEWAY.supports_refund, GATEWAY.supports_confirmation) == ("midtrans", False, False)
    with pytest.raises(NotSupported):
        GATEWAY.refund(make_attempt("midtrans_va"), Decimal(1), key="1", reason="", wire=None)


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_opens_an_account_for_exactly_the_amount_until_exactly_the_end(providers, wire, exchanges, bank):
    attempt = make_attempt("midtrans_va", bank)
    started = GATEWAY.start(attempt, wire())
    made = providers.midtrans.transactions[attempt.order_id]
    facts = {"bank": BANKS[bank], "number": made.number}
    if bank == "mandiri":
        facts = {**facts, "biller_code": "70012"}
    assert started == Started(made.transaction_id, attempt.expires_at, facts=facts)
    assert (made.amount, made.bank) == ("24145.00", bank)
    [exchange] = exchanges
    body = sent(exchange)
    assert body["transaction_details"] == {"order_id": attempt.order_id, "gross_amount": 24145}
    assert body["item_details"] == [{"id": "INV-2026-000123", "price": 24145, "quantity": 1, "name": "INV-2026-000123"}]


def test_no_more_of_the_customer_is_told_than_name_and_email(providers, wire, exchanges):
    GATEWAY.start(make_attempt("midtrans_va", "bni"), wire())
    assert sent(exchanges[0])["customer_details"] == {"first_name": "Sari Dewi, S.Kom.", "email": "sari@example.com"}
    assert b"62811" not in exchanges[0].sent
    assert b"nik" not in exchanges[0].sent


def test_a_customer_without_email_is_not_given_an_empty_one(providers, wire, exchanges):
    attempt = make_attempt("midtrans_va", "bni")
    attempt.invoice.buyer = {"name": "Sari"}
    GATEWAY.start(attempt, wire())
    assert sent(exchanges[0])["customer_details"] == {"first_name": "Sari"}


def test_a_lost_answer_is_found_again_and_no_second_account_opened(providers, wire):
    attempt = make_attempt("midtrans_va", "permata")
    providers.midtrans.switches.turn(lost=True)
    with pytest.raises(Unreachable):
        GATEWAY.start(attempt, wire())
    providers.midtrans.switches.reset()
    made = providers.midtrans.transactions[attempt.order_id]
    assert GATEWAY.start(attempt, wire()) == Started(
        made.transaction_id, attempt.expires_at, facts={"bank": "Permata", "number": made.number}
    )
    assert len(providers.midtrans.transactions) == 1


def test_an_order_id_that_belongs_to_something_else_is_left_alone(providers, begun, wire):
    begun("midtrans_va", "bca")
    for other in (
        make_attempt("midtrans_va", "bca", amount=Decimal(24146)),
        make_attempt("midtrans_va", "bni"),
        make_attempt("midtrans_va", "mandiri"),
    ):
        with pytest.raises(AlreadyThere):
            GATEWAY.start(other, wire())
    [made] = providers.midtrans.transactions.values()
    assert (made.bank, made.amount, made.status) == ("bca", "24145.00", "pending")


def test_an_order_id_whose_account_expired_is_not_used_again(providers, begun, wire):
    attempt = begun("midtrans_va", "bca")
    providers.midtrans.expire(attempt.order_id)
    with pytest.raises(AlreadyThere):
        GATEWAY.start(attempt, wire())


def test_an_order_id_that_a_page_of_snap_holds_is_not_used_again(providers, begun, wire):
    page = begun("midtrans_snap", order_id="inv-1-a")
    with pytest.raises(AlreadyThere):
        GATEWAY.start(make_attempt("midtrans_va", "bca", order_id=page.order_id), wire())


def test_a_refusal_has_midtrans_own_words_and_opens_nothing(providers, wire):
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("midtrans_va", "cimb"), wire())
    assert str(refusal.value) == "Midtrans 402: Payment channel is not activated."
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("midtrans_va", "bca", order_id="x" * 51), wire())
    assert "transaction_details.order_id" in str(refusal.value)
    assert providers.midtrans.transactions == {}


def test_a_wrong_key_is_a_refusal(providers, wire, settings):
    settings.MIDTRANS = settings.MIDTRANS.__class__("SB-salah", settings.MIDTRANS.api_url, settings.MIDTRANS.snap_url)
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("midtrans_va", "bca"), wire())
    assert str(refusal.value).startswith("Midtrans 401: ")


def test_an_attempt_whose_time_is_over_is_not_sent(providers, wire, exchanges):
    with pytest.raises(Refused):
        GATEWAY.start(make_attempt("midtrans_va", "bca", expires_at=timezone.now()), wire())
    assert exchanges == []


def test_an_account_is_pending_then_paid(providers, begun, wire):
    attempt = begun("midtrans_va", "mandiri")
    assert GATEWAY.status(attempt, wire("status")).state == State.PENDING
    providers.midtrans.pay(attempt.order_id)
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.currency) == (State.PAID, attempt.amount, "IDR")
    assert (report.transaction_id, report.channel, report.detail) == (attempt.provider_id, "echannel", "settlement")
    assert abs(report.paid_at - timezone.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("happen", "state"), [("expire", State.EXPIRED), ("deny", State.FAILED), ("cancel", State.FAILED)]
)
def test_an_account_that_ends_unpaid_says_how(providers, begun, wire, happen, state):
    attempt = begun("midtrans_va", "bca")
    getattr(providers.midtrans, happen)(attempt.order_id)
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.detail) == (state, attempt.amount, happen)


def test_an_account_expires_with_its_time(providers, begun, wire):
    attempt = begun("midtrans_va", "bca")
    with time_machine.travel(attempt.expires_at + timedelta(seconds=1)):
        assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


def test_an_order_that_midtrans_does_not_know_is_pending_until_our_own_end(providers, wire):
    attempt = make_attempt("midtrans_va", "bca")
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.transaction_id) == (State.PENDING, attempt.amount, "")
    with time_machine.travel(attempt.expires_at):
        assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


@pytest.mark.parametrize(("wrong", "named"), [({"status": "sold"}, "sold"), ({"currency": "JPY"}, "JPY")])
def test_a_word_that_is_not_documented_is_not_guessed(providers, begun, wire, wrong, named):
    attempt = begun("midtrans_va", "bca")
    providers.midtrans.switches.turn(wrong_status=wrong)
    with pytest.raises(Unreadable) as refusal:
        GATEWAY.status(attempt, wire("status"))
    assert named in str(refusal.value)


def test_another_amount_is_told_as_it_came(providers, begun, wire):
    attempt = begun("midtrans_va", "bca")
    providers.midtrans.pay(attempt.order_id, 20_000)
    assert GATEWAY.status(attempt, wire("status")).amount == 20_000


def test_a_closed_account_cannot_be_paid_and_closing_it_again_is_no_error(providers, begun, wire):
    attempt = begun("midtrans_va", "bri")
    for _time in range(2):
        GATEWAY.expire(attempt, wire("expire"))
    assert providers.midtrans.transactions[attempt.order_id].status == "expire"


def test_closing_what_was_paid_or_never_begun_changes_nothing(providers, begun, wire):
    attempt = begun("midtrans_va", "bri")
    providers.midtrans.pay(attempt.order_id)
    GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID
    GATEWAY.expire(make_attempt("midtrans_va", "bri", order_id="tidak-ada"), wire("expire"))


@time_machine.travel("2026-11-28 16:59:58Z", tick=False)
def test_times_cross_the_border_as_jakartas(providers, begun, exchanges):
    attempt = begun("midtrans_va", "bca", expires_at=datetime(2026, 11, 29, 16, 59, 59, tzinfo=midtrans.WIB))
    assert sent(exchanges[0])["custom_expiry"] == {
        "order_time": "2026-11-28 23:58:59 +0700",
        "expiry_duration": 1021,
        "unit": "minute",
    }
    assert attempt.expires_at == datetime(2026, 11, 29, 16, 59, 59, tzinfo=midtrans.WIB)
