"""One email a day, at six in the evening, with everything once; and the day before an appointment its reminder."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts import jobs, outbox
from accounts.models import JobRun, Membership, OutboxEmail
from onboarding import appointments, digests, reminders, tasks
from onboarding.models import Case, DigestEntry, MemberRole
from tests import factories
from tests.onboarding import journey
from tests.onboarding.diary import NOW, START, agree, emails, fresh, leave, open_case, pic

pytestmark = pytest.mark.django_db

JAKARTA = ZoneInfo("Asia/Jakarta")
EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=JAKARTA)
# 09.00 WITA on the day before START.
DAY_BEFORE = START - timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def worker(db):
    return pic()


@pytest.fixture
def case(customer):
    return open_case(customer)


def rendered(row: OutboxEmail) -> outbox.Rendered:
    return outbox.render(row.template, row.arguments, row.language, reveal=True)


# The digest


@pytest.fixture
def daily(case, owner):
    digests.choose(actor=owner, daily=True)
    return owner


def test_before_six_nothing_leaves_and_after_six_everything_does_once(case, worker, daily, clock):
    agree(case, worker)
    agree(case, worker, "training", title="Sesi 1: absensi")
    assert digests.send(EVENING - timedelta(minutes=1)).sent == 0
    assert digests.send(EVENING).sent == 1
    assert digests.send(EVENING + timedelta(hours=1)).sent == 0
    [email] = emails("digest")
    assert (email.user, email.customer) == (daily, case.customer)
    text = rendered(email).text
    assert text.count("Jadwal baru: Panggilan awal") == text.count("Sesi 1: absensi") == 1
    assert set(DigestEntry.objects.values_list("sent_with", flat=True)) == {email.key}


def test_what_changes_in_the_evening_comes_the_next_day(case, worker, daily, clock):
    clock.move_to(EVENING + timedelta(minutes=30))
    agree(case, worker)
    assert digests.send(EVENING + timedelta(hours=1)).sent == 0
    assert digests.send(EVENING + timedelta(days=1)).sent == 1


def test_a_day_without_workers_is_made_up_for(case, worker, daily):
    agree(case, worker)
    assert digests.send(EVENING + timedelta(days=3, hours=-5)).sent == 1


def test_a_day_without_changes_is_a_day_without_email(case, daily):
    assert digests.send(EVENING).sent == 0


def test_the_last_word_on_an_appointment_is_enough(case, worker, daily):
    made = agree(case, worker)
    later = START + timedelta(days=1)
    appointments.reschedule(appointment=made, starts_at=later, ends_at=later + timedelta(hours=1), actor=worker, seen=0)
    digests.send(EVENING)
    email = rendered(emails("digest")[0])
    assert "Waktu baru: Panggilan awal" in email.text
    assert "1 Desember" not in email.text
    assert len(email.attachments) == 1


def test_two_cases_are_two_parts_of_one_digest_and_two_companies_two_digests(case, worker, daily):
    second = open_case(case.customer, journey.product_with_roles(name_id="Talenta"))
    elsewhere = open_case(factories.customer(daily), journey.product_with_roles(name_id="Klikpajak"))
    for one in (case, second, elsewhere):
        agree(one, worker)
    DigestEntry.objects.exclude(change__kind="scheduled").delete()
    assert digests.send(EVENING).sent == 2
    ours, theirs = sorted(emails("digest"), key=lambda row: row.customer_id)
    assert case.name in rendered(ours).text
    assert "Talenta" in rendered(ours).text
    assert "Klikpajak" not in rendered(ours).text
    assert "Klikpajak" in rendered(theirs).text


@pytest.mark.parametrize("change", ["left", "another role", "closed account"])
def test_who_sees_it_no_more_reads_nothing_of_it(case, worker, daily, change):
    agree(case, worker)
    if change == "left":
        Membership.objects.filter(user=daily).delete()
    elif change == "another role":
        role = case.product.onboarding_roles.get(key="accountant")
        MemberRole.objects.filter(membership__user=daily).update(role=role)
    else:
        daily.is_active = False
        daily.save()
    assert digests.send(EVENING).sent == 0
    assert (emails("digest"), DigestEntry.objects.count()) == ([], 0)


def test_who_loses_the_role_before_the_digest_leaves_reads_of_the_other_cases_only(case, worker, daily):
    second = open_case(case.customer, journey.product_with_roles(name_id="Talenta"))
    agree(case, worker, title="Rahasia produk")
    agree(second, worker)
    digests.send(EVENING)
    role = case.product.onboarding_roles.get(key="accountant")
    MemberRole.objects.filter(membership__user=daily, product=case.product).update(role=role)
    text = rendered(emails("digest")[0]).text
    assert ("Talenta" in text, "Rahasia produk" in text) == (True, False)


# Reminders


def test_on_the_day_before_from_nine_of_its_own_clock_its_people_are_reminded_once(case, worker, owner):
    made = agree(case, worker, place="Jl. Kenanga 8", link="")
    assert reminders.remind(DAY_BEFORE - timedelta(minutes=1)).reminded == 0
    assert reminders.remind(DAY_BEFORE).reminded == 1
    assert reminders.remind(DAY_BEFORE + timedelta(minutes=15)).reminded == 0
    [email] = emails("reminder")
    assert (email.user, email.key) == (owner, f"reminder:{made.pk}:0:user:{owner.pk}")
    assert fresh(made).reminded_at == DAY_BEFORE


@pytest.mark.parametrize(("zone", "hour_in_jakarta"), [("Asia/Jakarta", 9), ("Asia/Makassar", 8), ("Asia/Jayapura", 7)])
def test_nine_is_nine_where_the_appointment_is(case, worker, zone, hour_in_jakarta):
    agree(case, worker, starts_at=datetime(2026, 12, 1, 23, 30, tzinfo=ZoneInfo(zone)), time_zone=zone)
    nine = datetime(2026, 11, 30, hour_in_jakarta, 0, tzinfo=JAKARTA)
    assert [reminders.remind(nine - timedelta(seconds=1)).reminded, reminders.remind(nine).reminded] == [0, 1]


def test_a_missed_run_is_made_up_for_until_it_begins(case, worker):
    agree(case, worker)
    assert reminders.remind(START - timedelta(minutes=10)).reminded == 1


@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(days=1)])
def test_of_what_has_begun_nobody_is_reminded(case, worker, late_by):
    agree(case, worker)
    assert reminders.remind(START + late_by).reminded == 0


@pytest.mark.parametrize("end", [appointments.cancel, appointments.finish, appointments.miss])
def test_of_what_is_called_off_or_over_nobody_is_reminded(case, worker, end):
    made = agree(case, worker)
    end(appointment=made, actor=worker, seen=0)
    assert reminders.remind(DAY_BEFORE).reminded == 0
    assert emails("reminder") == []


def test_of_a_case_that_stopped_nobody_is_reminded(case, worker):
    agree(case, worker)
    Case.objects.filter(pk=case.pk).update(status="stopped", stopped_at=NOW)
    assert reminders.remind(DAY_BEFORE).reminded == 0


def test_what_was_agreed_that_late_needs_no_reminder(case, worker, clock):
    clock.move_to(DAY_BEFORE + timedelta(hours=2))
    agree(case, worker)
    assert reminders.remind(DAY_BEFORE + timedelta(hours=3)).reminded == 0


def test_another_day_is_reminded_of_again(case, worker, clock):
    made = agree(case, worker)
    clock.move_to(DAY_BEFORE)
    reminders.remind(DAY_BEFORE)
    later = START + timedelta(days=7)
    appointments.reschedule(appointment=made, starts_at=later, ends_at=later + timedelta(hours=1), actor=worker, seen=0)
    assert reminders.remind(DAY_BEFORE + timedelta(days=7)).reminded == 1
    assert len({row.key for row in emails("reminder")}) == 2


def test_a_reminder_says_when_where_and_with_whom(case, worker, clock):
    agree(case, worker, link="https://rapat.example/abc")
    clock.move_to(DAY_BEFORE)
    reminders.remind(DAY_BEFORE)
    email = rendered(emails("reminder")[0])
    assert email.subject == f"{case.name}: Pengingat: Panggilan awal besok"
    for part in (email.text, email.html):
        assert "Selasa, 1 Desember 2026, 09.00–11.00 WITA" in part
        assert "https://rapat.example/abc" in part
        assert f"/client/onboarding/{case.number}/schedule/" in part


def test_a_reminder_that_leaves_after_it_was_called_off_says_that(case, worker, clock):
    made = agree(case, worker)
    clock.move_to(DAY_BEFORE)
    reminders.remind(DAY_BEFORE)
    appointments.cancel(appointment=made, actor=worker, seen=0)
    email = rendered(emails("reminder")[0])
    assert email.subject == f"{case.name}: Panggilan awal: Dibatalkan"
    assert "besok" not in email.text


# The jobs


def test_the_jobs_write_down_that_they_ran(case, worker, owner, clock):
    digests.choose(actor=owner, daily=True)
    agree(case, worker)
    clock.move_to(EVENING)
    assert tasks.send_digests() == {"sent": 1, "failed": 0}
    clock.move_to(DAY_BEFORE)
    assert tasks.remind_of_appointments() == {"reminded": 1, "failed": 0}
    ran = dict(JobRun.objects.values_list("name", "succeeded"))
    assert (ran[jobs.SEND_DIGESTS], ran[jobs.REMIND_OF_APPOINTMENTS]) == (True, True)


def test_one_failure_stops_no_other(case, worker, owner, monkeypatch):
    other = open_case()
    for one in (case, other):
        agree(one, worker)
        leave(one)
    remind = reminders.notices.remind

    def fail_for_the_first(appointment):
        if appointment.case_id == case.pk:
            raise RuntimeError
        remind(appointment)

    monkeypatch.setattr(reminders.notices, "remind", fail_for_the_first)
    report = reminders.remind(DAY_BEFORE)
    assert (report.reminded, report.failed, len(emails("reminder"))) == (1, 1, 1)
    monkeypatch.undo()
    assert reminders.remind(DAY_BEFORE).reminded == 1
