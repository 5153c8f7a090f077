"""Credit that several want at once: sent back once, or spent, never both."""

import pytest
from django.utils import timezone

from billing import books, credit, provider_refunds, refunds
from billing.attempts import refunding
from billing.models import Invoice, ProviderRefund
from billing.payments import credit_balance
from tests import factories
from tests.billing.races import assert_books_agree, at_once, meeting
from tests.billing.shop import unpaid_invoice
from tests.billing_attempts.pretend import invoice_by
from tests.billing_attempts.test_refunding import paid, send

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_worker")]


@pytest.fixture
def contested(db, page, payer):
    """50.000 of credit that came through the provider, and 80.000 more to pay."""
    factories.bank_account()
    customer = factories.customer(factories.user())
    received = paid(invoice_by(page, customer).payment_attempts.get(), page, 200_000).received.get()
    return received, customer


def test_two_who_send_the_same_credit_back_send_it_once(contested, page, payer):
    received, customer = contested
    outcomes = at_once(*[lambda cause=cause: send(received, 50_000, payer, cause) for cause in ("staff:1", "staff:2")])
    assert_sent_once(customer, outcomes)
    [refund] = ProviderRefund.objects.all()
    ProviderRefund.objects.update(due_at=timezone.now())
    # And of four workers one asks.
    assert sorted(one.value for one in at_once(*[lambda: refunding.run(refund.pk)] * 4)) == [False] * 3 + [True]
    assert page.sent_back == {refund.key: 50_000}
    assert_books_agree()


def assert_sent_once(customer, outcomes) -> None:
    assert [type(one.error) for one in outcomes if one.error] == [refunds.CannotRefund]
    assert (ProviderRefund.objects.count(), credit_balance(customer)) == (1, 0)
    assert_books_agree()


def test_credit_is_sent_back_or_spent_never_both(contested, payer):
    received, customer = contested
    other = unpaid_invoice(customer, 80_000)
    assert_given_once(customer, send_and_spend(received, other, payer))


def send_and_spend(received, other, payer, guarded: bool = True):
    return at_once(
        lambda: send(received, 50_000, payer),
        lambda: credit.spend(invoice=Invoice.objects.get(pk=other.pk), actor=None),
        guarded=guarded,
    )


def assert_given_once(customer, outcomes) -> None:
    sent, spent = outcomes
    assert type(sent.error) in {type(None), refunds.CannotRefund}
    assert (spent.value, credit_balance(customer)) == (50_000 if sent.error else 0, 0)
    assert_books_agree()


@pytest.fixture
def looking_first(monkeypatch):
    """Without the customer's row, and both look before one takes."""
    meet = meeting(2)
    left_by_payment = books.left_by_payment

    def look(*arguments):
        left = left_by_payment(*arguments)
        meet()
        return left

    monkeypatch.setattr(books, "hold_credit", lambda _customer_id: None)
    monkeypatch.setattr(provider_refunds.transitions, "hold", lambda thing: thing.refresh_from_db())
    monkeypatch.setattr(books, "left_by_payment", look)


def test_control_without_the_customers_row_credit_is_given_twice(contested, payer, looking_first):
    received, customer = contested
    other = unpaid_invoice(customer, 80_000)
    outcomes = send_and_spend(received, other, payer, guarded=False)
    with pytest.raises(AssertionError):
        assert_given_once(customer, outcomes)


def test_control_of_two_who_only_look_the_database_lets_one_through_but_not_by_name(contested, payer, looking_first):
    received, customer = contested
    outcomes = at_once(
        *[lambda cause=cause: send(received, 50_000, payer, cause) for cause in ("staff:1", "staff:2")], guarded=False
    )
    with pytest.raises(AssertionError):
        assert_sent_once(customer, outcomes)
