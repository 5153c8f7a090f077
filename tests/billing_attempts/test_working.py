from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import JobRun
from billing import attempts, tasks
from billing.attempts import working
from billing.gateways.base import AlreadyThere, Refused, State, Unreadable
from billing.gateways.wire import Exchange, Unreachable
from billing.models import GatewayMessage, Invoice, PaymentAttempt
from tests.billing_attempts.pretend import invoice_by, let_time_pass

pytestmark = pytest.mark.django_db

Status, Job = PaymentAttempt.Status, PaymentAttempt.Job


def seen(attempt: PaymentAttempt) -> tuple[str, str]:
    attempt.refresh_from_db()
    return attempt.status, attempt.job


def test_starting_opens_the_attempt_with_what_the_provider_gave(attempt, page):
    assert working.run(attempt.pk)
    assert seen(attempt) == (Status.OPEN, Job.ASK)
    assert (attempt.provider_id, attempt.redirect_url) == (f"p-{attempt.pk}", f"https://pay.example/{attempt.order_id}")
    assert attempt.claimed_at is None
    assert [event.to_status for event in attempt.events.all()] == ["queued", "open"]


def test_nothing_is_done_before_it_is_due_or_while_a_worker_has_it(attempt, page):
    working.run(attempt.pk)
    assert not working.run(attempt.pk)
    PaymentAttempt.objects.update(due_at=timezone.now(), claimed_at=timezone.now())
    assert not working.run(attempt.pk)
    assert working.due() == []
    assert page.kinds == ["start"]


def test_what_a_killed_worker_had_is_taken_by_another(attempt, page):
    PaymentAttempt.objects.update(claimed_at=timezone.now())
    let_time_pass(attempt, seconds=121)
    assert working.due() == [attempt.pk]
    assert working.run(attempt.pk)
    assert attempt.claimed_at is not None
    assert seen(attempt) == (Status.OPEN, Job.ASK)


def test_a_provider_that_does_not_answer_is_asked_again_ever_more_slowly(attempt, page):
    page.raises["start"] = [Unreachable("ConnectTimeout")] * 9
    waits = []
    for _ in range(9):
        assert working.run(attempt.pk)
        assert seen(attempt) == (Status.QUEUED, Job.START)
        waits.append(round((attempt.due_at - timezone.now()).total_seconds()))
        let_time_pass(attempt, minutes=10)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert attempt.error == "ConnectTimeout"
    working.run(attempt.pk)
    assert seen(attempt) == (Status.OPEN, Job.ASK)
    assert attempt.error == ""


def test_an_attempt_that_never_started_ends_with_its_time(attempt, page):
    page.raises["start"] = [Unreachable("down")]
    working.run(attempt.pk)
    let_time_pass(attempt, hours=25)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.FAILED, Job.NONE)
    assert page.kinds == ["start"]


def test_a_refusal_ends_the_attempt_in_the_providers_words(attempt, page):
    page.raises["start"] = [Refused("Channel is not active")]
    working.run(attempt.pk)
    assert seen(attempt) == (Status.FAILED, Job.NONE)
    assert attempt.error == "Channel is not active"


def test_a_start_whose_answer_was_lost_is_begun_under_another_number(attempt, page):
    first = attempt.order_id
    page.raises["start"] = [AlreadyThere()]
    working.run(attempt.pk)
    assert seen(attempt) == (Status.QUEUED, Job.START)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.OPEN, Job.ASK)
    assert page.asked == [("start", first), ("start", attempt.order_id)]
    assert attempt.order_id != first


def test_a_bug_in_an_adapter_loses_nothing(attempt, page):
    page.raises["start"] = [KeyError("va_numbers")]
    working.run(attempt.pk)
    assert seen(attempt) == (Status.QUEUED, Job.START)
    assert attempt.error == "KeyError: 'va_numbers'"


def test_one_cancelled_while_it_was_started_is_closed_at_the_provider(attempt, page, monkeypatch):
    start = page.start

    def cancelled_meanwhile(one, wire):
        attempts.cancel(PaymentAttempt.objects.get(pk=one.pk), actor=None)
        return start(one, wire)

    monkeypatch.setattr(page, "start", cancelled_meanwhile)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.CANCELLED, Job.CLOSE)
    assert attempt.provider_id == f"p-{attempt.pk}"
    working.run(attempt.pk)
    assert seen(attempt) == (Status.CANCELLED, Job.NONE)
    assert page.kinds == ["start", "expire", "status"]


@pytest.mark.parametrize("answer", [[], [Unreachable("ReadTimeout")]], ids=["opened", "answer-lost"])
def test_one_cancelled_by_somebody_who_saw_it_before_it_was_started_is_closed_at_the_provider_too(
    attempt, page, monkeypatch, answer
):
    page.raises["start"] = answer
    seen_before = PaymentAttempt.objects.get(pk=attempt.pk)
    start = page.start

    def cancelled_meanwhile(one, wire):
        attempts.cancel(seen_before, actor=None)
        return start(one, wire)

    monkeypatch.setattr(page, "start", cancelled_meanwhile)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.CANCELLED, Job.CLOSE)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.CANCELLED, Job.NONE)
    assert page.kinds == ["start", "expire", "status"]


