"""Xendit's payment page, against a fake that speaks its documented HTTP."""

from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from billing.gateways import xendit_invoice
from billing.gateways.base import AlreadyThere, Refused, State, Unreadable
from billing.gateways.wire import Unreachable
from tests.gateways.conftest import make_attempt, sent

GATEWAY = xendit_invoice.XenditInvoice()


@pytest.fixture
def attempt(providers, begun):
    return begun("xendit_invoice")


@pytest.fixture
def paid(providers, attempt):
    def pay(channel: str = "DANA"):
        providers.xendit.pay(attempt.order_id, channel=channel)
        attempt.paid_at = timezone.now()
        return attempt

    return pay


def test_it_opens_a_page_for_exactly_the_amount(providers, attempt, exchanges, settings):
    [made] = providers.xendit.invoices.values()
    assert (attempt.provider_id, made.external_id, made.amount) == (made.id, attempt.order_id, "24145")
    assert attempt.redirect_url == f"{providers.address}/xendit/web/{made.id}"
    assert (made.payer, made.email, made.description) == ("Sari Dewi, S.Kom.", "sari@example.com", "INV-2026-000123")
    back = f"{settings.BASE_URL}/pay/returned/{attempt.order_id}/"
    assert (made.success_url, made.failure_url) == (back, back)
    assert (GATEWAY.channels, GATEWAY.supports_refund) == ((), True)
    assert sent(exchanges[-1])["should_send_email"] is False
    assert b"62811" not in exchanges[-1].sent


@time_machine.travel("2026-11-28 03:00:00Z", tick=False)
def test_the_page_ends_with_the_attempt(providers, begun):
    attempt = begun("xendit_invoice")
    [made] = providers.xendit.invoices.values()
    assert made.expires_at == attempt.expires_at.isoformat() == "2026-11-29T03:00:00+00:00"


def test_a_lost_answer_is_found_again_and_no_second_page_opened(providers, wire):
    attempt = make_attempt("xendit_invoice")
    providers.xendit.switches.turn(lost=True)
    with pytest.raises(Unreachable):
        GATEWAY.start(attempt, wire())
    providers.xendit.switches.reset()
    first = GATEWAY.start(attempt, wire())
    assert GATEWAY.start(attempt, wire()) == first
    assert list(providers.xendit.invoices) == [first.provider_id]


def test_a_page_for_another_amount_or_one_that_ended_is_not_gone_on_with(providers, attempt, wire):
    with pytest.raises(AlreadyThere):
        GATEWAY.start(make_attempt("xendit_invoice", amount=Decimal(24146)), wire())
    providers.xendit.expire(attempt.order_id)
    with pytest.raises(AlreadyThere):
        GATEWAY.start(attempt, wire())
    assert len(providers.xendit.invoices) == 1


def test_a_refusal_has_xendits_own_words(providers, wire):
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("xendit_invoice", amount=Decimal(0)), wire())
    assert str(refusal.value).startswith("Xendit 400: API_VALIDATION_ERROR: ")


def test_a_wrong_key_is_a_refusal(providers, wire, settings):
    settings.XENDIT = settings.XENDIT.__class__("xnd_development_salah", "token", settings.XENDIT.api_url)
    with pytest.raises(Refused) as refusal:
        GATEWAY.start(make_attempt("xendit_invoice"), wire())
    assert str(refusal.value).startswith("Xendit 401: INVALID_API_KEY: ")


def test_an_attempt_whose_time_is_over_opens_no_page(providers, wire):
    with pytest.raises(Refused):
        GATEWAY.start(make_attempt("xendit_invoice", expires_at=timezone.now()), wire())
    assert providers.xendit.invoices == {}


def test_a_page_is_pending_then_paid(providers, attempt, wire):
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount) == (State.PENDING, attempt.amount)
    providers.xendit.pay(attempt.order_id, channel="DANA")
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.amount, report.currency) == (State.PAID, attempt.amount, "IDR")
    assert (report.transaction_id, report.channel, report.detail) == (attempt.provider_id, "DANA", "PAID")


def test_another_amount_is_told_as_it_came(providers, attempt, wire):
    providers.xendit.pay(attempt.order_id, 20_000)
    assert GATEWAY.status(attempt, wire("status")).amount == 20_000


def test_a_page_expires_with_its_time(attempt, wire):
    with time_machine.travel(attempt.expires_at):
        assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


def test_a_page_whose_opening_was_not_answered_is_found_by_our_order_id(providers, attempt, wire):
    attempt.provider_id = ""
    providers.xendit.pay(attempt.order_id)
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID


def test_a_page_that_was_never_opened_is_pending_until_our_own_end_and_needs_no_closing(providers, wire):
    attempt = make_attempt("xendit_invoice")
    assert GATEWAY.status(attempt, wire("status")).state == State.PENDING
    GATEWAY.expire(attempt, wire("expire"))
    with time_machine.travel(attempt.expires_at):
        assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED
    assert providers.xendit.invoices == {}


