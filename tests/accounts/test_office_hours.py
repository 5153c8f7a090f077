from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Holiday, Shop
from accounts.office_hours import OfficeHours, due_at, minutes_between

JAKARTA = ZoneInfo("Asia/Jakarta")
WEEKDAYS = OfficeHours(opens=time(8), closes=time(17), days=frozenset({1, 2, 3, 4, 5}), zone=JAKARTA)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026: the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (at(20, 9), 120, at(20, 11)),
        (at(20, 15), 120, at(20, 17)),
        (at(20, 16), 120, at(23, 9)),
        (at(20, 17), 60, at(23, 9)),
        (at(21, 12), 60, at(23, 9)),
        (at(20, 5), 60, at(20, 9)),
        (at(19, 16), 60 * 9 + 90, at(23, 8, 30)),
        (at(20, 9), 0, at(20, 9)),
    ],
    ids=[
        "inside the day",
        "until closing time",
        "over the weekend",
        "asked at closing time",
        "asked on Saturday",
        "asked before opening",
        "over two days",
        "at once",
    ],
)
def test_k7_minutes_count_only_while_the_office_is_open(start, minutes, due):
    assert due_at(start, minutes, WEEKDAYS) == due


def test_k7_the_offices_clock_decides_not_the_callers():
    assert due_at(datetime(2026, 11, 20, 9, tzinfo=UTC), 120, WEEKDAYS) == at(23, 9)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (at(20, 9), at(20, 11), 120),
        (at(20, 16), at(23, 9), 120),
        (at(21, 9), at(22, 9), 0),
        (at(20, 9), at(20, 9), 0),
    ],
)
def test_k7_time_passed_is_measured_in_office_minutes(start, end, minutes):
    assert minutes_between(start, end, WEEKDAYS) == minutes


def test_an_office_that_never_opens_is_refused():
    with pytest.raises(ValueError, match="opens before it closes"):
        OfficeHours(opens=time(8), closes=time(17), days=frozenset(), zone=JAKARTA)


@pytest.mark.django_db
def test_the_shop_says_its_hours():
    Shop.objects.create(office_opens="09:00", office_closes="15:30", office_days="1,6")
    hours = OfficeHours.of_shop(Shop.objects.get())
    assert (hours.opens, hours.closes, hours.days) == (time(9), time(15, 30), frozenset({1, 6}))


@pytest.mark.django_db
def test_a_holiday_is_skipped_from_the_moment_it_is_entered_until_it_is_deleted():
    hours = OfficeHours.of_shop(Shop.current())
    assert due_at(at(20, 16), 120, hours) == at(23, 9)
    holiday = Holiday.objects.create(date=date(2026, 11, 23), name="Cuti bersama")
    assert due_at(at(20, 16), 120, OfficeHours.of_shop(Shop.current())) == at(24, 9)
    assert minutes_between(at(20, 16), at(24, 9), OfficeHours.of_shop(Shop.current())) == 120
    holiday.delete()
    assert due_at(at(20, 16), 120, OfficeHours.of_shop(Shop.current())) == at(23, 9)
