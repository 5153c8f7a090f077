"""Decisions and payments that come at once: one winner, the others are told who and when, and the books agree."""

import random
from collections import Counter

import pytest
from django.db import connection, models
from django.utils import timezone

from billing import confirmations, lifecycle, payments, transitions
from billing.models import (
    Allocation,
    Invoice,
    Payment,
    PaymentConfirmation,
    PaymentReversal,
    ProofFile,
    ServiceEvent,
)
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once, meeting
from tests.billing.shop import confirm, emails, place, rupiah, unpaid_invoice

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 100
MANY = 20
FEW = 4


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def account():
    return factories.bank_account()


@pytest.fixture
def invoice(account):
    return unpaid_invoice(factories.customer(factories.user()), 150_000)


@pytest.fixture
def verifiers():
    return [factories.staff("billing.verify_payment", name=f"Staf {number}") for number in range(3)]


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


# Verification (K3)


def decide(confirmation: PaymentConfirmation, verifiers) -> list[Outcome]:
    """Two approve and one rejects, each from a page that still shows it as waiting, in any order."""
    decisions = [
        lambda: confirmations.approve(confirmation=fresh(confirmation), amount=rupiah(150_000), actor=verifiers[0]),
        lambda: confirmations.approve(confirmation=fresh(confirmation), amount=rupiah(150_000), actor=verifiers[1]),
        lambda: confirmations.reject(confirmation=fresh(confirmation), reason="Belum masuk", actor=verifiers[2]),
    ]
    random.shuffle(decisions)
    return at_once(*decisions)


def assert_one_winner(confirmation: PaymentConfirmation, outcomes: list[Outcome]) -> None:
    decided = fresh(confirmation)
    losers = [outcome.error for outcome in outcomes if outcome.error]
    assert [type(error) for error in losers] == [confirmations.AlreadyDecided] * 2
    when = f"{timezone.localtime(decided.decided_at):%d-%m-%Y %H.%M.%S}"
    for error in losers:
        assert decided.decided_by.name in str(error)
        assert when in str(error)
    approved = decided.status == "approved"
    assert Payment.objects.filter(cause=f"confirmation:{decided.pk}").count() == approved
    assert decided.invoice.status == ("paid" if approved else "unpaid")


def submitted(invoice: Invoice, account) -> PaymentConfirmation:
    """As ``confirmations.submit`` leaves it, without a picture: a hundred of them would be the slow part."""
    confirmation = PaymentConfirmation.objects.create(
        invoice=invoice,
        submitted_by=invoice.customer.users.get(),
        bank_account=account,
        sender_bank="BNI",
        sender_name="PT Contoh",
        transferred_on=timezone.localdate(),
        amount=rupiah(150_000),
    )
    transitions.began(confirmation, actor=confirmation.submitted_by)
    return confirmation


def test_k3_two_approve_while_one_rejects_100_times(account, verifiers):
    buyer = factories.customer(factories.user())
    product = factories.product(prices={"monthly": 150_000}, taxable=False)
    for _round in range(ROUNDS):
        confirmation = submitted(place(buyer, product).invoice, account)
        assert_one_winner(confirmation, decide(confirmation, verifiers))
    assert PaymentConfirmation.objects.exclude(status="submitted").count() == ROUNDS
    assert_books_agree()


def test_k3_control_looking_first_lets_two_decide(monkeypatch, invoice, verifiers):
    confirmation = confirm(invoice)
    meet = meeting(3)

    def look_then_decide(confirmation, actor):
        if confirmation.status != "submitted":
            raise confirmations.AlreadyDecided(confirmation)
        meet()
        PaymentConfirmation.objects.filter(pk=confirmation.pk).update(decided_by=actor, decided_at=timezone.now())

    monkeypatch.setattr(confirmations, "_claim", look_then_decide)
    monkeypatch.setattr(confirmations, "approve", confirmations.approve.__wrapped__)
    monkeypatch.setattr(confirmations, "reject", confirmations.reject.__wrapped__)
    outcomes = decide(confirmation, verifiers)
    with pytest.raises(AssertionError):
        assert_one_winner(confirmation, outcomes)


def test_k3_one_approves_while_the_customer_withdraws(invoice, verifiers):
    confirmation = confirm(invoice)
    owner = confirmation.submitted_by
    outcomes = at_once(
        lambda: confirmations.approve(confirmation=fresh(confirmation), amount=rupiah(150_000), actor=verifiers[0]),
        lambda: confirmations.withdraw(confirmation=fresh(confirmation), actor=owner),
    )
    assert Counter(type(outcome.error) for outcome in outcomes) == {type(None): 1, confirmations.AlreadyDecided: 1}
    assert_books_agree()