@pytest.mark.parametrize("known", [True, False])
def test_a_closed_page_cannot_be_paid_and_closing_it_again_is_no_error(attempt, wire, known):
    attempt.provider_id = attempt.provider_id if known else ""
    for _time in range(2):
        GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.EXPIRED


def test_closing_what_was_paid_leaves_the_payment(providers, attempt, wire):
    providers.xendit.pay(attempt.order_id)
    GATEWAY.expire(attempt, wire("expire"))
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID


def test_a_part_goes_back_once_per_key(providers, paid, wire):
    attempt = paid()
    known = [
        GATEWAY.refund(attempt, Decimal(4145), key="kembali-1", reason="Kelebihan", wire=wire("refund"))
        for _time in range(2)
    ]
    [refund] = providers.xendit.refunds
    assert known == [refund["id"]] * 2
    assert (refund["amount"], refund["reference_id"], refund["reason"]) == (4145, "kembali-1", "OTHERS")
    report = GATEWAY.status(attempt, wire("status"))
    assert (report.state, report.refunded, report.amount) == (State.REFUNDED, 4145, 24145)


def test_what_staff_sent_back_at_xendit_is_told_too(providers, paid, wire):
    attempt = paid()
    providers.xendit.refund(attempt.order_id)
    assert GATEWAY.status(attempt, wire("status")).refunded == attempt.amount


def test_a_payment_is_told_before_anything_is_asked_of_refunds(providers, attempt, wire, exchanges):
    providers.xendit.pay(attempt.order_id)
    exchanges.clear()
    assert GATEWAY.status(attempt, wire("status")).state == State.PAID
    assert len(exchanges) == 1


def test_a_bank_transfer_is_not_sent_back_and_says_so(providers, paid, wire):
    attempt = paid("BCA")
    with pytest.raises(Refused) as refusal:
        GATEWAY.refund(attempt, Decimal(1000), key="kembali-1", reason="", wire=wire("refund"))
    assert str(refusal.value) == "Xendit 400: REFUND_NOT_SUPPORTED: Refunds are not supported for this channel"
    assert providers.xendit.refunds == []


def test_more_than_was_paid_does_not_go_back(providers, paid, wire):
    attempt = paid()
    with pytest.raises(Refused):
        GATEWAY.refund(attempt, Decimal(24146), key="kembali-1", reason="", wire=wire("refund"))
    assert GATEWAY.status(attempt, wire("status")).refunded == 0


# https://docs.xendit.co/apidocs/get-invoice
PAID = {
    "id": "579c8d61f23fa4ca35e52da4",
    "external_id": "inv-1",
    "status": "PAID",
    "amount": 24145,
    "paid_amount": 24145,
    "currency": "IDR",
    "paid_at": "2026-11-28T03:15:03.404Z",
    "payment_method": "CREDIT_CARD",
}


@pytest.mark.parametrize(
    ("word", "state"),
    [("PENDING", State.PENDING), ("PAID", State.PAID), ("SETTLED", State.PAID), ("EXPIRED", State.EXPIRED)],
)
def test_every_documented_status_is_known(word, state):
    report = xendit_invoice.report({**PAID, "status": word}, make_attempt("xendit_invoice", order_id="inv-1"))
    assert (report.state, report.amount, report.channel) == (state, 24145, "CREDIT_CARD")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"status": "HELD"}, "HELD"),
        ({"status": "paid"}, "paid"),
        ({"status": None}, "status"),
        ({"external_id": "inv-2"}, "inv-2"),
        ({"id": None}, "id"),
        ({"paid_amount": 24145.5}, "24145.5"),
        ({"paid_amount": None, "amount": None}, "amount"),
        ({"currency": "JPY"}, "JPY"),
    ],
)
def test_what_is_not_documented_is_named_and_not_guessed(fields, named):
    with pytest.raises(Unreadable) as refusal:
        xendit_invoice.report({**PAID, **fields}, make_attempt("xendit_invoice", order_id="inv-1"))
    assert named in str(refusal.value)


def test_no_currency_means_rupiah_and_no_paid_amount_the_whole():
    body = {name: value for name, value in PAID.items() if name not in {"currency", "paid_amount"}}
    report = xendit_invoice.report(body, make_attempt("xendit_invoice", order_id="inv-1"))
    assert (report.amount, report.currency) == (24145, "IDR")


def test_a_refund_that_is_not_done_yet_counts_nothing():
    report = xendit_invoice.report(PAID, make_attempt("xendit_invoice", order_id="inv-1"))
    waiting = [{"amount": 4145, "status": word} for word in ("PENDING", "FAILED", "CANCELLED")]
    assert xendit_invoice.with_refunds(report, waiting) == report
    done = xendit_invoice.with_refunds(report, [*waiting, {"amount": 145, "status": "SUCCEEDED"}])
    assert (done.state, done.refunded) == (State.REFUNDED, 145)
