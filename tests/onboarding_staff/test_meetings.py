"""Appointments on the staff's pages: held, missed, moved and called off, alone and many at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxEmail
from onboarding import appointments
from onboarding.models import Appointment, AppointmentEvent
from tests import factories
from tests.onboarding_staff import rows

pytestmark = pytest.mark.django_db

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture
def case(db):
    return rows.at_stage("sales_meeting")


@pytest.fixture
def pic(case):
    return rows.pic_of(case)


@pytest.fixture
def at_work(client, pic):
    client.force_login(pic)
    return client


@pytest.fixture
def meeting(case):
    return rows.meeting(case)


def act(client, appointment: Appointment, name: str, **given):
    address = reverse("admin:onboarding_meet", args=[appointment.case_id, appointment.pk, name])
    return client.post(address, {"seen": appointment.sequence, **given})


def state(appointment: Appointment) -> str:
    appointment.refresh_from_db()
    return appointment.status


def test_one_press_marks_it_held_and_the_case_moves_on(at_work, case, meeting):
    answer = act(at_work, meeting, "finish", outcome="Setuju.")
    assert (answer.status_code, answer.url) == (302, reverse("admin:onboarding_work", args=[case.pk]))
    assert (state(meeting), meeting.outcome) == ("done", "Setuju.")
    case.refresh_from_db()
    assert case.stage_key == "quotation"


def test_what_was_missed_gets_another_time(at_work, meeting):
    assert act(at_work, meeting, "miss").status_code == 302
    assert state(meeting) == "missed"
    day = timezone.localdate() + timedelta(days=7)
    assert act(at_work, meeting, "reschedule", day=day, starts="13:00", ends="14:30").status_code == 302
    assert state(meeting) == "scheduled"
    assert meeting.starts_at == datetime(day.year, day.month, day.day, 13, tzinfo=JAKARTA)


def test_an_outcome_is_written_afterwards_and_a_mistake_is_taken_back(at_work, case):
    review = rows.meeting(case, stage=case.stages.get(key="post_activation"), kind="adoption_review")
    act(at_work, review, "finish")
    review.refresh_from_db()
    assert act(at_work, review, "outcome", outcome="80 % karyawan memakai.").status_code == 302
    review.refresh_from_db()
    assert review.outcome == "80 % karyawan memakai."
    assert act(at_work, review, "back").status_code == 302
    assert state(review) == "scheduled"


def test_a_cancelled_one_offers_nothing_more(at_work, meeting):
    assert act(at_work, meeting, "cancel").status_code == 302
    assert state(meeting) == "cancelled"
    page = at_work.get(reverse("admin:onboarding_meeting", args=[meeting.case_id, meeting.pk]))
    assert page.context["acts"] == []
    assert act(at_work, meeting, "finish").status_code == 422
    assert state(meeting) == "cancelled"


def test_whoever_is_slower_is_told_and_can_go_on_from_there(at_work, meeting):
    other = factories.onboarding_pic("onboarding.see_all_cases", name="Ayu")
    seen = meeting.sequence
    appointments.cancel(appointment=meeting, actor=other, seen=seen)
    answer = act(at_work, meeting, "miss", seen=seen)
    assert (answer.status_code, state(meeting)) == (422, "cancelled")
    assert "Ayu" in answer.content.decode()


def test_times_that_cannot_be_are_refused(at_work, meeting):
    before = meeting.starts_at
    for given in ({"day": "2020-01-01", "starts": "09:00", "ends": "10:00"}, {"day": "", "starts": "9", "ends": ""}):
        assert act(at_work, meeting, "reschedule", **given).status_code == 422
    meeting.refresh_from_db()
    assert (meeting.starts_at, AppointmentEvent.objects.filter(appointment=meeting).count()) == (before, 0)


def test_unknown_acts_and_others_appointments_are_not_found(at_work, meeting):
    foreign = rows.meeting(rows.at_stage("initial_call"))
    assert act(at_work, meeting, "explode").status_code == 404
    assert act(at_work, foreign, "finish").status_code == 404
    # Not by way of a case of one's own either.
    address = reverse("admin:onboarding_meet", args=[meeting.case_id, foreign.pk, "finish"])
    assert at_work.post(address, {"seen": 0}).status_code == 404
    assert state(foreign) == "scheduled"


def shift(client, *chosen: Appointment, act: str = "move", **given):
    tokens = [f"{one.pk}:{one.sequence}" for one in chosen]
    return client.post(reverse("admin:onboarding_reschedule"), {"chosen": tokens, "act": act, **given})


def monday_at(hour: int, *, weeks: int = 2, zone: str = "Asia/Jakarta") -> datetime:
    today = timezone.localdate()
    day = today + timedelta(days=7 * weeks - today.weekday())
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))


def at(case, hour: int, *, zone: str = "Asia/Jakarta", **fields) -> Appointment:
    starts_at = monday_at(hour, zone=zone)
    return rows.meeting(case, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), time_zone=zone, **fields)


def test_several_are_moved_by_days_and_keep_their_clock_time(at_work, case):
    first, second = at(case, 9, title="Sesi 1"), at(case, 11, title="Sesi 2", zone="Asia/Makassar")
    answer = shift(at_work, first, second, days=7)
    assert answer.status_code == 302
    for one, hour, zone in ((first, 9, "Asia/Jakarta"), (second, 11, "Asia/Makassar")):
        one.refresh_from_db()
        assert one.starts_at == monday_at(hour, weeks=3, zone=zone)


def test_looking_first_moves_nothing_and_tells_nobody(at_work, case):
    one = at(case, 9)
    before, emails = one.starts_at, OutboxEmail.objects.count()
    answer = shift(at_work, one, act="look", days=1)
    assert answer.status_code == 200
    plan = answer.context["plan"]
    assert [planned.after.split(",")[0] for planned in plan] == ["Selasa"]
    one.refresh_from_db()
    assert (one.starts_at, one.sequence, OutboxEmail.objects.count()) == (before, 0, emails)


def test_to_one_day_each_from_its_own(at_work, case):
    first, second = at(case, 9), at(case, 15, title="Sesi 2")
    day = monday_at(9, weeks=3).date() + timedelta(days=2)
    assert shift(at_work, first, second, day=day).status_code == 302
    for one, hour in ((first, 9), (second, 15)):
        one.refresh_from_db()
        assert one.starts_at == datetime(day.year, day.month, day.day, hour, tzinfo=JAKARTA)


def test_days_off_are_passed_over_where_asked(at_work, case):
    one = at(case, 9)
    assert shift(at_work, one, days=5, skip_days_off="on").status_code == 302
    one.refresh_from_db()
    assert one.starts_at == monday_at(9, weeks=3)


def test_all_are_moved_or_none(at_work, case):
    first, second = at(case, 9), at(case, 11, title="Sesi 2")
    other = factories.onboarding_pic("onboarding.see_all_cases", name="Ayu")
    seen = second.sequence
    appointments.finish(appointment=second, actor=other, seen=seen)
    appointments.take_back(appointment=second, actor=other, seen=seen + 1)
    second.sequence = seen
    before = first.starts_at
    answer = shift(at_work, first, second, days=7)
    assert answer.status_code == 422
    first.refresh_from_db()
    assert (first.starts_at, first.sequence) == (before, 0)


@pytest.mark.parametrize("given", [{}, {"days": 7, "day": "2027-01-01"}, {"days": 0}, {"days": 9999}])
def test_by_how_much_is_asked_for_once(at_work, case, given):
    one = at(case, 9)
    assert shift(at_work, one, **given).status_code == 422
    assert shift(at_work, days=7).status_code == 422
    one.refresh_from_db()
    assert one.sequence == 0


def test_others_appointments_are_neither_listed_nor_moved(at_work, case):
    foreign = at(rows.at_stage("initial_call"), 9, title="Rahasia")
    page = at_work.get(reverse("admin:onboarding_reschedule", query={"whose": "all"}))
    assert "Rahasia" not in page.content.decode()
    assert shift(at_work, foreign, days=7).status_code == 422
    foreign.refresh_from_db()
    assert foreign.sequence == 0


def test_the_list_is_narrowed_by_day_and_kind(at_work, case):
    at(case, 9, title="Latihan", kind="training")
    rows.meeting(case, hours=-30, title="Kemarin")
    rows.meeting(case, hours=24 * 60, title="Jauh")

    def titles(**query):
        page = at_work.get(reverse("admin:onboarding_reschedule", query=query))
        return [one.title for one, _at, _token in page.context["rows"]]

    assert titles() == ["Latihan", "Jauh"]
    assert titles(until=monday_at(9).date()) == ["Latihan"]
    assert titles(kind="meeting") == ["Jauh"]
    assert titles(since="2020-01-01")[0] == "Kemarin"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(client, django_assert_num_queries, count):
    boss = factories.onboarding_pic("onboarding.see_all_cases")
    for _number in range(count):
        other = rows.at_stage("initial_call")
        rows.pic_of(other)
        rows.meeting(other)
    client.force_login(boss)
    address = reverse("admin:onboarding_reschedule", query={"whose": "all"})
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
