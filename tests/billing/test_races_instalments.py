"""A part that is paid while its order is cancelled, and orders in parts placed at once."""

import uuid

import pytest

from billing import instalments, lifecycle
from billing.instalments import Instalment
from billing.models import Invoice, Order
from tests import factories
from tests.billing.races import assert_books_agree, at_once
from tests.billing.shop import pay, place

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PLAN = [Instalment(50, 3), Instalment(30, 33), Instalment(20, 63)]
ROUNDS = 8


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_part_paid_while_the_order_is_cancelled_is_either_paid_or_cancelled(number):
    verifier = factories.staff("billing.verify_payment")
    customer = factories.customer(factories.user())
    method = factories.bank_account().method
    product = factories.product(stock=ROUNDS)
    for _round in range(ROUNDS):
        order = place(customer, product, method=method, plan=PLAN)
        part = instalments.parts_of(order)[number]
        paid, cancelled = at_once(
            lambda part=part: pay(Invoice.objects.get(pk=part.pk), verifier),
            lambda order=order: lifecycle.cancel_order(order=Order.objects.get(pk=order.pk), actor=verifier),
        )
        states = [Invoice.objects.get(pk=one.pk).status for one in instalments.parts_of(order)]
        if cancelled.error is None:
            assert states == ["cancelled"] * 3
            assert paid.error is not None
        else:
            assert isinstance(cancelled.error, lifecycle.CannotCancel)
            assert paid.error is None
            assert states == ["paid" if place == number else "unpaid" for place in range(3)]
    assert_books_agree()


def test_o2_the_same_form_sent_at_once_makes_one_order_with_its_parts():
    customer = factories.customer(factories.user())
    method = factories.bank_account().method
    product = factories.product()
    key = uuid.uuid4()
    outcomes = at_once(
        *[lambda: place(customer, product, method=method, plan=PLAN, checkout_key=key) for _time in range(8)]
    )
    assert {outcome.value.pk for outcome in outcomes} == {Order.objects.get().pk}
    assert Invoice.objects.count() == 3
    assert_books_agree()
