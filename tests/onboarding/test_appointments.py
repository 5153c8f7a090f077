"""Calls, meetings and sessions: agreed, moved, held, missed and called off, with what it means for their stage (ON6)."""

import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError

from accounts import outbox
from accounts.models import Holiday
from onboarding import appointments, stopping
from onboarding.models import Appointment, Case
from onboarding.refusals import AppointmentChanged, NotAllowed, NotOpen, StageIsOver
from onboarding.transitions import InvalidTransition
from tests import factories
from tests.onboarding.diary import (
    MAKASSAR,
    NOW,
    START,
    agree,
    changes,
    details,
    emails,
    events,
    fresh,
    leave,
    open_case,
    pic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def worker(db):
    return pic()


@pytest.fixture
def case(customer):
    return open_case(customer)


def stage_states(case: Case) -> dict[str, str]:
    return dict(case.stages.values_list("key", "status"))


# Agreed


def test_an_appointment_is_agreed_and_customers_are_told(case, worker):
    made = agree(case, worker)
    assert (made.status, made.sequence, made.created_by) == ("scheduled", 0, worker)
    assert made.when == "Selasa, 1 Desember 2026, 09.00–11.00 WITA"
    assert events(made) == ["created"]
    assert changes(case)[-1] == "scheduled"
    assert fresh(case).next_event_at == START


def test_the_same_form_twice_is_one_appointment(case, worker):
    key = uuid.uuid4()
    first = agree(case, worker, key=key)
    told = changes(case)
    assert agree(case, worker, key=key) == first
    assert (Appointment.objects.count(), changes(case)) == (1, told)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends_at": START}, "ends_at"),
        ({"ends_at": START - timedelta(hours=1)}, "ends_at"),
        ({"starts_at": NOW - timedelta(hours=3), "ends_at": NOW - timedelta(minutes=1)}, "starts_at"),
        ({"link": "", "place": " "}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"title": "Panggilan\nawal"}, "title"),
        ({"title": " "}, "title"),
        ({"time_zone": "Europe/Berlin"}, "time_zone"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nobody_is_told(case, worker, fields, field):
    told = changes(case)
    with pytest.raises(ValidationError) as refused:
        agree(case, worker, **fields)
    assert set(refused.value.message_dict) == {field}
    assert (Appointment.objects.count(), changes(case)) == (0, told)


def test_a_call_that_has_begun_can_still_be_written_down_as_scheduled(case, worker):
    assert agree(case, worker, starts_at=NOW - timedelta(minutes=5)).status == "scheduled"


def test_what_took_place_unplanned_is_written_down_as_held(case, worker):
    fields = details(case, starts_at=NOW - timedelta(hours=3), outcome="Semua jelas")
    held = appointments.add_held(actor=worker, **fields)
    assert (held.status, held.outcome, held.reminded_at is not None) == ("done", "Semua jelas", True)
    assert changes(case) == ["appointment_done", "stage"]
    assert stage_states(case)["initial_call"] == "done"
    assert appointments.add_held(actor=worker, **fields) == held


def test_what_is_to_come_was_not_held(case, worker):
    with pytest.raises(ValidationError):
        appointments.add_held(actor=worker, **details(case))
    assert Appointment.objects.count() == 0


def test_a_stage_of_another_case_is_a_mistake_of_the_code(case, worker):
    other = open_case(case.customer)
    with pytest.raises(ValueError, match="is not of case"):
        agree(case, worker, stage=other.stages.first())


# Moved


def test_a_new_time_is_a_new_sequence_and_the_old_one_is_kept(case, worker):
    made = agree(case, worker)
    later = START + timedelta(days=1)
    appointments.reschedule(appointment=made, starts_at=later, ends_at=later + timedelta(hours=1), actor=worker, seen=0)
    made = fresh(made)
    assert (made.starts_at, made.sequence, made.status) == (later, 1, "scheduled")
    moved = made.events.last()
    assert (moved.kind, moved.note) == ("rescheduled", "Selasa, 1 Desember 2026, 09.00–11.00 WITA")
    assert changes(case)[-1] == "rescheduled"
    assert fresh(case).next_event_at == later


def test_a_missed_call_gets_a_new_time(case, worker):
    made = agree(case, worker)
    appointments.miss(appointment=made, actor=worker, seen=0)
    assert fresh(made).status == "missed"
    assert stage_states(case)["initial_call"] == "current"
    later = START + timedelta(days=1)
    appointments.reschedule(appointment=made, starts_at=later, ends_at=later + timedelta(hours=1), actor=worker, seen=1)
    assert (fresh(made).status, fresh(made).sequence) == ("scheduled", 2)
    assert changes(case) == ["scheduled", "missed", "rescheduled"]


@pytest.mark.parametrize("end", [appointments.finish, appointments.cancel])
def test_what_is_over_gets_no_new_time(case, worker, end):
    made = agree(case, worker)
    end(appointment=made, actor=worker, seen=0)
    told = changes(case)
    with pytest.raises(InvalidTransition):
        appointments.reschedule(
            appointment=made, starts_at=START, ends_at=START + timedelta(hours=1), actor=worker, seen=1
        )
    assert (fresh(made).sequence, changes(case)) == (1, told)


def test_several_move_by_days_and_keep_their_clock(case, worker):
    """Two zones, over a weekend and a holiday."""
    morning = agree(case, worker, starts_at=datetime(2026, 12, 4, 9, 30, tzinfo=MAKASSAR))
    evening = agree(case, worker, starts_at=START, time_zone="Asia/Jayapura")
    appointments.shift(appointments=[morning, evening], days=1, actor=worker)
    assert [fresh(one).when for one in (morning, evening)] == [
        "Sabtu, 5 Desember 2026, 09.30–11.30 WITA",
        "Rabu, 2 Desember 2026, 10.00–12.00 WIT",
    ]
    Holiday.objects.create(date="2026-12-07", name="Libur")
    appointments.shift(appointments=[fresh(morning)], days=1, actor=worker, skip_days_off=True)
    assert fresh(morning).when == "Selasa, 8 Desember 2026, 09.30–11.30 WITA"


def test_of_several_all_move_or_none(case, worker):
    stays, over = agree(case, worker), agree(case, worker)
    appointments.cancel(appointment=over, actor=worker, seen=0)
    told = changes(case)
    with pytest.raises(InvalidTransition):
        appointments.shift(appointments=[stays, fresh(over)], days=3, actor=worker)
    assert (fresh(stays).starts_at, fresh(stays).sequence, changes(case)) == (START, 0, told)


def test_none_moves_into_the_past(case, worker):
    made = agree(case, worker)
    with pytest.raises(ValidationError):
        appointments.shift(appointments=[made], days=-30, actor=worker)
    assert fresh(made).starts_at == START


# Held, missed, called off


def test_the_last_one_held_moves_the_case_on(case, worker):
    first, second = agree(case, worker), agree(case, worker, starts_at=START + timedelta(days=1))
    appointments.finish(appointment=first, actor=worker, seen=0, outcome=" Kebutuhan dicatat ")
    assert fresh(first).outcome == "Kebutuhan dicatat"
    assert stage_states(case)["initial_call"] == "current"
    appointments.finish(appointment=second, actor=worker, seen=0)
    states = stage_states(case)
    assert (states["initial_call"], states["sales_meeting"]) == ("done", "current")


def test_calling_off_the_last_open_one_moves_the_case_on_if_another_was_held(case, worker):
    held, off = agree(case, worker), agree(case, worker, starts_at=START + timedelta(days=1))
    appointments.finish(appointment=held, actor=worker, seen=0)
    appointments.cancel(appointment=off, actor=worker, seen=0)
    assert stage_states(case)["initial_call"] == "done"


def test_calling_off_the_only_one_leaves_the_stage_open(case, worker):
    made = agree(case, worker)
    appointments.cancel(appointment=made, actor=worker, seen=0)
    assert (fresh(made).status, fresh(made).sequence) == ("cancelled", 1)
    assert stage_states(case)["initial_call"] == "current"
    assert fresh(case).next_event_at is None


def test_a_stage_that_ends_otherwise_does_not_end_with_its_appointments(case, worker):
    made = agree(case, worker, "requirement_gathering")
    appointments.finish(appointment=made, actor=worker, seen=0)
    assert stage_states(case)["requirement_gathering"] == "upcoming"


def test_an_outcome_can_be_written_afterwards(case, worker):
    made = agree(case, worker)
    with pytest.raises(InvalidTransition):
        appointments.set_outcome(appointment=made, outcome="Belum", actor=worker, seen=0)
    appointments.finish(appointment=made, actor=worker, seen=0)
    appointments.set_outcome(appointment=made, outcome="Semua hadir", actor=worker, seen=1)
    assert (fresh(made).outcome, fresh(made).sequence, changes(case)[-1]) == ("Semua hadir", 2, "appointment_done")


def test_what_was_marked_held_by_mistake_is_to_come_again(case, worker):
    made = agree(case, worker, "training")
    agree(case, worker, "training")
    appointments.finish(appointment=made, actor=worker, seen=0, outcome="Salah klik")
    appointments.take_back(appointment=made, actor=worker, seen=1)
    assert (fresh(made).status, fresh(made).outcome, fresh(made).sequence) == ("scheduled", "", 2)
    assert changes(case)[-1] == "rescheduled"


def test_what_moved_the_case_on_is_not_taken_back_before_its_stage(case, worker):
    made = agree(case, worker)
    appointments.finish(appointment=made, actor=worker, seen=0)
    told = changes(case)
    with pytest.raises(StageIsOver, match="Kembalikan tahapnya dulu"):
        appointments.take_back(appointment=made, actor=worker, seen=1)
    assert (fresh(made).status, changes(case)) == ("done", told)


def test_when_the_case_stops_what_is_to_come_is_called_off(case, worker):
    """The call in which they decided to stop is still to be written down."""
    begun = agree(case, worker, starts_at=NOW - timedelta(minutes=5))
    to_come = agree(case, worker)
    assert appointments.cancel_coming(case=case, actor=worker) == [to_come]
    assert [fresh(one).status for one in (begun, to_come)] == ["scheduled", "cancelled"]
    assert events(to_come) == ["created", "cancelled"]


def test_stopping_calls_off_what_is_to_come_and_tells_it_with_the_stop(case, worker):
    worker.user_permissions.add(Permission.objects.get(codename="stop_case"))
    to_come = agree(case, worker)
    leave(case)
    stopping.stop(case=case, actor=fresh(worker), reason="Pindah")
    assert fresh(to_come).status == "cancelled"
    [_agreed, email] = emails()
    content = outbox.render(email.template, email.arguments, "id", reveal=True)
    assert content.subject == "Jurnal Plus: Onboarding berhenti (+1)"
    assert [one.name for one in content.attachments] == [f"{case.number}-{to_come.pk}.ics"]
    assert "Pindah" not in content.text + content.html


# Who, and when another was faster


def test_a_page_that_is_out_of_date_changes_nothing(case, worker):
    made = agree(case, worker)
    appointments.reschedule(
        appointment=fresh(made), starts_at=START, ends_at=START + timedelta(hours=1), actor=worker, seen=0
    )
    told = changes(case)
    acts = [
        lambda: appointments.cancel(appointment=made, actor=worker, seen=0),
        lambda: appointments.finish(appointment=made, actor=worker, seen=0),
        lambda: appointments.miss(appointment=made, actor=worker, seen=0),
        lambda: appointments.shift(appointments=[stale(made)], days=1, actor=worker),
        lambda: appointments.reschedule(
            appointment=made, starts_at=START, ends_at=START + timedelta(hours=3), actor=worker, seen=0
        ),
    ]
    for act in acts:
        with pytest.raises(AppointmentChanged, match="Dewi Pratiwi baru saja mengubah “Panggilan awal”"):
            act()
    assert (fresh(made).sequence, fresh(made).status, changes(case)) == (1, "scheduled", told)


def stale(appointment: Appointment) -> Appointment:
    read = fresh(appointment)
    read.sequence = 0
    return read


def test_who_does_not_work_on_the_case_changes_nothing(case, worker):
    made = agree(case, worker)
    told = changes(case)
    for person in (factories.staff(), factories.staff("onboarding.work_on_case"), case.customer.users.first()):
        for act in (appointments.cancel, appointments.finish, appointments.miss):
            with pytest.raises(NotAllowed):
                act(appointment=made, actor=person, seen=0)
        with pytest.raises(NotAllowed):
            agree(case, person)
    assert (Appointment.objects.get().status, changes(case)) == ("scheduled", told)


def test_nothing_is_agreed_with_a_case_that_stopped(case, worker):
    made = agree(case, worker)
    Case.objects.filter(pk=case.pk).update(status="stopped", stopped_at=NOW)
    told = changes(case)
    with pytest.raises(NotOpen):
        agree(case, worker)
    with pytest.raises(NotOpen):
        appointments.shift(appointments=[made], days=1, actor=worker)
    assert (Appointment.objects.count(), fresh(made).sequence, changes(case)) == (1, 0, told)
    appointments.finish(appointment=made, actor=worker, seen=0)
    assert (fresh(made).status, stage_states(case)["initial_call"]) == ("done", "current")
