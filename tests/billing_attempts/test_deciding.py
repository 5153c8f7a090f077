"""What staff decides of attempts that came otherwise than asked for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from billing import ledger, payments
from billing.attempts import deciding, reports, working
from billing.attempts.deciding import CannotDecide
from billing.gateways.base import Refused, Report, State
from billing.gateways.wire import Unreachable
from billing.models import GatewayMessage, Invoice, Payment, PaymentAttempt
from billing.payments import credit_balance
from tests import factories
from tests.billing.races import at_once, meeting
from tests.billing.shop import emails
from tests.billing_attempts.pretend import invoice_by

Status = PaymentAttempt.Status


def in_review(attempt, page, amount: int) -> PaymentAttempt:
    """The provider said that another amount came in."""
    page.pays(attempt, amount=Decimal(amount))
    reports.apply(attempt, page.says)
    assert attempt.status == Status.REVIEW
    return attempt


def accept(attempt, actor) -> Payment:
    fresh = PaymentAttempt.objects.get(pk=attempt.pk)
    return deciding.accept_difference(attempt=fresh, actor=actor)


def state(attempt) -> tuple:
    attempt.refresh_from_db()
    invoice = Invoice.objects.get(pk=attempt.invoice_id)
    return attempt.status, invoice.status, invoice.amount_paid, credit_balance(invoice.customer)


def assert_the_books_agree() -> None:
    assert [str(breach) for breach in ledger.verify()] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came", "becomes"),
    [
        (149_000, (Status.PAID, Invoice.Status.UNPAID, 149_000, 0)),
        (151_000, (Status.PAID, Invoice.Status.PAID, 150_000, 1_000)),
    ],
)
def test_what_really_came_is_recorded_and_named_with_who_accepted_it(attempt, page, verifier, came, becomes):
    in_review(attempt, page, came)
    payment = accept(attempt, verifier)
    assert (payment.amount, payment.cause, payment.recorded_by) == (came, "pretend:t-1", verifier)
    assert state(attempt) == becomes
    event = attempt.events.get(kind="difference_accepted")
    assert (event.actor, event.note[:15]) == (verifier, f"Dicatat Rp{came // 1000}.0"[:15])
    assert_the_books_agree()


@pytest.mark.django_db
def test_a_part_tells_the_customer_what_is_missing(attempt, page, verifier):
    in_review(attempt, page, 100_000)
    accept(attempt, verifier)
    assert len(emails("partially_paid")) > 0
    assert page.kinds == ["status"]


@pytest.mark.django_db
def test_the_provider_is_asked_again_and_what_it_says_now_counts(attempt, page, verifier):
    in_review(attempt, page, 100_000)
    page.pays(attempt, amount=Decimal(120_000))
    accept(attempt, verifier)
    assert state(attempt) == (Status.PAID, Invoice.Status.UNPAID, 120_000, 0)


NO_MONEY = Report(State.PENDING, Decimal(150_000), "IDR")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("says", "raises"),
    [
        (NO_MONEY, None),
        (replace(NO_MONEY, state=State.EXPIRED), None),
        (None, Unreachable("ConnectTimeout")),
        (None, Refused("Tidak dikenal")),
    ],
)
def test_without_money_at_the_provider_nothing_is_recorded(attempt, page, verifier, says, raises):
    in_review(attempt, page, 100_000)
    page.says = says or page.says
    page.raises["status"] = [raises] if raises else []
    with pytest.raises(CannotDecide):
        accept(attempt, verifier)
    assert (state(attempt), Payment.objects.count()) == ((Status.REVIEW, Invoice.Status.UNPAID, 0, 0), 0)


@pytest.mark.django_db
def test_money_of_another_currency_is_refused_by_the_books(attempt, page, verifier):
    page.pays(attempt, currency="USD")
    reports.apply(attempt, page.says)
    with pytest.raises(payments.PaymentRefused):
        accept(attempt, verifier)
    assert (state(attempt), Payment.objects.count()) == ((Status.REVIEW, Invoice.Status.UNPAID, 0, 0), 0)


@pytest.mark.django_db
def test_only_who_verifies_payments_decides(attempt, page):
    in_review(attempt, page, 100_000)
    colleague = factories.staff("billing.view_paymentattempt")
    with pytest.raises(payments.NotAllowed):
        accept(attempt, colleague)
    with pytest.raises(payments.NotAllowed):
        deciding.dismiss(attempt=attempt, note="Sudah", actor=colleague)
    assert (state(attempt)[0], page.kinds) == (Status.REVIEW, [])


@pytest.mark.django_db
def test_a_part_that_went_back_at_the_provider_stays_to_be_looked_at(attempt, page, verifier):
    in_review(attempt, page, 151_000)
    page.reports(State.REFUNDED, attempt, transaction_id="t-1", refunded=Decimal(1_000))
    page.says = replace(page.says, amount=Decimal(151_000))
    reports.apply(attempt, page.says)
    accept(attempt, verifier)
    assert state(attempt) == (Status.REVIEW, Invoice.Status.PAID, 150_000, 1_000)
    assert "Rp1.000 dikembalikan di penyedia" in attempt.error
    with pytest.raises(CannotDecide):
        accept(attempt, verifier)
    deciding.dismiss(attempt=attempt, note="Dicek di dasbor", actor=verifier)
    assert state(attempt)[0] == Status.PAID
    assert_the_books_agree()


@pytest.mark.django_db
def test_a_review_is_closed_with_a_note_and_the_same_words_open_none(attempt, page, verifier):
    in_review(attempt, page, 100_000)
    with pytest.raises(CannotDecide):
        deciding.dismiss(attempt=attempt, note="  ", actor=verifier)
    assert state(attempt)[0] == Status.REVIEW
    deciding.dismiss(attempt=attempt, note="Dikembalikan di dasbor", actor=verifier)
    last = attempt.events.last()
    assert (last.to_status, last.actor, last.note) == (Status.CANCELLED, verifier, "Dikembalikan di dasbor")
    reports.apply(attempt, page.says)
    assert attempt.status == Status.CANCELLED
    reports.apply(attempt, replace(page.says, amount=Decimal(90_000)))
    assert attempt.status == Status.REVIEW
    assert_the_books_agree()


@pytest.mark.django_db
def test_what_was_decided_is_not_decided_again(attempt, page, verifier):
    in_review(attempt, page, 100_000)
    accept(attempt, verifier)
    for decide in (
        lambda: accept(attempt, verifier),
        lambda: deciding.dismiss(attempt=attempt, note="x", actor=verifier),
    ):
        with pytest.raises(CannotDecide, match="sudah diputuskan: dibayar"):
            decide()
    assert Payment.objects.count() == 1


@pytest.mark.django_db
def test_silence_is_counted_from_its_first_minute_and_ends_with_an_answer(attempt, page):
    working.run(attempt.pk)
    for _time in range(2):
        PaymentAttempt.objects.update(due_at="2026-01-01T00:00:00Z", job="ask")
        page.raises["status"] = [Unreachable("ReadTimeout")]
        working.run(attempt.pk)
        attempt.refresh_from_db()
        if _time == 0:
            since = attempt.silent_since
    assert (attempt.silent_since, attempt.tries) == (since, 2)
    assert list(working.unanswered("pretend", since)) == [attempt]
    PaymentAttempt.objects.update(due_at="2026-01-01T00:00:00Z")
    working.run(attempt.pk)
    attempt.refresh_from_db()
    assert (attempt.silent_since, attempt.tries, list(working.unanswered("pretend", since))) == (None, 0, [])


def breaches() -> set[str]:
    return {breach.rule for breach in ledger.verify()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("V2", lambda: Payment.objects.update(cause="pretend:other")),
        ("V2", lambda: PaymentAttempt.objects.get().received.all().delete()),
        ("V7", lambda: PaymentAttempt.objects.update(status=Status.EXPIRED)),
        (
            "V9",
            lambda: GatewayMessage.objects.create(
                provider="pretend", direction="in", kind="webhook", outcome="received", at="2026-01-01T00:00:00Z"
            ),
        ),
    ],
)
def test_the_nightly_check_finds_what_was_planted(attempt, page, rule, damage):
    page.pays(attempt)
    reports.apply(attempt, page.says)
    assert breaches() == set()
    damage()
    assert rule in breaches()


@pytest.fixture
def contested(db, page, monkeypatch):
    """An attempt of which 100.000 of 150.000 came, and who may decide on it."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    monkeypatch.setattr("billing.attempts.nudge", lambda _attempt: None)
    factories.bank_account()
    invoice = invoice_by(page, factories.customer(factories.user()))
    attempt = in_review(invoice.payment_attempts.get(), page, 100_000)
    return attempt, [factories.staff(payments.VERIFY, name=f"Staf {number}") for number in range(4)]


