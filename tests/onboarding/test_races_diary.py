"""Two PICs at one appointment, two workers at one reminder, a change beside the email that leaves: one outcome each."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts import delivery, outbox
from accounts.models import OutboxEmail
from onboarding import appointments, changes, digests, notices, ratings, reminders, transitions, updates
from onboarding.models import Appointment, Case, Change, DigestEntry, PublicUpdate, Rating
from onboarding.refusals import AlreadyRated, AppointmentChanged
from tests.billing.races import Outcome, at_once, meeting
from tests.onboarding.diary import agree, details, emails, fresh, open_case, pic

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY = 50
FEW = 4
ROUNDS = 10


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def case(customer):
    return open_case(customer)


@pytest.fixture
def team():
    return [pic(name=f"PIC {number}") for number in range(2)]


def soon() -> timezone.datetime:
    return (timezone.now() + timedelta(days=10)).replace(microsecond=0)


@pytest.fixture
def appointment(case, team):
    return agree(case, team[0], starts_at=soon())


def errors(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome.error) for outcome in outcomes if outcome.error]


# Two at one appointment


def move_at_once(appointment: Appointment, team, reschedule=appointments.reschedule) -> list[Outcome]:
    """Each to another day."""

    def move(day: int, person):
        starts_at = appointment.starts_at + timedelta(days=day)
        reschedule(
            appointment=fresh(appointment),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            actor=person,
            seen=0,
        )

    return at_once(*[lambda day=day, person=person: move(day, person) for day, person in enumerate(team, start=1)])


def assert_moved_once(outcomes: list[Outcome], appointment: Appointment) -> None:
    assert errors(outcomes) == [AppointmentChanged]
    winner = next(day for day, outcome in enumerate(outcomes, start=1) if outcome.error is None)
    moved = fresh(appointment)
    assert (moved.sequence, moved.starts_at) == (1, appointment.starts_at + timedelta(days=winner))
    assert Change.objects.filter(appointment=appointment, kind="rescheduled").count() == 1


def test_of_two_who_move_an_appointment_one_does_and_the_other_is_told(appointment, team):
    for _round in range(ROUNDS):
        assert_moved_once(move_at_once(appointment, team), appointment)
        Change.objects.filter(kind="rescheduled").delete()
        Appointment.objects.filter(pk=appointment.pk).update(sequence=0, starts_at=appointment.starts_at)


def test_control_looking_first_moves_it_twice(monkeypatch, appointment, team):
    meet = meeting(2)
    look = appointments._see

    def look_then_wait(one, seen):
        look(one, seen)
        meet()

    monkeypatch.setattr(appointments, "_see", look_then_wait)
    # Without holding the case, and without a transaction around it.
    loose = SimpleNamespace(**{**vars(transitions), "hold": lambda _case: None})
    monkeypatch.setattr(appointments, "transitions", loose)
    outcomes = move_at_once(appointment, team, appointments.reschedule.__wrapped__)
    with pytest.raises(AssertionError):
        assert_moved_once(outcomes, appointment)


def test_one_holds_it_while_the_other_calls_it_off(appointment, team):
    first, second = team
    for _round in range(ROUNDS):
        outcomes = at_once(
            lambda: appointments.finish(appointment=fresh(appointment), actor=first, seen=0),
            lambda: appointments.cancel(appointment=fresh(appointment), actor=second, seen=0),
        )
        assert errors(outcomes) == [AppointmentChanged]
        assert fresh(appointment).sequence == 1
        Appointment.objects.filter(pk=appointment.pk).update(sequence=0, status="scheduled")
        case = fresh(appointment.case)
        case.stages.exclude(key="initial_call").update(status="upcoming", entered_at=None, done_at=None)
        case.stages.filter(key="initial_call").update(status="current", entered_at=timezone.now(), done_at=None)


def test_the_same_form_posted_50_times_is_one_appointment_and_one_email(case, team):
    fields = details(case, starts_at=soon(), key=uuid.uuid4())
    case_of = [Case.objects.get(pk=case.pk) for _copy in range(MANY)]
    outcomes = at_once(
        *[lambda one=one: appointments.schedule(actor=team[0], **{**fields, "case": one}) for one in case_of]
    )
    made = Appointment.objects.get()
    assert [outcome.value for outcome in outcomes] == [made] * MANY
    assert (case.changes.count(), len(emails())) == (1, 1)


def test_the_same_update_posted_many_times_is_published_once(case, team):
    key = uuid.uuid4()
    outcomes = at_once(
        *[lambda: updates.publish(case=fresh(case), actor=team[0], body="Halo", key=key) for _copy in range(MANY)]
    )
    made = PublicUpdate.objects.get()
    assert [outcome.value for outcome in outcomes] == [made] * MANY
    assert case.changes.count() == 1


# Reminders and digests


def remind_at_once(appointment: Appointment) -> int:
    now = appointment.starts_at - timedelta(hours=1)
    outcomes = at_once(*[lambda: reminders.remind(now)] * FEW)
    assert errors(outcomes) == []
    return sum(outcome.value.reminded for outcome in outcomes)


def test_workers_that_remind_at_once_remind_once(appointment):
    assert remind_at_once(appointment) == 1
    assert len(emails("reminder")) == 1


def test_control_looking_first_reminds_again(monkeypatch, appointment):
    meet = meeting(FEW)

    def look_then_remind(found, now):
        if fresh(found).reminded_at is not None:
            return 0
        meet()
        Appointment.objects.filter(pk=found.pk).update(reminded_at=now)
        return 1

    monkeypatch.setattr(reminders, "_remind", look_then_remind)
    assert remind_at_once(appointment) > 1


def test_digests_that_run_at_once_send_each_change_once(case, team):
    owner = case.customer.users.first()
    digests.choose(actor=owner, daily=True)
    for _change in range(3):
        agree(case, team[0], starts_at=soon())
    now = timezone.now() + timedelta(days=1)
    outcomes = at_once(*[lambda: digests.send(now)] * FEW)
    assert errors(outcomes) == []
    assert sum(outcome.value.sent for outcome in outcomes) == 1
    [email] = emails("digest")
    assert set(DigestEntry.objects.values_list("sent_with", flat=True)) == {email.key}


def test_control_looking_first_sends_a_digest_again(monkeypatch, case, team):
    digests.choose(actor=case.customer.users.first(), daily=True)
    agree(case, team[0], starts_at=soon())
    meet = meeting(FEW)

    def look_then_send(waiting, _user_id, _now):
        entries = list(waiting)
        meet()
        DigestEntry.objects.filter(pk__in=[one.pk for one in entries]).update(sent_with="x")
        return int(bool(entries))

    monkeypatch.setattr(digests, "_send", look_then_send)
    outcomes = at_once(*[lambda: digests.send(timezone.now() + timedelta(days=1))] * FEW)
    assert sum(outcome.value.sent for outcome in outcomes) > 1


# A change beside the email that leaves


def told(change: Change) -> bool:
    """Whether its email says it, or has yet to be made."""
    change = fresh(change)
    rows = OutboxEmail.objects.filter(key__in=notices.keys_of(change))
    assert len(rows) == len(change.told)
    return all(row.status != "sent" or change.update.body in row.text_body for row in rows)


def write(case: Case, body: str) -> Change:
    update = PublicUpdate.objects.create(case=case, body=body)
    return changes.record(case=case, kind=Change.Kind.UPDATE, actor=None, update=update)


def test_a_change_that_comes_while_the_email_leaves_is_in_it_or_in_one_of_its_own(case):
    for number in range(ROUNDS):
        write(case, f"pertama-{number}")
        leaving = OutboxEmail.objects.order_by("-pk").first()
        outcomes = at_once(
            lambda pk=leaving.pk: delivery.deliver(pk), lambda number=number: write(case, f"kedua-{number}")
        )
        assert errors(outcomes) == []
        assert told(outcomes[1].value)
        for row in OutboxEmail.objects.filter(status="queued"):
            delivery.deliver(row.pk)
        assert told(outcomes[1].value)


def test_control_a_change_that_joins_an_email_it_only_looked_at_is_lost(monkeypatch, case):
    first = write(case, "pertama")
    leaving = OutboxEmail.objects.get()
    looked, left = meeting(2), meeting(2)

    def look_then_write():
        assert OutboxEmail.objects.get(pk=leaving.pk).status == "queued"
        looked()
        left()
        return write(case, "kedua")

    def deliver():
        looked()
        delivery.deliver(leaving.pk)
        left()

    monkeypatch.setattr(notices, "_not_yet_sent", lambda _change: first)
    outcomes = at_once(look_then_write, deliver)
    assert errors(outcomes) == []
    assert not told(outcomes[0].value)


# Ratings


def rate_at_once(case: Case) -> list[Outcome]:
    case.stages.filter(key="training").update(status="done", done_at=timezone.now())
    person = case.customer.users.first()
    return at_once(
        *[
            lambda stars=stars: ratings.rate(case=fresh(case), subject="training", stars=stars, actor=person)
            for stars in range(1, FEW + 1)
        ]
    )


def test_of_several_ratings_at_once_one_counts(case):
    outcomes = rate_at_once(case)
    assert errors(outcomes) == [AlreadyRated] * (FEW - 1)
    assert Rating.objects.get() == next(outcome.value for outcome in outcomes if outcome.value)


def test_every_email_of_the_races_can_be_made(case, team, appointment):
    move_at_once(appointment, team)
    for row in emails():
        assert outbox.render(row.template, row.arguments, "id", reveal=True).text
