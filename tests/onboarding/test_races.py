"""Staff, payments and cancellations that come to one case at once: one outcome, the others are told, the books agree."""

import random
import threading
import uuid
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from billing import lifecycle
from billing.models import Invoice
from onboarding import opening, progress, stopping, transitions
from onboarding.models import Case, StageEvent
from onboarding.models.templates import Completion
from onboarding.refusals import NotOpen, OrderStays, SomebodyWasFaster
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once, meeting
from tests.onboarding.walk import (
    appointment,
    current,
    fresh,
    ordered_case,
    pay,
    product_with_onboarding,
    stage,
    states,
    walk_to,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 10
MANY = 20
PATIENCE = 30


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def product():
    return product_with_onboarding()


@pytest.fixture
def team():
    names = ("Dewi", "Agus")
    return [factories.onboarding_pic("onboarding.see_all_cases", name=name) for name in names]


def unguarded(monkeypatch, module, service: str, **replaced) -> None:
    """The module's service without a transaction around it, and with other ways of holding rows."""
    monkeypatch.setattr(module, service, getattr(module, service).__wrapped__)
    monkeypatch.setattr(module, "transitions", SimpleNamespace(**{**vars(transitions), **replaced}))


def errors(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome.error) for outcome in outcomes if outcome.error]


# Two PICs move one case


def met(case: Case) -> Case:
    """Its first stage may be ended: the call took place, and nobody noted it in the case yet."""
    appointment(case, "initial_call", status="done", days=-1)
    return case


def finish_at_once(case: Case, team) -> list[Outcome]:
    seen = current(case).pk
    return at_once(*[lambda one=one: progress.finish(case=fresh(case), actor=one, seen=seen) for one in team])


def assert_moved_once(case: Case, outcomes: list[Outcome]) -> None:
    assert errors(outcomes) == [SomebodyWasFaster]
    assert fresh(case).stage_key == current(case).key == "sales_meeting"
    assert StageEvent.objects.filter(stage__case=case, to_status="done").count() == 1
    assert case.changes.filter(kind="stage").count() == 1


def test_of_two_pics_who_move_a_case_one_does_and_the_other_is_told_who(customer, product, team):
    for _round in range(ROUNDS):
        case = met(ordered_case(customer, product))
        outcomes = finish_at_once(case, team)
        assert_moved_once(case, outcomes)
        [refusal] = [outcome.error for outcome in outcomes if outcome.error]
        winner = StageEvent.objects.get(stage__case=case, to_status="done").actor
        assert (refusal.who, refusal.stage.key) == (winner, "sales_meeting")
    assert_books_agree()


def test_control_looking_first_does_not_tell_who_was_faster(monkeypatch, customer, product, team):
    case = met(ordered_case(customer, product))
    meet = meeting(2)
    hold_at = progress._hold_at

    def look_then_meet(held, seen):
        here = hold_at(held, seen)
        meet()
        return here

    unguarded(monkeypatch, progress, "finish", hold=lambda held: held.refresh_from_db())
    monkeypatch.setattr(progress, "_hold_at", look_then_meet)
    outcomes = finish_at_once(case, team)
    with pytest.raises((AssertionError, ValueError)):
        assert_moved_once(case, outcomes)


def test_a_finish_and_the_fact_itself_move_the_case_once(customer, product, team):
    """The last meeting is marked held while a PIC presses the button: two stages are never passed at once."""
    for _round in range(ROUNDS):
        case = met(ordered_case(customer, product))
        here = current(case)
        calls = [
            lambda case=case, here=here: progress.finish(case=fresh(case), actor=team[0], seen=here.pk),
            lambda case=case, here=here: progress.satisfy(
                case=fresh(case), completion=Completion.EVENTS_DONE, actor=team[1], stage=fresh(here)
            ),
        ]
        random.shuffle(calls)
        assert set(errors(at_once(*calls))) <= {SomebodyWasFaster}
        assert (fresh(case).stage_key, current(case).key) == ("sales_meeting", "sales_meeting")
    assert_books_agree()


# A payment while staff stops the case


def pay_and_stop(case: Case, actor, **fields) -> list[Outcome]:
    calls = [
        lambda: pay(fresh(case)),
        lambda: stopping.stop(case=fresh(case), actor=actor, reason="Anggaran dipotong.", **fields),
    ]
    random.shuffle(calls)
    return at_once(*calls)


