"""Many at once: workers at one attempt, webhooks of one payment, people who begin; with the guard off as the control."""

import uuid

import pytest
from django.utils import timezone

from billing import attempts, payments
from billing.attempts import reports, webhooks, working
from billing.gateways.base import Report, State
from billing.ledger import verify
from billing.models import GatewayMessage, Invoice, Payment, PaymentAttempt, Service
from tests.billing.shop import emails
from tests.billing_attempts.pretend import invoice_by
from tests.racing import Rendezvous, at_once, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def idle(monkeypatch):
    """Nobody hears of a job by itself: the test says who works when."""
    monkeypatch.setattr("accounts.outbox.tell_worker", lambda _task, _row_id: None)


def test_eight_workers_start_an_attempt_once(idle, invoice, page):
    attempt = PaymentAttempt.objects.get()
    done = at_once(8, lambda: working.run(attempt.pk))
    assert (sorted(done), page.kinds) == ([False] * 7 + [True], ["start"])


def test_control_without_the_claim_every_worker_starts_it(idle, invoice, page, monkeypatch):
    attempt = PaymentAttempt.objects.get()
    everybody = lambda pk: PaymentAttempt.objects.select_related("invoice__customer", "method").get(pk=pk)  # noqa: E731
    monkeypatch.setattr(working, "_claim", everybody)
    at_once(8, lambda: working.run(attempt.pk))
    assert page.kinds.count("start") > 1


def test_a_hundred_webhooks_in_parallel_are_one_payment_one_activation_and_one_email(invoice, page, customer):
    attempt = PaymentAttempt.objects.get()
    assert attempt.status == "open"
    page.pays(attempt)
    body = f"sealed:{attempt.order_id}:settlement".encode()
    answers = at_once(25, lambda: [webhooks.receive("pretend", body, {}) for _ in range(4)])
    assert [one for four in answers for one in four].count(200) == 100
    for attempt_id in working.due():
        working.run(attempt_id)
    invoice.refresh_from_db()
    assert (invoice.status, Payment.objects.count()) == (Invoice.Status.PAID, 1)
    assert [service.status for service in customer.services.all()] == [Service.Status.ACTIVE]
    assert len(emails("payment_received")) == len({email.to for email in emails("payment_received")})
    assert GatewayMessage.objects.filter(direction="in", outcome="accepted").count() == 100
    assert list(verify()) == []


def _tell(attempt: PaymentAttempt) -> None:
    fresh = PaymentAttempt.objects.select_related("invoice__customer", "method").get(pk=attempt.pk)
    said = Report(State.PAID, fresh.amount, fresh.currency, "t-1", timezone.now(), "gopay")
    reports.apply(fresh, said)


def test_eight_workers_that_heard_of_one_payment_record_it_once(idle, invoice, page):
    attempt = PaymentAttempt.objects.get()
    working.run(attempt.pk)
    assert at_once(8, lambda: _tell(attempt)) == [None] * 8
    assert (Payment.objects.count(), attempt.received.count()) == (1, 1)


def test_control_without_the_held_row_and_the_cause_it_is_recorded_twice(idle, invoice, page, monkeypatch):
    attempt = PaymentAttempt.objects.get()
    working.run(attempt.pk)
    record, met = payments.record, Rendezvous(2)

    def carelessly(**fields):
        met.wait()
        return record(**{**fields, "cause": f"{fields['cause']}:{uuid.uuid4()}", "invoices": []})

    monkeypatch.setattr(reports.transitions, "hold", lambda thing: thing.refresh_from_db())
    monkeypatch.setattr(reports.payments, "record", carelessly)
    # On SQLite a transaction alone keeps the other away.
    monkeypatch.setattr(reports, "apply", reports.apply.__wrapped__)
    race(lambda: _tell(attempt), lambda: _tell(attempt))
    assert Payment.objects.count() == 2


def test_fifty_presses_of_one_button_begin_one_attempt(idle, customer, va):
    invoice = invoice_by(va, customer)
    begun = at_once(
        50, lambda: attempts.begin(invoice=Invoice.objects.get(pk=invoice.pk), channel="bca", actor=None).pk
    )
    assert len(set(begun)) == 1
    assert PaymentAttempt.objects.count() == 1


def test_control_without_the_held_invoice_only_the_constraint_is_left(idle, customer, va, monkeypatch):
    invoice = invoice_by(va, customer)
    met = Rendezvous(2)
    named = attempts.new_order_id

    def after_both_looked(of):
        met.wait()
        return named(of)

    monkeypatch.setattr(attempts.transitions, "hold", lambda thing: thing.refresh_from_db())
    monkeypatch.setattr(attempts, "new_order_id", after_both_looked)
    begin = lambda: attempts.begin.__wrapped__(  # noqa: E731
        invoice=Invoice.objects.get(pk=invoice.pk), channel="bca", actor=None
    )
    outcomes = race(begin, begin)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


def test_a_cancel_against_a_payment_loses_no_money(idle, invoice, page):
    attempt = PaymentAttempt.objects.get()
    working.run(attempt.pk)
    outcomes = race(
        lambda: attempts.cancel(PaymentAttempt.objects.get(pk=attempt.pk), actor=None), lambda: _tell(attempt)
    )
    attempt.refresh_from_db()
    assert outcomes[1] is None
    assert (attempt.status, Payment.objects.count()) == ("paid", 1)