# Sending a proof (K2)


def send_at_once(invoice: Invoice, count: int) -> list[Outcome]:
    return at_once(*[lambda: confirm(fresh(invoice))] * count)


def assert_sent_once(outcomes: list[Outcome]) -> None:
    [confirmation] = PaymentConfirmation.objects.all()
    told = [outcome.error.confirmation for outcome in outcomes if outcome.error]
    assert told == [confirmation] * (len(outcomes) - 1)
    assert ProofFile.objects.count() == 1


def test_k2_the_same_proof_sent_50_times_is_kept_once(invoice):
    assert_sent_once(send_at_once(invoice, 50))
    assert len(emails("confirmation_received")) == 2
    assert_books_agree()


def test_k2_control_without_its_constraint_the_proof_is_kept_twice(invoice):
    meet = meeting(FEW)
    name = "one_submitted_confirmation_per_invoice"
    [constraint] = [one for one in PaymentConfirmation._meta.constraints if one.name == name]

    def look_then_insert() -> PaymentConfirmation:
        unpaid = fresh(invoice)
        confirmations._check_open(unpaid)
        meet()
        return submitted(unpaid, unpaid.payment_method.bank_accounts.get())

    with connection.schema_editor() as editor:
        editor.remove_constraint(PaymentConfirmation, constraint)
    try:
        outcomes = at_once(*[look_then_insert] * FEW)
        with pytest.raises(ValueError, match="too many values"):
            assert_sent_once(outcomes)
    finally:
        PaymentConfirmation.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(PaymentConfirmation, constraint)


# Activation (S3)


def activate_at_once(invoice: Invoice, count: int) -> list[Outcome]:
    service = invoice.order.services.get()
    return at_once(*[lambda: lifecycle.activate(service=fresh(service), actor=None, login_details="user: a")] * count)


def assert_activated_once(outcomes: list[Outcome]) -> None:
    told = Counter(type(outcome.error) for outcome in outcomes)
    assert told == {type(None): 1, transitions.InvalidTransition: len(outcomes) - 1}
    assert ServiceEvent.objects.filter(from_status="pending", to_status="active").count() == 1
    assert len(emails("service_active")) == 1


def test_s3_activating_20_times_at_once_activates_once(invoice):
    assert_activated_once(activate_at_once(invoice, MANY))
    assert_books_agree()


def test_s3_control_looking_first_activates_again(monkeypatch, invoice):
    meet = meeting(FEW)

    def look_then_move(thing, to, *, actor, note="", only_if=None, **changes):
        if thing.status != "pending":
            raise transitions.InvalidTransition(thing, to)
        meet()
        type(thing).objects.filter(pk=thing.pk).update(status=to, **changes)
        ServiceEvent.objects.create(service=thing, kind=to, from_status="pending", to_status=to)

    monkeypatch.setattr(transitions, "move", look_then_move)
    monkeypatch.setattr(lifecycle, "activate", lifecycle.activate.__wrapped__)
    outcomes = activate_at_once(invoice, FEW)
    with pytest.raises(AssertionError):
        assert_activated_once(outcomes)


# Money (C5, I6)


def pay(invoice: Invoice, cause: str, amount: int = 150_000) -> Payment:
    return payments.record(
        customer=invoice.customer,
        amount=rupiah(amount),
        currency="IDR",
        source=Payment.Source.GATEWAY,
        cause=cause,
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
        invoices=[invoice],
    )


def test_c5_one_cause_told_50_times_is_one_payment(invoice):
    outcomes = at_once(*[lambda: pay(fresh(invoice), "gateway:1")] * 50)
    assert [outcome.error for outcome in outcomes] == [None] * 50
    assert (Payment.objects.count(), Allocation.objects.count()) == (1, 1)
    assert (fresh(invoice).status, len(emails("payment_received"))) == ("paid", 2)
    assert_books_agree()


def assert_never_paid_too_much(invoice: Invoice, outcomes: list[Outcome]) -> None:
    assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
    allocated = Allocation.objects.filter(invoice=invoice).aggregate(sum=models.Sum("amount"))["sum"]
    assert (allocated, fresh(invoice).amount_paid) == (150_000, 150_000)
    assert payments.credit_balance(invoice.customer) == len(outcomes) * 40_000 - 150_000


def partly_at_once(invoice: Invoice, count: int) -> list[Outcome]:
    return at_once(*[lambda cause=f"gateway:{number}": pay(fresh(invoice), cause, 40_000) for number in range(count)])


