"""What a provider says, in every order: the money once, never backwards."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import transaction

from billing import attempts, payments, transitions
from billing.attempts import reports, working
from billing.gateways.base import Report, State
from billing.ledger import verify
from billing.models import AttemptPayment, Invoice, Payment, PaymentAttempt, Service
from billing.payments import credit_balance
from tests.billing.shop import emails
from tests.billing_attempts.pretend import invoice_by

pytestmark = pytest.mark.django_db

Status = PaymentAttempt.Status
# The customer's billing address and the person who ordered.
ADDRESSES = 2


@pytest.fixture
def opened(attempt):
    working.run(attempt.pk)
    attempt.refresh_from_db()
    return attempt


def said(state: State, attempt: PaymentAttempt, **fields) -> Report:
    facts = {"amount": attempt.amount, "currency": attempt.currency, "transaction_id": "t-1"}
    return Report(state, **{**facts, **fields})


def test_a_payment_pays_the_invoice_once_and_starts_its_service(opened, invoice, customer):
    paid_at = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
    for _ in range(3):
        reports.apply(opened, said(State.PAID, opened, channel="gopay", paid_at=paid_at))
    invoice.refresh_from_db()
    payment = Payment.objects.get()
    assert (payment.cause, payment.amount, payment.source, payment.reference) == (
        "pretend:t-1",
        150_000,
        "gateway",
        "t-1",
    )
    # In the company's time zone it was the next day.
    assert payment.received_on.isoformat() == "2026-11-28"
    assert (invoice.status, opened.status, opened.paid_at) == (Invoice.Status.PAID, Status.PAID, paid_at)
    assert [service.status for service in customer.services.all()] == [Service.Status.ACTIVE]
    assert len(emails("payment_received")) == ADDRESSES
    assert (AttemptPayment.objects.get().channel, opened.events.last().note) == ("gopay", "Dibayar lewat gopay")
    assert list(verify()) == []


EVENTS = ("pending", "paid", "paid_again", "expired", "failed")


@pytest.mark.parametrize("first", EVENTS)
def test_all_orders_of_five_reports_end_the_same(opened, invoice, customer, first):
    """Those that begin with ``first``; each in a savepoint that is rolled back."""
    says = {
        "pending": said(State.PENDING, opened, transaction_id=""),
        "paid": said(State.PAID, opened),
        "paid_again": said(State.PAID, opened),
        "expired": said(State.EXPIRED, opened, transaction_id=""),
        "failed": said(State.FAILED, opened, transaction_id=""),
    }
    orders = [order for order in permutations(EVENTS) if order[0] == first]
    assert len(orders) == 24
    for order in orders:
        with transaction.atomic():
            for event in order:
                reports.apply(PaymentAttempt.objects.select_related("invoice").get(pk=opened.pk), says[event])
            attempt = PaymentAttempt.objects.select_related("invoice").get(pk=opened.pk)
            ends = (attempt.status, attempt.invoice.status, Payment.objects.count())
            assert ends == (Status.PAID, Invoice.Status.PAID, 1), order
            assert [service.status for service in customer.services.all()] == [Service.Status.ACTIVE], order
            assert len(emails("payment_received")) == ADDRESSES, order
            assert list(verify()) == [], order
            transaction.set_rollback(True)


@pytest.mark.parametrize("fields", [{"amount": Decimal(149_999)}, {"amount": Decimal(150_001)}, {"currency": "USD"}])
def test_another_amount_or_currency_is_not_taken_but_looked_at(opened, invoice, fields):
    for _ in range(2):
        reports.apply(opened, said(State.PAID, opened, **fields))
    invoice.refresh_from_db()
    assert (opened.status, invoice.status, invoice.amount_paid) == (Status.REVIEW, Invoice.Status.UNPAID, 0)
    assert Payment.objects.count() == 0
    assert [event.to_status for event in opened.events.all()] == ["queued", "open", "review"]
    assert "diminta Rp150.000" in opened.error


def test_money_for_a_cancelled_invoice_is_credit_and_staff_is_told(opened, invoice, customer):
    transitions.move(invoice, Invoice.Status.CANCELLED, actor=None)
    attempts.cancel_stale()
    opened.refresh_from_db()
    assert opened.status == Status.CANCELLED
    reports.apply(opened, said(State.PAID, opened))
    invoice.refresh_from_db()
    assert (opened.status, invoice.status) == (Status.PAID, Invoice.Status.CANCELLED)
    assert credit_balance(customer) == 150_000
    assert len(emails("money_for_cancelled_invoice")) >= 1
    assert list(verify()) == []


def test_money_for_an_invoice_that_was_paid_meanwhile_is_credit(opened, invoice, customer):
    payments.record(
        customer=customer, amount=150_000, currency="IDR", source="staff", cause="staff:1", method=None,
        received_on=invoice.issued_on, reference="", actor=None, invoices=[invoice],
    )  # fmt: skip
    reports.apply(opened, said(State.PAID, opened))
    assert (credit_balance(customer), Payment.objects.count()) == (150_000, 2)
    assert list(verify()) == []


def test_a_second_transaction_of_a_paid_attempt_is_credit(opened, customer):
    reports.apply(opened, said(State.PAID, opened))
    reports.apply(opened, said(State.PAID, opened, transaction_id="t-2"))
    assert (credit_balance(customer), Payment.objects.count(), AttemptPayment.objects.count()) == (150_000, 2, 2)
    assert opened.events.last().kind == "paid_again"
    assert list(verify()) == []


def test_one_transaction_told_for_two_attempts_is_looked_at(opened, customer, va):
    reports.apply(opened, said(State.PAID, opened))
    other = invoice_by(va, customer)
    other.total = 150_000
    second = attempts.begin(invoice=other, channel="bca", actor=None)
    PaymentAttempt.objects.filter(pk=second.pk).update(amount=50_000)
    second.refresh_from_db()
    reports.apply(second, said(State.PAID, second))
    assert (second.status, Payment.objects.count()) == (Status.REVIEW, 1)


@pytest.mark.parametrize(("state", "status"), [(State.EXPIRED, Status.EXPIRED), (State.FAILED, Status.FAILED)])
def test_an_end_without_money_leaves_the_invoice_open(opened, invoice, state, status):
    reports.apply(opened, said(state, opened, transaction_id="", detail="kata penyedia"))
    invoice.refresh_from_db()
    assert (opened.status, opened.error, invoice.status) == (status, "kata penyedia", Invoice.Status.UNPAID)
    again = attempts.begin(invoice=invoice, actor=None)
    assert (again.status, again.pk != opened.pk) == (Status.QUEUED, True)


def test_a_refund_made_at_the_provider_is_for_staff_to_look_at(opened, invoice):
    reports.apply(opened, said(State.PAID, opened))
    for _ in range(2):
        reports.apply(opened, said(State.REFUNDED, opened, refunded=Decimal(40_000)))
    invoice.refresh_from_db()
    assert (opened.status, opened.refunded, invoice.status) == (Status.REVIEW, 40_000, Invoice.Status.PAID)
    assert "Rp40.000 dikembalikan di penyedia" in opened.error


def test_what_was_paid_and_sent_back_before_it_was_heard_of_leaves_nothing(opened, invoice):
    reports.apply(opened, said(State.REFUNDED, opened, refunded=Decimal(150_000)))
    invoice.refresh_from_db()
    assert (opened.status, Payment.objects.count(), invoice.status) == (Status.FAILED, 0, Invoice.Status.UNPAID)


def test_a_part_that_was_sent_back_before_the_payment_was_heard_of_is_looked_at(opened, invoice):
    reports.apply(opened, said(State.REFUNDED, opened, refunded=Decimal(30_000)))
    invoice.refresh_from_db()
    assert (opened.status, invoice.status, Payment.objects.get().amount) == (
        Status.REVIEW,
        Invoice.Status.PAID,
        150_000,
    )
