"""By when stages are expected: target by target, and the days that staff promised stay."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from onboarding import progress
from onboarding.refusals import NotAllowed, StageIsOver
from tests import factories
from tests.onboarding.walk import current, fresh, history, hold_meeting, ordered_case, stage, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def worker():
    return factories.onboarding_pic("onboarding.see_all_cases")


@pytest.fixture
def case(customer):
    return ordered_case(customer)


def days(case, *keys: str) -> list[int]:
    """How many days from today each stage is expected by."""
    return [(stage(case, key).due_on - TODAY).days for key in keys]


def test_a_promised_day_moves_what_comes_after_it_and_customers_are_told(case, worker):
    assert days(case, "initial_call", "sales_meeting", "invoice_payment") == [3, 10, 17]
    progress.set_due(stage=current(case), due_on=TODAY + timedelta(days=10), actor=worker)
    assert days(case, "initial_call", "sales_meeting", "invoice_payment") == [10, 17, 24]
    assert (fresh(case).stage_due_on, told(case)[-1]) == (TODAY + timedelta(days=10), "due")
    event = current(case).events.last()
    assert (event.kind, event.actor, event.note) == ("due_changed", worker, "2026-11-26")


def test_a_day_promised_for_a_later_stage_stays_when_its_turn_comes(case, worker, clock):
    progress.set_due(stage=stage(case, "sales_meeting"), due_on=TODAY + timedelta(days=20), actor=worker)
    assert days(case, "invoice_payment") == [27]
    clock.shift(timedelta(days=2))
    hold_meeting(case)
    assert days(case, "sales_meeting", "invoice_payment") == [20, 27]


def test_a_stage_that_begins_early_brings_the_later_ones_forward(case, clock):
    clock.shift(timedelta(days=1))
    hold_meeting(case)
    assert days(case, "sales_meeting", "invoice_payment") == [8, 15]


def test_a_promised_day_that_is_over_is_planned_anew(case, worker, clock):
    progress.set_due(stage=stage(case, "sales_meeting"), due_on=TODAY + timedelta(days=1), actor=worker)
    clock.shift(timedelta(days=5))
    hold_meeting(case)
    assert days(case, "sales_meeting") == [12]


def test_the_same_day_again_and_none_at_all(case, worker):
    before = history(case)
    progress.set_due(stage=current(case), due_on=current(case).due_on, actor=worker)
    assert history(case) == before
    progress.set_due(stage=current(case), due_on=None, actor=worker)
    assert fresh(case).stage_due_on is None


def test_no_day_is_promised_for_what_is_over_or_by_others(case, worker):
    hold_meeting(case)
    before = history(case)
    with pytest.raises(StageIsOver):
        progress.set_due(stage=stage(case, "initial_call"), due_on=date(2026, 12, 1), actor=worker)
    with pytest.raises(NotAllowed):
        progress.set_due(stage=current(case), due_on=date(2026, 12, 1), actor=factories.onboarding_pic())
    assert history(case) == before
