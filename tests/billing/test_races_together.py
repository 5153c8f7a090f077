"""C4 at once: a transfer for several invoices is sent once, decided once, and never in parts."""

import pytest
from django.utils import timezone

from billing import confirmations, lifecycle, payments, together
from billing.models import Allocation, Invoice, Payment, PaymentConfirmation
from tests import factories
from tests.billing.races import assert_books_agree, at_once
from tests.billing.shop import confirm, picture, rupiah, unpaid_invoice

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 6


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def account():
    return factories.bank_account()


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def verifiers():
    return [factories.staff("billing.verify_payment") for _number in range(3)]


def send(invoices, account, order=1) -> list[PaymentConfirmation]:
    return together.submit(
        invoices=[Invoice.objects.get(pk=invoice.pk) for invoice in invoices[::order]],
        actor=invoices[0].customer.users.first(),
        bank_account=account,
        sender_bank="BCA",
        sender_number="",
        sender_name="PT Contoh",
        transferred_on=timezone.localdate(),
        amount=rupiah(150_000 * len(invoices)),
        note="",
        proofs=[picture()],
    )


def test_sent_many_times_at_once_it_is_there_once(customer, account):
    def once():
        invoices = [unpaid_invoice(customer) for _number in range(3)]
        outcomes = at_once(*[lambda order=order: send(invoices, account, order) for order in (1, -1, 1, -1)])
        errors = [outcome.error for outcome in outcomes if outcome.error]
        assert [type(error) for error in errors] == [confirmations.AlreadySubmitted] * 3
        assert PaymentConfirmation.objects.filter(invoice__in=invoices, status="submitted").count() == 3

    for _round in range(ROUNDS):
        once()
    assert_books_agree()


def test_two_transfers_that_share_an_invoice_never_both_hold_it(customer, account):
    def once():
        one, both, other = [unpaid_invoice(customer) for _number in range(3)]
        outcomes = at_once(
            lambda: send([one, both], account), lambda: send([both, other], account), lambda: confirm(both)
        )
        assert sum(outcome.error is None for outcome in outcomes) == 1
        assert both.confirmations.filter(status="submitted").count() == 1

    for _round in range(ROUNDS):
        once()
    assert_books_agree()


def test_k3_of_many_decisions_through_different_invoices_one_counts(customer, account, verifiers):
    def once():
        invoices = [unpaid_invoice(customer) for _number in range(3)]
        group = send(invoices, account)

        def fresh(number):
            return PaymentConfirmation.objects.get(pk=group[number].pk)

        outcomes = at_once(
            lambda: confirmations.approve(confirmation=fresh(0), amount=rupiah(450_000), actor=verifiers[0]),
            lambda: confirmations.approve(confirmation=fresh(2), amount=rupiah(450_000), actor=verifiers[1]),
            lambda: confirmations.reject(confirmation=fresh(1), reason="Belum", actor=verifiers[2]),
            lambda: confirmations.withdraw(confirmation=fresh(1), actor=invoices[0].customer.users.first()),
        )
        errors = [outcome.error for outcome in outcomes if outcome.error]
        assert [type(error) for error in errors] == [confirmations.AlreadyDecided] * 3
        states = {one.status for one in PaymentConfirmation.objects.filter(transfer=group[0].transfer)}
        assert len(states) == 1
        paid = Allocation.objects.filter(invoice__in=invoices).values("payment").distinct().count()
        assert paid == (states == {"approved"})

    for _round in range(ROUNDS):
        once()
    assert_books_agree()


def test_i6_approving_all_while_one_is_cancelled(customer, account, verifiers):
    def once():
        invoices = [unpaid_invoice(customer) for _number in range(2)]
        group = send(invoices, account)
        approved, cancelled = at_once(
            lambda: confirmations.approve(
                confirmation=PaymentConfirmation.objects.get(pk=group[0].pk), amount=rupiah(300_000), actor=verifiers[0]
            ),
            lambda: lifecycle.cancel_order(order=Invoice.objects.get(pk=invoices[1].pk).order, actor=verifiers[1]),
        )
        assert approved.error is None
        assert isinstance(cancelled.error, lifecycle.CannotCancel)
        assert [Invoice.objects.get(pk=one.pk).status for one in invoices] == ["paid", "paid"]

    for _round in range(ROUNDS):
        once()
    assert_books_agree()


def test_approving_while_one_is_paid_another_way_makes_credit_of_the_rest(customer, account, verifiers):
    def once():
        invoices = [unpaid_invoice(customer) for _number in range(2)]
        group = send(invoices, account)
        outcomes = at_once(
            lambda: confirmations.approve(
                confirmation=PaymentConfirmation.objects.get(pk=group[0].pk), amount=rupiah(300_000), actor=verifiers[0]
            ),
            lambda: payments.record(
                customer=customer,
                amount=rupiah(150_000),
                currency="IDR",
                source=Payment.Source.STAFF,
                cause=f"staff:{invoices[1].pk}",
                method=None,
                received_on=timezone.localdate(),
                reference="",
                actor=verifiers[1],
                invoices=[Invoice.objects.get(pk=invoices[1].pk)],
            ),
        )
        assert [outcome.error for outcome in outcomes] == [None, None]
        assert [Invoice.objects.get(pk=one.pk).status for one in invoices] == ["paid", "paid"]

    for _round in range(ROUNDS):
        once()
    assert payments.credit_balance(customer) == 150_000 * ROUNDS
    assert_books_agree()