def test_c1_payments_that_come_together_never_pay_more_than_the_total(invoice):
    assert_never_paid_too_much(invoice, partly_at_once(invoice, MANY))
    assert len(emails("payment_received")) == 2
    assert_books_agree()


def test_c1_control_looking_first_pays_too_much_or_too_little(monkeypatch, invoice):
    meet = meeting(FEW)

    def look_then_allocate(payment, invoice, amount, actor):
        balance = fresh(invoice).balance
        meet()
        amount = min(amount, balance)
        Allocation.objects.create(payment=payment, invoice=invoice, cause=f"p{payment.pk}", amount=amount)
        Invoice.objects.filter(pk=invoice.pk).update(amount_paid=invoice.total - balance + amount)
        return amount

    monkeypatch.setattr(payments, "_allocate", look_then_allocate)
    monkeypatch.setattr(payments, "record", payments.record.__wrapped__)
    outcomes = partly_at_once(invoice, FEW)
    with pytest.raises(AssertionError):
        assert_never_paid_too_much(invoice, outcomes)


def pay_and_cancel(invoice: Invoice) -> list[Outcome]:
    calls = [
        lambda: pay(fresh(invoice), f"gateway:{invoice.pk}"),
        lambda: lifecycle.cancel_order(order=fresh(invoice).order, actor=None),
    ]
    random.shuffle(calls)
    return at_once(*calls)


def assert_paid_or_cancelled(invoice: Invoice, outcomes: list[Outcome]) -> None:
    invoice = fresh(invoice)
    errors = [type(outcome.error) for outcome in outcomes if outcome.error]
    if invoice.status == "paid":
        assert errors == [lifecycle.MoneyAllocated]
        assert (invoice.order.status, invoice.order.services.get().status) == ("active", "active")
        assert invoice.amount_paid == 150_000
    else:
        assert errors == []
        assert (invoice.status, invoice.order.status, invoice.order.services.get().status) == ("cancelled",) * 3
        assert (invoice.amount_paid, payments.credit_balance(invoice.customer)) == (0, 150_000)


def test_i6_an_invoice_is_paid_or_cancelled_never_both(account):
    for _round in range(25):
        invoice = unpaid_invoice(factories.customer(factories.user()), 150_000)
        assert_paid_or_cancelled(invoice, pay_and_cancel(invoice))
    assert_books_agree()


def test_i6_control_looking_first_cancels_what_is_being_paid(monkeypatch, invoice):
    meet = meeting(2)

    def look_then_void(*, invoice, actor, note=""):
        invoice = fresh(invoice)
        meet()
        if invoice.amount_paid:
            raise lifecycle.MoneyAllocated(invoice)
        Invoice.objects.filter(pk=invoice.pk).update(status="cancelled")

    def look(invoice):
        invoice.refresh_from_db()
        meet()

    monkeypatch.setattr(lifecycle, "void", look_then_void)
    monkeypatch.setattr(transitions, "hold", look)
    monkeypatch.setattr(lifecycle, "cancel_order", lifecycle.cancel_order.__wrapped__)
    monkeypatch.setattr(payments, "record", payments.record.__wrapped__)
    outcomes = pay_and_cancel(invoice)
    with pytest.raises(AssertionError):
        assert_paid_or_cancelled(invoice, outcomes)


def test_i6_an_order_is_confirmed_or_cancelled_never_both(account):
    for _round in range(10):
        invoice = unpaid_invoice(factories.customer(factories.user()), 150_000)
        calls = [
            lambda invoice=invoice: confirm(fresh(invoice)),
            lambda invoice=invoice: lifecycle.cancel_order(order=fresh(invoice).order, actor=None),
        ]
        random.shuffle(calls)
        told = [type(outcome.error) for outcome in at_once(*calls) if outcome.error]
        waits = PaymentConfirmation.objects.filter(invoice=invoice).exists()
        assert told == [lifecycle.ConfirmationWaiting if waits else confirmations.NothingToConfirm]
        assert fresh(invoice).status == ("unpaid" if waits else "cancelled")
    assert_books_agree()


def test_c5_a_payment_reversed_10_times_at_once_is_reversed_once(invoice, verifiers):
    payment = pay(invoice, "gateway:1", 170_000)
    outcomes = at_once(
        *[lambda: payments.reverse(payment=fresh(payment), reason="Dibatalkan bank", actor=verifiers[0])] * 10
    )
    told = Counter(type(outcome.error) for outcome in outcomes)
    assert told == {type(None): 1, payments.AlreadyReversed: 9}
    assert (fresh(invoice).status, payments.credit_balance(invoice.customer)) == ("unpaid", 0)
    assert PaymentReversal.objects.count() == 1
    assert_books_agree()
