"""Midtrans' payment page, against a fake that speaks its documented HTTP."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from billing.gateways.base import AlreadyThere, Refused, State, Unreadable
from billing.gateways.midtrans_snap import MidtransSnap
from billing.gateways.wire import Unreachable
from tests.gateways.conftest import make_attempt, sent

GATEWAY = MidtransSnap()


@pytest.fixture
def attempt(providers, begun):
    return begun("midtrans_snap")


@pytest.fixture
def paid(providers, attempt):
    """The attempt after somebody paid on its page, by a way of their choice."""

    def pay(method: str):
        choose(providers, attempt, method)
        providers.midtrans.pay(attempt.order_id)
        attempt.paid_at = timezone.now()
        return attempt

    return pay


def choose(providers, attempt, method):
    [session] = providers.midtrans.sessions.values()
    with providers.midtrans.lock:
        return providers.midtrans.choose(session, method)


def settle(providers, attempt):
    """A day later the bank has settled a card's payment."""
    with providers.midtrans.lock:
        providers.midtrans.change(providers.midtrans.sure(attempt.order_id), "settlement")


def test_it_opens_a_page_for_exactly_the_amount_until_exactly_the_end(providers, attempt, exchanges, settings):
    [session] = providers.midtrans.sessions.values()
    assert (attempt.provider_id, attempt.redirect_url) == (session.token, providers.midtrans.page_of(session))
    assert (session.amount, session.payer, session.items) == (24145, "Sari Dewi, S.Kom.", ["INV-2026-000123"])
    assert datetime.fromisoformat(session.expires_at) == attempt.expires_at
    assert session.finish == f"{settings.BASE_URL}/pay/returned/{attempt.order_id}/"
    assert (attempt.facts, GATEWAY.channels, GATEWAY.supports_refund) == ({}, (), True)
    assert sent(exchanges[0])["customer_details"] == {"first_name": "Sari Dewi, S.Kom.", "email": "sari@example.com"}


def test_a_page_whose_answer_was_lost_is_begun_under_another_order_id(providers, wire):
    attempt = make_attempt("midtrans_snap")
    providers.midtrans.switches.turn(lost=True)
    with pytest.raises(Unreachable):
        GATEWAY.start(attempt, wire())
    providers.midtrans.switches.reset()
    with pytest.raises(AlreadyThere):
        GATEWAY.start(attempt, wire())
    assert len(providers.midtrans.sessions) == 1


def test_a_refusal_has_midtrans_own_words(providers, wire):
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("midtrans_snap", amount=Decimal(0)), wire())
    assert str(refusal.value) == "Midtrans 400: transaction_details.gross_amount must be a whole number above 0"


def test_a_page_to_be_sent_to_has_an_address_of_the_web(providers, wire, monkeypatch):
    monkeypatch.setattr(providers.midtrans, "page_of", lambda session: "javascript:alert(1)")
    with pytest.raises(Unreadable):
        GATEWAY.start(make_attempt("midtrans_snap"), wire())


def test_a_page_on_which_nothing_was_chosen_is_pending_and_expires_by_our_clock(attempt, wire):
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.currency) == (State.PENDING, attempt.amount, "IDR")
    with time_machine.travel(attempt.expires_at):
        assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


@pytest.mark.parametrize(("method", "word"), [("credit_card", "capture accept"), ("gopay", "settlement")])
def test_what_was_chosen_is_pending_then_paid(providers, attempt, wire, method, word):
    made = choose(providers, attempt, method)
    assert GATEWAY.status(attempt, wire("status")).state == State.PENDING
    providers.midtrans.pay(attempt.order_id)
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.transaction_id) == (State.PAID, attempt.amount, made.transaction_id)
    assert (report.channel, report.detail) == (method, word)


def test_after_a_denial_the_page_lets_the_customer_try_again_until_it_ends(providers, attempt, wire):
    choose(providers, attempt, "credit_card")
    providers.midtrans.deny(attempt.order_id)
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.detail) == (State.PENDING, "deny")
    with time_machine.travel(attempt.expires_at + timedelta(seconds=1)):
        assert GATEWAY.status(attempt, wire("status")).state == State.FAILED
    choose(providers, attempt, "gopay")
    providers.midtrans.pay(attempt.order_id)
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID


def test_a_payment_that_a_bank_took_back_is_not_one_to_wait_for(providers, paid, wire):
    attempt = paid("credit_card")
    providers.midtrans.deny(attempt.order_id)
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.refunded) == (State.REFUNDED, attempt.amount)


def test_a_page_that_nobody_used_cannot_be_closed_and_a_chosen_way_can(providers, attempt, wire):
    GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.PENDING
    choose(providers, attempt, "gopay")
    GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


def test_closing_after_the_payment_leaves_the_payment(paid, wire):
    attempt = paid("credit_card")
    GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID


@pytest.mark.parametrize("method", ["gopay", "qris"])
def test_a_part_goes_back_once_per_key(providers, paid, wire, method):
    attempt = paid(method)
    for _time in range(2):
        known = GATEWAY.refund(attempt, Decimal(4145), key="kembali-1", reason="Kelebihan", wire=wire("refund"))
        assert known == "kembali-1"
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.refunded, report.amount) == (State.REFUNDED, 4145, 24145)
    GATEWAY.refund(attempt, Decimal(20000), key="kembali-2", reason="", wire=wire("refund"))
    assert GATEWAY.status(attempt, wire("status")).refunded == 24145


def test_more_than_was_paid_does_not_go_back(providers, paid, wire):
    attempt = paid("gopay")
    with pytest.raises(Refused) as refusal:
        GATEWAY.refund(attempt, Decimal(24146), key="kembali-1", reason="", wire=wire("refund"))
    assert str(refusal.value) == "Midtrans 412: Merchant cannot modify the status of the transaction"
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID


def test_a_cards_payment_of_today_is_cancelled_whole_and_again_changes_nothing(providers, paid, wire):
    attempt = paid("credit_card")
    with pytest.raises(Refused) as refusal:
        GATEWAY.refund(attempt, Decimal(1000), key="kembali-1", reason="", wire=wire("refund"))
    assert str(refusal.value) == "Pembayaran kartu ini belum selesai di bank. Kembalikan sebagian mulai besok."
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID
    known = [
        GATEWAY.refund(attempt, attempt.amount, key="kembali-2", reason="", wire=wire("refund")) for _time in range(2)
    ]
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.refunded, report.detail) == (State.REFUNDED, attempt.amount, "cancel")
    assert known == [report.transaction_id] * 2


def test_a_cards_settled_payment_goes_back_in_part(providers, paid, wire):
    attempt = paid("credit_card")
    settle(providers, attempt)
    GATEWAY.refund(attempt, Decimal(1000), key="kembali-1", reason="", wire=wire("refund"))
    assert GATEWAY.status(attempt, wire("status")).refunded == 1000


def test_what_midtrans_cannot_send_back_is_said_and_nothing_sent(providers, attempt, wire, exchanges):
    choose(providers, attempt, "cstore")
    providers.midtrans.pay(attempt.order_id)
    with pytest.raises(Refused) as refusal:
        GATEWAY.refund(attempt, Decimal(1000), key="kembali-1", reason="", wire=wire("refund"))
    assert "lewat cstore" in str(refusal.value)
    assert [exchange.kind for exchange in exchanges] == ["start", "refund"]
    assert GATEWAY.status(attempt, wire("status")).refunded == 0


def test_what_was_not_paid_is_not_sent_back(attempt, wire):
    with pytest.raises(Refused):
        GATEWAY.refund(attempt, Decimal(1000), key="kembali-1", reason="", wire=wire("refund"))
