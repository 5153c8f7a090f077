"""A case stops with a reason for staff alone and is opened again; what comes meanwhile moves nothing."""

import pytest

from billing import lifecycle, payments
from onboarding import progress, stopping
from onboarding.refusals import NotAllowed, NotOpen, NotStopped, OrderStays, ReasonMissing, ServiceEnded
from tests import factories
from tests.billing.shop import confirm
from tests.onboarding.walk import appointment, current, fresh, history, ordered_case, pay, stage, states, told, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    return factories.onboarding_pic("onboarding.see_all_cases", name="Dewi")


@pytest.fixture
def case(customer):
    return ordered_case(customer)


def stop(case, actor, **fields) -> None:
    stopping.stop(case=case, actor=actor, **{"reason": "Anggaran dipotong.", **fields})


def test_a_case_stops_where_it_is_with_a_reason(case, worker):
    walk_to("sales_meeting", case)
    stop(case, worker)
    now = fresh(case)
    assert (now.status, now.stage_key, now.turn, told(case)[-1]) == ("stopped", "sales_meeting", "nobody", "stopped")
    event = now.events.last()
    assert (event.kind, event.actor, event.note) == ("stopped", worker, "Anggaran dipotong.")
    assert now.stopped_at is not None
    assert fresh(case.service).status == "pending"


def test_what_was_agreed_for_later_is_called_off_with_it(case, worker):
    coming, over = appointment(case, "initial_call"), appointment(case, "initial_call", days=-1)
    stop(case, worker)
    assert (fresh(coming).status, fresh(over).status) == ("cancelled", "scheduled")
    assert told(case)[-2:] == ["cancelled", "stopped"]


@pytest.mark.parametrize("fields", [{"reason": " "}, {"actor": "stranger"}, {"actor": "without_permission"}])
def test_stopping_takes_a_reason_and_permission(case, worker, fields):
    people = {
        "stranger": factories.onboarding_pic(),
        "without_permission": factories.staff("onboarding.work_on_case", "onboarding.see_all_cases"),
    }
    before = history(case)
    actor = people.get(fields.get("actor"), worker)
    with pytest.raises((ReasonMissing, NotAllowed)):
        stop(case, actor, **{key: value for key, value in fields.items() if key != "actor"})
    assert (fresh(case).status, history(case)) == ("active", before)


def test_stopping_twice_is_refused(case, worker):
    stop(case, worker)
    before = history(case)
    with pytest.raises(NotOpen):
        stop(case, worker)
    assert history(case) == before


def test_a_live_case_does_not_stop(case, worker):
    walk_to("go_live", case)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    with pytest.raises(NotOpen, match="sudah live"):
        stop(case, worker)
    assert fresh(case).status == "live"


def test_the_unpaid_order_is_cancelled_with_it(case, worker):
    stop(case, worker, cancel_order=True)
    order = fresh(case.service.order)
    assert (order.status, fresh(order.invoice).status, fresh(case.service).status) == ("cancelled",) * 3
    assert (fresh(case).status, [one.kind for one in case.events.all()]) == ("stopped", ["created", "stopped"])
    assert "Anggaran" not in order.events.last().note


def test_a_paid_order_stays_and_so_does_the_case(case, worker):
    pay(case)
    before = history(case)
    with pytest.raises(OrderStays):
        stop(case, worker, cancel_order=True)
    assert (fresh(case).status, history(case)) == ("active", before)
    assert fresh(case.service.order).status == "active"


def test_a_payment_that_waits_for_verification_keeps_order_and_case(case, worker):
    confirm(case.service.order.invoice)
    with pytest.raises(OrderStays, match="menunggu verifikasi"):
        stop(case, worker, cancel_order=True)
    assert (fresh(case).status, fresh(case.service.order).status) == ("active", "pending")


def test_a_cancelled_service_stops_its_case_by_itself(case, worker):
    lifecycle.cancel_order(order=case.service.order, actor=worker)
    now = fresh(case)
    assert (now.status, now.events.last().actor) == ("stopped", None)


def test_a_cancelled_service_of_a_live_case_stops_nothing(case, worker):
    walk_to("go_live", case)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    lifecycle.cancel_service(service=fresh(case.service), actor=worker)
    assert fresh(case).status == "live"


def test_nothing_moves_a_stopped_case(case, worker):
    stop(case, worker)
    before = history(case)
    for act in (
        lambda: progress.finish(case=case, actor=worker, seen=current(case).pk),
        lambda: progress.skip(case=case, actor=worker, seen=current(case).pk, reason="x"),
        lambda: progress.move(case=case, to=stage(case, "training"), actor=worker, seen=current(case).pk),
        lambda: progress.set_due(stage=current(case), due_on=None, actor=worker),
    ):
        with pytest.raises(NotOpen):
            act()
    assert history(case) == before


def test_a_payment_for_a_stopped_case_fills_in_its_date_and_moves_nothing(case, worker):
    walk_to("invoice_payment", case)
    stop(case, worker)
    pay(case)
    now = fresh(case)
    assert (now.status, now.stage_key, states(case)["invoice_payment"]) == ("stopped", "invoice_payment", "done")
    assert told(case)[-1] == "paid"
    stopping.reopen(case=case, actor=worker, reason="Jadi lanjut.")
    assert (fresh(case).status, fresh(case).stage_key) == ("active", "requirement_gathering")


def test_it_goes_on_where_it_stopped(case, worker):
    walk_to("training", case)
    stop(case, worker)
    stopping.reopen(case=case, actor=worker, reason="Jadi lanjut.")
    now = fresh(case)
    assert (now.status, now.stage_key, now.stopped_at, told(case)[-1]) == ("active", "training", None, "reopened")
    assert now.events.last().note == "Jadi lanjut."


def test_what_was_taken_back_meanwhile_comes_first_when_it_goes_on(case, worker):
    walk_to("invoice_payment", case)
    payment = pay(case)
    walk_to("training", case)
    stop(case, worker)
    payments.reverse(payment=payment, reason="Cek kosong", actor=factories.staff("billing.verify_payment"))
    assert (fresh(case).stage_key, states(case)["invoice_payment"]) == ("training", "upcoming")
    stopping.reopen(case=case, actor=worker, reason="Jadi lanjut.")
    assert (fresh(case).stage_key, states(case)["training"]) == ("invoice_payment", "upcoming")


def test_reopening_takes_a_reason_permission_a_stopped_case_and_a_living_service(case, worker):
    with pytest.raises(NotStopped):
        stopping.reopen(case=case, actor=worker, reason="x")
    stop(case, worker, cancel_order=True)
    before = history(case)
    with pytest.raises(ReasonMissing):
        stopping.reopen(case=case, actor=worker, reason="")
    with pytest.raises(NotAllowed):
        stopping.reopen(case=case, actor=factories.onboarding_pic(), reason="x")
    with pytest.raises(ServiceEnded):
        stopping.reopen(case=case, actor=worker, reason="x")
    assert (fresh(case).status, history(case)) == ("stopped", before)