def test_one_that_was_paid_while_it_was_closed_brings_its_money(attempt, page, invoice):
    working.run(attempt.pk)
    attempts.cancel(PaymentAttempt.objects.get(pk=attempt.pk), actor=None)
    page.raises["expire"] = [Refused("already settled")]
    page.pays(attempt)
    working.run(attempt.pk)
    invoice.refresh_from_db()
    assert seen(attempt) == (Status.PAID, Job.NONE)
    assert invoice.status == Invoice.Status.PAID


@pytest.mark.parametrize(
    ("age", "wait"), [({"minutes": 0}, 10), ({"minutes": 20}, 10), ({"minutes": 60}, 30), ({"hours": 20}, 120)]
)
def test_an_open_attempt_is_asked_about_ever_less_often(attempt, page, age, wait):
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(**age))
    working.run(attempt.pk)
    attempt.refresh_from_db()
    assert attempt.due_at - timezone.now() == pytest.approx(timedelta(minutes=wait), abs=timedelta(seconds=5))


def test_an_attempt_is_asked_about_right_after_its_end(attempt, page):
    working.run(attempt.pk)
    PaymentAttempt.objects.update(due_at=timezone.now(), expires_at=timezone.now() + timedelta(minutes=3))
    working.run(attempt.pk)
    attempt.refresh_from_db()
    assert attempt.due_at == attempt.expires_at + timedelta(minutes=1)


def test_a_provider_that_never_says_that_it_expired_is_not_waited_for(attempt, page):
    working.run(attempt.pk)
    let_time_pass(attempt, hours=26)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.EXPIRED, Job.CLOSE)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.EXPIRED, Job.NONE)
    assert page.kinds == ["start", "status", "expire", "status"]


def test_an_answer_that_is_not_understood_moves_nothing(attempt, page):
    working.run(attempt.pk)
    attempts.ask_now(attempt)
    page.raises["status"] = [Unreadable("transaction_status: tukar")]
    working.run(attempt.pk)
    assert seen(attempt) == (Status.OPEN, Job.ASK)
    assert attempt.error == "transaction_status: tukar"


def test_who_asks_while_a_worker_is_busy_is_not_forgotten(attempt, page, monkeypatch):
    working.run(attempt.pk)
    attempts.ask_now(attempt)
    status = page.status

    def woken_meanwhile(one, wire):
        report = status(one, wire)
        attempts.ask_now(one)
        return report

    monkeypatch.setattr(page, "status", woken_meanwhile)
    working.run(attempt.pk)
    assert working.due() == [attempt.pk]
    monkeypatch.setattr(page, "status", status)
    page.pays(attempt)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.PAID, Job.NONE)


def test_who_asks_while_it_is_started_is_not_forgotten(attempt, page, monkeypatch):
    start = page.start

    def woken_meanwhile(one, wire):
        attempts.ask_now(one)
        return start(one, wire)

    monkeypatch.setattr(page, "start", woken_meanwhile)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.OPEN, Job.ASK)
    assert working.due() == [attempt.pk]


def test_a_closed_attempt_can_be_asked_about_again(attempt, page):
    working.run(attempt.pk)
    page.reports(State.EXPIRED, attempt)
    attempts.ask_now(attempt)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.EXPIRED, Job.NONE)
    attempts.ask_now(attempt)
    page.pays(attempt)
    working.run(attempt.pk)
    assert seen(attempt) == (Status.PAID, Job.NONE)


def test_the_sweep_closes_what_nobody_wants_and_hands_out_what_is_due(invoice, attempt, page, va, customer):
    other = invoice_by(va, customer)
    stale = attempts.begin(invoice=other, channel="bca", actor=None)
    PaymentAttempt.objects.filter(pk=stale.pk).update(amount=1)
    assert tasks.sweep_attempts() == 1
    assert (seen(attempt), seen(stale)) == ((Status.OPEN, Job.ASK), (Status.CANCELLED, Job.NONE))
    assert JobRun.objects.get(name="sweep-attempts").summary == "1"


def test_every_exchange_is_kept_as_it_went_over_the_wire(attempt):
    wire = working.wire_for(attempt, "start")
    wire.keep(Exchange("start", "https://api.example/v2/charge", b'{"a": 1}', b"\xff\x00ok", 201))
    wire.keep(Exchange("start", "https://api.example/v2/charge", b"{}", error="ConnectTimeout"))
    lost, kept = GatewayMessage.objects.order_by("-pk")
    assert (bytes(kept.sent), bytes(kept.received), kept.http_status, kept.outcome) == (
        b'{"a": 1}', b"\xff\x00ok", 201, "answered",
    )  # fmt: skip
    assert (lost.outcome, lost.detail, lost.attempt) == ("unreachable", "ConnectTimeout", attempt)
