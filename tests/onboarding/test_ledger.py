"""V3, V5, V7 of onboarding: what was planted behind the services' back is found."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import OutboxEmail
from billing import ledger
from onboarding import digests, pics, progress, stopping
from onboarding.models import Case, CaseEvent, DigestChoice, PicAssignment, Stage, StageEvent
from tests import factories
from tests.onboarding.walk import current, ordered_case, pay, product_with_onboarding, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(customer):
    """Cases of each fate, some with somebody who wants one email a day."""
    worker = factories.onboarding_pic("onboarding.see_all_cases", "onboarding.move_back_case")
    product = product_with_onboarding()
    running = ordered_case(customer, product)
    pics.assign(stage=current(running), pic=worker, actor=worker)
    DigestChoice.objects.create(user=factories.user())
    stopped = walk_to("invoice_payment", ordered_case(customer, product))
    stopping.stop(case=stopped, actor=worker, reason="Batal.")
    pay(stopped)
    live = walk_to("go_live", ordered_case(customer, product))
    progress.finish(case=live, actor=worker, seen=current(live).pk)
    DigestChoice.objects.create(user=customer.users.get())
    back = walk_to("training", ordered_case(customer, product))
    earlier = back.stages.get(key="initial_call")
    progress.move(case=back, to=earlier, actor=worker, seen=current(back).pk, reason="Ulang.")
    digests.send(timezone.now() + timedelta(days=1))
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())


def found() -> set[str]:
    return {breach.rule for breach in ledger.verify()}


def test_the_books_of_cases_that_only_services_touched_agree(cases):
    assert [str(breach) for breach in ledger.verify()] == []


def _say_another_stage():
    Case.objects.filter(status="live").update(stage_key="training")


def _say_another_target():
    Case.objects.filter(status="active").update(stage_due_on="2020-01-01")


def _forget_the_pic():
    assert Case.objects.exclude(pic=None).update(pic=None) == 1


def _end_the_assignment():
    assert PicAssignment.objects.filter(ended_at=None).update(ended_at=timezone.now()) == 1


def _lose_an_email():
    OutboxEmail.objects.filter(template="onboarding/changed").first().delete()


def _lose_a_digest():
    assert OutboxEmail.objects.filter(template="onboarding/digest").delete()[0] > 0


def _stop_in_silence():
    Case.objects.filter(status="active").update(status="stopped", stopped_at=timezone.now())


def _forget_what_happened():
    CaseEvent.objects.filter(kind="live").delete()


def _forget_a_stage_that_was_done():
    StageEvent.objects.filter(kind="done").first().delete()


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (_say_another_stage, "V3"),
        (_say_another_target, "V3"),
        (_forget_the_pic, "V3"),
        (_end_the_assignment, "V3"),
        (_lose_an_email, "V5"),
        (_lose_a_digest, "V5"),
        (_stop_in_silence, "V7"),
        (_forget_what_happened, "V7"),
        (_forget_a_stage_that_was_done, "V7"),
    ],
)
def test_damage_is_found(cases, damage, rule):
    damage()
    assert rule in found()


def test_a_running_case_that_stands_nowhere_is_found(cases):
    Stage.objects.filter(status="current", case__status="active").update(status="upcoming")
    assert {"V3", "V7"} <= found()
