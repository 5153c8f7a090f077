from datetime import date, timedelta

import pytest
import time_machine

from accounts.models import Shop
from billing import confirmations, payments, tasks, unpaid_orders
from billing.models import Order
from tests import factories
from tests.billing.shop import confirm, emails, picture, place, rupiah

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 11, 1)
# Due after 3 days, cancelled 7 days later, 2 more for bank transfers.
CANCELLED = date(2026, 11, 13)
WARNED = date(2026, 11, 12)


@pytest.fixture
def order(customer, account):
    with time_machine.travel(f"{ORDERED}T03:00:00Z"):
        return place(customer, factories.product(stock=5), method=account.method)


def run(day: date) -> tuple[int, int, int]:
    with time_machine.travel(f"{day}T03:00:00Z"):
        report = unpaid_orders.cancel_unpaid(day)
    return report.warned, report.cancelled, report.failed


def status(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_o3_an_unpaid_order_is_warned_one_day_before_and_then_cancelled(order):
    assert run(WARNED - timedelta(days=1)) == (0, 0, 0)
    assert run(WARNED) == (1, 0, 0)
    assert status(order) == "pending"
    assert len(emails("order_cancel_warning")) == 2
    assert run(CANCELLED) == (0, 1, 0)
    assert status(order) == "cancelled"
    assert len(emails("order_cancelled")) == 2
    assert [service.status for service in order.services.all()] == ["cancelled"]


def test_o3_running_again_the_same_day_changes_nothing(order):
    for _time in range(3):
        run(WARNED)
    assert len(emails("order_cancel_warning")) == 2
    assert [run(CANCELLED) for _time in range(3)] == [(0, 1, 0), (0, 0, 0), (0, 0, 0)]
    assert len(emails("order_cancelled")) == 2


def test_o3_a_missed_warning_is_caught_up_before_anything_is_cancelled(order):
    late = CANCELLED + timedelta(days=5)
    assert run(late) == (1, 0, 0)
    assert status(order) == "pending"
    assert run(late + timedelta(days=1)) == (0, 1, 0)


def test_o3_the_days_are_the_shops(order):
    shop = Shop.current()
    shop.cancel_unpaid_after_days, shop.cancel_bank_transfer_extra_days = 1, 0
    shop.save()
    assert run(date(2026, 11, 4)) == (1, 0, 0)
    assert run(date(2026, 11, 5)) == (0, 1, 0)


def test_o3_never_while_a_confirmation_is_submitted(order, owner):
    run(WARNED)
    confirmation = confirm(order.invoice, owner, transferred_on=ORDERED)
    assert run(CANCELLED) == (0, 0, 0)
    assert status(order) == "pending"
    # Withdrawn, there is time to send another: it is warned anew.
    confirmations.withdraw(confirmation=confirmation, actor=owner)
    assert run(CANCELLED) == (1, 0, 0)
    assert run(CANCELLED + timedelta(days=1)) == (0, 1, 0)
    assert len(emails("order_cancel_warning")) == 4


def test_o3_a_rejected_confirmation_gives_a_day_more(order, owner, verifier):
    run(WARNED)
    confirmation = confirm(order.invoice, owner, transferred_on=ORDERED)
    confirmations.reject(confirmation=confirmation, reason="Uang belum masuk", actor=verifier)
    assert run(CANCELLED) == (1, 0, 0)


def test_o3_never_while_part_of_it_is_paid(order, verifier):
    run(WARNED)
    confirmation = confirm(order.invoice, transferred_on=ORDERED, amount=rupiah(1000), proofs=[picture()])
    confirmations.approve(confirmation=confirmation, amount=rupiah(1000), actor=verifier)
    assert run(CANCELLED) == (0, 0, 0)
    assert status(order) == "pending"


def test_o3_one_orders_failure_stops_no_other(customer, account, monkeypatch):
    with time_machine.travel(f"{ORDERED}T03:00:00Z"):
        first, second = (place(customer, factories.product(), method=account.method) for _time in range(2))
    run(WARNED)
    cancel = unpaid_orders.lifecycle.cancel_order

    def fail_for_the_first(*, order, **arguments):
        if order == first:
            raise RuntimeError("broken")
        cancel(order=order, **arguments)

    monkeypatch.setattr(unpaid_orders.lifecycle, "cancel_order", fail_for_the_first)
    assert run(CANCELLED) == (0, 1, 1)
    assert (status(first), status(second)) == ("pending", "cancelled")


def test_o3_the_task_reports_what_it_did(order):
    with time_machine.travel(f"{WARNED}T03:00:00Z"):
        assert tasks.run_billing()["orders"] == {"warned": 1, "cancelled": 0}


def test_o3_an_order_paid_in_time_is_left_alone(order, customer):
    payments.record(
        customer=customer,
        amount=order.invoice.total,
        currency="IDR",
        source="staff",
        cause="staff:1",
        method=order.payment_method,
        received_on=ORDERED,
        reference="",
        actor=None,
        invoices=[order.invoice],
    )
    assert [run(day) for day in (WARNED, CANCELLED)] == [(0, 0, 0)] * 2
    assert status(order) == "active"