def decide_at_once(attempt, people, guarded: bool = True):
    def dismiss():
        fresh = PaymentAttempt.objects.get(pk=attempt.pk)
        deciding.dismiss(attempt=fresh, note="Salah kirim", actor=people[3])

    return at_once(*[lambda who=who: accept(attempt, who) for who in people[:3]], dismiss, guarded=guarded)


def assert_one_decided(attempt, outcomes) -> None:
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert [type(error) for error in errors] == [CannotDecide] * 3
    decisions = attempt.events.filter(from_status=Status.REVIEW)
    assert decisions.count() == 1
    recorded = 0 if decisions.get().to_status == Status.CANCELLED else 1
    assert (Payment.objects.count(), state(attempt)[0]) == (recorded, Status.PAID if recorded else Status.CANCELLED)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_four_people_who_decide_at_once_one_wins_and_the_others_are_told(contested):
    attempt, people = contested
    assert_one_decided(attempt, decide_at_once(attempt, people))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_looking_without_holding_decides_twice(contested, monkeypatch):
    attempt, people = contested
    meet = meeting(4)

    def look(attempt):
        attempt.refresh_from_db()
        meet()

    monkeypatch.setattr(deciding, "_hold", look)
    outcomes = decide_at_once(attempt, people, guarded=False)
    with pytest.raises(AssertionError):
        assert_one_decided(attempt, outcomes)
