"""Calendar files: what a calendar program reads from them, in all three zones of the country."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar

from onboarding import appointments, calendars
from tests.onboarding.diary import NOW, START, agree, fresh, open_case, pic

pytestmark = pytest.mark.django_db

NINE = {
    "Asia/Jakarta": ("WIB", 7, datetime(2026, 12, 1, 2, tzinfo=UTC)),
    "Asia/Makassar": ("WITA", 8, datetime(2026, 12, 1, 1, tzinfo=UTC)),
    "Asia/Jayapura": ("WIT", 9, datetime(2026, 12, 1, 0, tzinfo=UTC)),
}


@pytest.fixture(autouse=True)
def _on_a_monday(settings):
    settings.BASE_URL = "https://toko.example"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def worker(db):
    return pic()


@pytest.fixture
def case(customer):
    return open_case(customer)


def read(content: bytes) -> Calendar:
    return Calendar.from_ical(content)


def only_event(content: bytes):
    [event] = read(content).walk("VEVENT")
    return event


def at_nine(case, worker, zone: str):
    starts_at = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo(zone))
    return agree(case, worker, starts_at=starts_at, time_zone=zone)


@pytest.mark.parametrize("zone", NINE)
def test_nine_o_clock_is_nine_o_clock_of_its_zone_and_the_right_instant(case, worker, zone):
    letters, offset, instant = NINE[zone]
    made = fresh(at_nine(case, worker, zone))
    assert made.when == f"Selasa, 1 Desember 2026, 09.00–11.00 {letters}"
    content = calendars.of_appointment(made)
    event = only_event(content)
    assert event["DTSTART"].params["TZID"] == zone
    assert event.start.strftime("%Y-%m-%d %H:%M") == "2026-12-01 09:00"
    assert event.start.astimezone(UTC) == instant
    assert event.end - event.start == timedelta(hours=2)
    [rules] = read(content).walk("VTIMEZONE")
    assert rules["TZID"] == zone
    [standard] = rules.walk("STANDARD")
    assert (standard["TZNAME"], standard["TZOFFSETTO"].td) == (letters, timedelta(hours=offset))
    assert rules.walk("DAYLIGHT") == []


def test_the_three_zones_are_an_hour_apart_in_one_calendar(case, worker):
    for zone in NINE:
        at_nine(case, worker, zone)
    calendar = read(calendars.of_case(case))
    starts = sorted(event.start.astimezone(UTC) for event in calendar.walk("VEVENT"))
    assert [later - earlier for earlier, later in pairwise(starts)] == [timedelta(hours=1)] * 2
    assert {rules["TZID"] for rules in calendar.walk("VTIMEZONE")} == set(NINE)


def test_a_calendar_says_what_where_and_who(case, worker, owner):
    made = agree(case, worker, title="Sesi 1; absensi, cuti", link="https://rapat.example/abc?x=1,2;3")
    calendar = read(calendars.of_appointment(made, calendars.REQUEST, owner))
    event = only_event(calendar.to_ical())
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    assert event["UID"] == f"{made.uid}@toko.example"
    assert event["SUMMARY"] == f"Sesi 1; absensi, cuti ({case.name})"
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
    assert event["URL"] == event["LOCATION"] == "https://rapat.example/abc?x=1,2;3"
    assert f"https://toko.example/client/onboarding/{case.number}/" in event["DESCRIPTION"]
    assert event["ORGANIZER"] == "mailto:halo@example.co.id"
    assert event["ATTENDEE"] == f"mailto:{owner.email}"
    assert event["ATTENDEE"].params["CN"] == owner.name
    assert event["DTSTAMP"].dt == NOW


def test_a_place_is_the_location_even_where_there_is_a_link(case, worker):
    made = agree(case, worker, place="Jl. Kenanga 8, lantai 2")
    event = only_event(calendars.of_appointment(made))
    assert (event["LOCATION"], event["URL"]) == ("Jl. Kenanga 8, lantai 2", "https://rapat.example/abc")


def test_what_people_download_invites_nobody(case, worker):
    content = calendars.of_appointment(agree(case, worker))
    assert read(content)["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in only_event(content)


def test_a_new_time_is_the_same_event_with_a_higher_sequence(case, worker):
    made = agree(case, worker)
    before = only_event(calendars.of_appointment(made))
    later = START + timedelta(days=1)
    appointments.reschedule(appointment=made, starts_at=later, ends_at=later + timedelta(hours=1), actor=worker, seen=0)
    after = only_event(calendars.of_appointment(fresh(made)))
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"], after.start) == (0, 1, later)


def test_what_is_called_off_says_so(case, worker):
    made = agree(case, worker)
    appointments.cancel(appointment=made, actor=worker, seen=0)
    made = fresh(made)
    content = calendars.of_appointment(made, calendars.method_of(made))
    event = only_event(content)
    assert (read(content)["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    [of_case] = read(calendars.of_case(case)).walk("VEVENT")
    assert of_case["STATUS"] == "CANCELLED"


def test_a_case_without_appointments_is_an_empty_calendar(case):
    assert read(calendars.of_case(case)).walk("VEVENT") == []


def test_lines_are_folded_and_end_as_the_standard_says(case, worker):
    """75 octets at most (RFC 5545, 3.1), whatever a title holds."""
    content = calendars.of_appointment(agree(case, worker, title="Pelatihan — " + "é" * 130))
    lines = content.split(b"\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