def assert_stopped_and_paid(case: Case, outcomes: list[Outcome]) -> None:
    assert errors(outcomes) == []
    now, invoice_stage = fresh(case), stage(case, "invoice_payment")
    assert (now.status, invoice_stage.status) == ("stopped", "done")
    # Paid first, it had moved on; stopped first, it stays where it was. Never moved by the payment after the stop.
    moved = stage(case, "requirement_gathering").status == "current"
    assert now.stage_key == ("requirement_gathering" if moved else "invoice_payment")
    if moved:
        assert stage(case, "requirement_gathering").entered_at <= now.stopped_at
    assert case.stages.filter(status="current").count() == int(moved)


def test_a_payment_against_a_stop_is_written_down_and_never_moves_what_stopped(customer, product, team):
    for _round in range(ROUNDS):
        case = walk_to("invoice_payment", ordered_case(customer, product))
        assert_stopped_and_paid(case, pay_and_stop(case, team[0]))
    assert_books_agree()


def test_control_looking_first_lets_the_payment_move_what_stopped(monkeypatch, customer, product, team):
    case = walk_to("invoice_payment", ordered_case(customer, product))
    looked, stopped = threading.Event(), threading.Event()

    def pay_late() -> None:
        """It looks, and acts on what it saw when the case has stopped meanwhile."""
        seen = fresh(case)
        looked.set()
        assert stopped.wait(PATIENCE)
        progress._satisfy(seen, current(seen), None)

    def stop() -> None:
        assert looked.wait(PATIENCE)
        stopping.stop(case=fresh(case), actor=team[0], reason="Anggaran dipotong.")
        stopped.set()

    outcomes = at_once(pay_late, stop)
    with pytest.raises(AssertionError):
        assert_stopped_and_paid(case, outcomes)


def test_a_payment_against_a_stop_that_cancels_the_order_leaves_one_of_them(customer, product, team):
    for _round in range(ROUNDS):
        case = walk_to("invoice_payment", ordered_case(customer, product))
        outcomes = pay_and_stop(case, team[0], cancel_order=True)
        invoice = Invoice.objects.get(order__services=case.service_id)
        if fresh(case).status == "stopped":
            assert (errors(outcomes), invoice.status, states(case)["invoice_payment"]) == ([], "cancelled", "current")
        else:
            assert (errors(outcomes), invoice.status, states(case)["invoice_payment"]) == ([OrderStays], "paid", "done")
    assert_books_agree()


# Others


def test_a_case_stopped_many_times_at_once_stops_once(customer, product, team):
    case = ordered_case(customer, product)
    outcomes = at_once(*[lambda: stopping.stop(case=fresh(case), actor=team[0], reason="Batal.")] * MANY)
    assert errors(outcomes) == [NotOpen] * (MANY - 1)
    assert (case.events.filter(kind="stopped").count(), case.changes.filter(kind="stopped").count()) == (1, 1)


def test_going_live_and_cancelling_the_service_do_not_wait_for_each_other(customer, product, team):
    for _round in range(ROUNDS):
        case = walk_to("go_live", ordered_case(customer, product))
        seen = current(case).pk
        calls = [
            lambda case=case, seen=seen: progress.finish(case=fresh(case), actor=team[0], seen=seen),
            lambda case=case: lifecycle.cancel_service(service=fresh(case).service, actor=team[1]),
        ]
        random.shuffle(calls)
        outcomes = at_once(*calls)
        now = fresh(case)
        assert now.service.status == "cancelled"
        assert (now.status, errors(outcomes)) in [("live", []), ("stopped", [NotOpen])]
    assert_books_agree()


def open_at_once(customer, product, count: int) -> list[Outcome]:
    key, admin = uuid.uuid4(), factories.onboarding_admin()
    return at_once(
        *[lambda: opening.open_by_hand(customer=customer, product=product, actor=admin, key=key)] * count,
    )


def test_the_same_form_posted_many_times_opens_one_case_and_all_see_it(customer, product):
    outcomes = open_at_once(customer, product, MANY)
    case = Case.objects.get()
    assert [outcome.value for outcome in outcomes] == [case] * MANY
    assert (case.stages.count(), case.changes.count()) == (8, 1)
    assert_books_agree()


def test_control_looking_first_opens_it_again(monkeypatch, customer, product):
    meet = meeting(2)
    insert = opening._open

    def look_then_insert(*arguments, submission_key, **fields):
        found = Case.objects.filter(submission_key=submission_key).first()
        meet()
        return found or insert(*arguments, submission_key=uuid.uuid4(), **fields)

    monkeypatch.setattr(opening, "_open", look_then_insert)
    monkeypatch.setattr(opening, "transaction", SimpleNamespace(atomic=nullcontext))
    monkeypatch.setattr(opening, "open_by_hand", opening.open_by_hand.__wrapped__)
    open_at_once(customer, product, 2)
    assert Case.objects.count() == 2
