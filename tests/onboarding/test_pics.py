"""Who looks after a stage, who takes over when the case moves, and the history of it (ON4)."""

import pytest
from django.contrib.auth.models import Group

from onboarding import pics, progress
from onboarding.models import Stage
from onboarding.refusals import NotAllowed, NotAPic, StageIsOver
from tests import factories
from tests.onboarding.walk import current, fresh, history, hold_meeting, ordered_case, stage, told, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead_of_team():
    return factories.onboarding_pic(
        "onboarding.see_all_cases", "onboarding.move_back_case", name="Sari", email="sari@nusa.example"
    )


@pytest.fixture
def sales():
    return Group.objects.create(name="Tim penjualan")


@pytest.fixture
def specialists():
    return Group.objects.create(name="Tim spesialis")


@pytest.fixture
def case(customer):
    return ordered_case(customer)


def teams(case, **groups) -> None:
    """The stages' teams, by key; of all others none."""
    for key, group in groups.items():
        Stage.objects.filter(case=case, key=key).update(pic_group=group)


def assignments(case) -> list[tuple]:
    rows = case.stages.order_by("sort", "assignments__pk")
    rows = rows.values_list("key", "assignments__pic__name", "assignments__ended_at")
    return [(key, name, ended is not None) for key, name, ended in rows if name]


def test_a_pic_is_assigned_and_customers_are_told(case, lead_of_team):
    dewi = factories.onboarding_pic(name="Dewi")
    pics.assign(stage=current(case), pic=dewi, actor=lead_of_team)
    assert (fresh(case).pic, told(case)[-1]) == (dewi, "pic")
    assert assignments(case) == [("initial_call", "Dewi", False)]
    event = current(case).events.last()
    assert (event.kind, event.actor, event.note) == ("pic_assigned", lead_of_team, "Dewi")


def test_another_takes_over_with_history_and_the_same_again_is_nothing(case, lead_of_team):
    dewi, agus = factories.onboarding_pic(name="Dewi"), factories.onboarding_pic(name="Agus")
    for person in (dewi, agus):
        pics.assign(stage=current(case), pic=person, actor=lead_of_team)
    before = history(case)
    pics.assign(stage=current(case), pic=agus, actor=lead_of_team)
    assert history(case) == before
    assert assignments(case) == [("initial_call", "Dewi", True), ("initial_call", "Agus", False)]
    pics.assign(stage=current(case), pic=None, actor=lead_of_team)
    assert fresh(case).pic is None


def test_only_staff_who_work_on_onboarding_in_the_stages_team_become_its_pic(case, lead_of_team, sales):
    teams(case, initial_call=sales)
    inside = factories.onboarding_pic(team=sales)
    outside, unable = factories.onboarding_pic(), factories.staff()
    unable.groups.add(sales)
    assert list(pics.candidates(current(case))) == [inside]
    before = history(case)
    for person in (outside, unable, case.customer.users.get()):
        with pytest.raises(NotAPic):
            pics.assign(stage=current(case), pic=person, actor=lead_of_team)
    assert (fresh(case).pic, history(case)) == (None, before)


def test_the_permission_may_come_from_another_group_than_the_team(case, sales):
    teams(case, initial_call=sales)
    person = factories.staff()
    person.groups.add(sales, Group.objects.get(name="PIC"))
    assert list(pics.candidates(current(case))) == [person]


def test_a_stage_that_is_over_gets_no_pic(case, lead_of_team):
    hold_meeting(case)
    with pytest.raises(StageIsOver):
        pics.assign(stage=stage(case, "initial_call"), pic=lead_of_team, actor=lead_of_team)
    assert assignments(case) == []


def test_staff_of_another_team_assigns_nobody(case):
    person = factories.onboarding_pic()
    with pytest.raises(NotAllowed):
        pics.assign(stage=current(case), pic=person, actor=person)
    assert fresh(case).pic is None


def test_the_pic_goes_along_where_the_next_stage_is_of_no_other_team(case, lead_of_team):
    dewi = factories.onboarding_pic(name="Dewi")
    pics.assign(stage=current(case), pic=dewi, actor=lead_of_team)
    hold_meeting(case)
    assert fresh(case).pic == dewi
    assert assignments(case) == [("initial_call", "Dewi", True), ("sales_meeting", "Dewi", False)]
    assert told(case) == ["opened", "pic", "stage"]


def test_another_team_begins_without_pic_and_sees_the_case(case, lead_of_team, specialists):
    teams(case, sales_meeting=specialists)
    pics.assign(stage=current(case), pic=factories.onboarding_pic(), actor=lead_of_team)
    hold_meeting(case)
    now = fresh(case)
    assert (now.pic, now.team) == (None, specialists)


def test_who_was_assigned_in_advance_takes_over_and_customers_are_told(case, lead_of_team, specialists):
    teams(case, sales_meeting=specialists)
    specialist = factories.onboarding_pic(name="Rina", team=specialists)
    pics.assign(stage=stage(case, "sales_meeting"), pic=specialist, actor=lead_of_team)
    assert fresh(case).pic is None
    hold_meeting(case)
    assert fresh(case).pic == specialist
    assert told(case)[-2:] == ["stage", "pic"]


def test_going_back_brings_back_who_had_it(case, lead_of_team, specialists):
    dewi, rina = factories.onboarding_pic(name="Dewi"), factories.onboarding_pic(name="Rina", team=specialists)
    pics.assign(stage=current(case), pic=dewi, actor=lead_of_team)
    teams(case, sales_meeting=specialists)
    hold_meeting(case)
    pics.assign(stage=current(case), pic=rina, actor=lead_of_team)
    seen = current(case).pk
    progress.move(case=case, to=stage(case, "initial_call"), actor=lead_of_team, seen=seen, reason="Ulang.")
    assert fresh(case).pic == dewi
    assert current(case).key == "initial_call"


def test_who_left_does_not_take_over(case, lead_of_team):
    dewi = factories.onboarding_pic()
    pics.assign(stage=current(case), pic=dewi, actor=lead_of_team)
    dewi.is_active = False
    dewi.save()
    walk_to("invoice_payment", case)
    assert fresh(case).pic is None
