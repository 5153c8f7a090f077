"""K7, Q2: what is promised, over closing time, weekends, holidays and time zones, and how fast it really is."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from accounts.models import Holiday
from tests import factories
from tests.tickets.desk import answer, ask, fresh, open_one
from tickets import closing, promises

pytestmark = pytest.mark.django_db

JAKARTA, MAKASSAR, JAYAPURA = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = JAKARTA) -> datetime:
    """November 2026: the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("asked", "due", "words"),
    [
        (at(20, 9), at(20, 11), "hari ini sebelum 11.00 WIB"),
        (at(20, 13, 30), at(20, 15, 30), "hari ini sebelum 15.30 WIB"),
        (at(19, 16), at(20, 9), "besok sebelum 09.00 WIB"),
        (at(20, 16), at(23, 9), "Senin, 23 November 2026, sebelum 09.00 WIB"),
        (at(21, 12), at(23, 10), "Senin, 23 November 2026, sebelum 10.00 WIB"),
        (at(22, 23), at(23, 10), "besok sebelum 10.00 WIB"),
        (at(23, 6), at(23, 10), "hari ini sebelum 10.00 WIB"),
        (at(24, 17), at(26, 10), "Kamis, 26 November 2026, sebelum 10.00 WIB"),
    ],
    ids=[
        "inside the day",
        "in the afternoon",
        "over closing time",
        "over the weekend",
        "on Saturday",
        "on Sunday",
        "before opening",
        "over a holiday",
    ],
)
def test_q2_an_answer_is_promised_in_office_hours(asked, due, words):
    Holiday.objects.create(date=date(2026, 11, 25), name="Hari libur contoh")
    department = factories.department()
    assert promises.answer_due(department, asked) == due
    assert promises.before(due, department.zone, asked) == words
    assert promises.expected_answer(department, asked) == words


def test_q2_each_department_has_its_own_clock_and_days():
    bali = factories.department(time_zone="Asia/Makassar", opens=time(9), closes=time(15), days="1,2,3,4,5,6")
    # Friday 15.30 in Jakarta is 16.30 in Bali: closed, and Saturday is a working day.
    asked = at(20, 15, 30)
    assert promises.answer_due(bali, asked) == at(21, 11, zone=MAKASSAR)
    assert promises.expected_answer(bali, asked) == "besok sebelum 11.00 WITA"


def test_q2_today_is_the_departments_day():
    papua = factories.department(time_zone="Asia/Jayapura", days="1,2,3,4,5,6,7")
    # 23.00 on Friday in Jakarta is Saturday 01.00 in Jayapura.
    assert promises.expected_answer(papua, at(20, 23)) == "hari ini sebelum 10.00 WIT"


def test_the_words_are_english_for_english_readers():
    with translation.override("en"):
        assert promises.expected_answer(factories.department(), at(20, 13, 30)) == "today before 15:30 WIB"


def test_the_resolution_is_promised_as_well():
    department = factories.department(resolution_minutes=960)
    # 16 office hours: eight on Friday, eight on Monday.
    assert promises.resolution_due(department, at(20, 9)) == at(23, 16)


@time_machine.travel(at(20, 13, 30), tick=False)
def test_q2_the_ticket_says_when_to_expect_the_answer_and_when_it_is_late(customer, support, support_staff):
    ticket = open_one(customer, support)
    assert promises.answer_words(ticket) == "Perkiraan jawaban: hari ini sebelum 15.30 WIB"
    assert promises.answer_words(ticket, at(20, 15, 31)).startswith("Maaf, jawaban kami terlambat")
    answer(ticket, support_staff)
    assert promises.answer_words(fresh(ticket)) == ""
    assert promises.of_ticket(fresh(ticket)) is None


@time_machine.travel(at(20, 13, 30), tick=False)
def test_staff_sees_how_a_ticket_stands_in_the_departments_minutes(customer, support):
    ticket = open_one(customer, support)
    standing = promises.of_ticket(ticket, at(20, 15, 15))
    assert (standing.left, standing.tone, standing.words) == (15, "warning", "sisa 15 menit")
    # Over the weekend only office time counts.
    late = promises.of_ticket(ticket, at(23, 8, 10))
    assert (late.left, late.tone) == (-100, "danger")


def test_k7_what_a_department_takes_is_measured_in_its_office_minutes(customer, support, support_staff):
    assert promises.measured(support) == promises.Measured(None, None)
    for opened, answered in ((at(20, 9), at(20, 9, 30)), (at(20, 16), at(23, 9)), (at(24, 9), at(24, 11))):
        with time_machine.travel(opened, tick=False):
            ticket = open_one(customer, support)
        with time_machine.travel(answered, tick=False):
            answer(ticket, support_staff)
        with time_machine.travel(answered + timedelta(minutes=30), tick=False):
            ask(ticket)
            closing.close(ticket=fresh(ticket), actor=support_staff)
    assert promises.measured(support) == promises.Measured(first_answer=120, resolution=150)


def test_q2_the_promise_stays_what_it_was_when_the_department_changes_its_mind(customer, support):
    ticket = open_one(customer, support)
    promised = ticket.answer_due_at
    support.first_answer_minutes = 480
    support.save()
    assert fresh(ticket).answer_due_at == promised


def test_a_department_needs_a_time_zone_that_exists():
    department = factories.department()
    department.time_zone = "Asia/Atlantis"
    with pytest.raises(Exception, match="Asia/Jayapura"):
        department.full_clean()
    assert timezone.localtime(at(20, 9), MAKASSAR).hour == 10
