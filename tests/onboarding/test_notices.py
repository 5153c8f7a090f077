"""Who is told of what changes, in how many emails (ON6, V5)."""

import pytest
import time_machine
from django.db import transaction

from accounts import delivery
from accounts.models import Membership, OutboxEmail
from onboarding import appointments, changes, digests, notices, updates
from onboarding.models import Case, Change, DigestEntry, MemberRole
from onboarding.refusals import NotAllowed
from tests import factories
from tests.onboarding import journey
from tests.onboarding.diary import NOW, agree, bystander, emails, follower, fresh, last_change, leave, open_case, pic

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


def told_since(case: Case, change: Change) -> list[int]:
    keys = notices.keys_of(fresh(change))
    return sorted(OutboxEmail.objects.filter(key__in=keys).values_list("user", flat=True))


# Who


def test_those_whose_role_sees_the_tracker_are_told_and_nobody_else(case, worker, owner):
    colleague, without_role = follower(case), factories.member(case.customer).user
    bystander(case)
    stranger = open_case().customer.users.get()
    agree(case, worker)
    assert told_since(case, last_change(case)) == [owner.pk, colleague.pk]
    assert not {without_role.pk, stranger.pk, worker.pk} & set(fresh(last_change(case)).told)


@pytest.mark.parametrize("change", ["left", "another role", "closed account", "role of another product"])
def test_who_does_not_see_it_any_more_is_not_told(case, worker, owner, change):
    colleague = follower(case)
    if change == "left":
        Membership.objects.filter(user=colleague).delete()
    elif change == "another role":
        MemberRole.objects.filter(membership__user=colleague).update(
            role=case.product.onboarding_roles.get(key="accountant")
        )
    elif change == "closed account":
        colleague.is_active = False
        colleague.save()
    else:
        other = journey.product_with_roles()
        role = other.onboarding_roles.get(key="owner")
        MemberRole.objects.filter(membership__user=colleague).update(role=role, product=other)
    agree(case, worker)
    assert told_since(case, last_change(case)) == [owner.pk]


def test_a_case_that_nobody_follows_is_written_down_all_the_same(case, worker):
    MemberRole.objects.all().delete()
    agree(case, worker)
    assert (last_change(case).kind, last_change(case).told) == ("scheduled", [])


def test_each_reads_in_the_own_language(case, worker, owner):
    follower(case, language="en")
    agree(case, worker)
    assert [row.language for row in emails() if row.attempts == 0] == ["id", "en"]


# In how many emails


def test_v5_one_email_for_each_person_and_change(case, worker, owner):
    agree(case, worker)
    change = last_change(case)
    assert notices.keys_of(change) == [f"change:{change.pk}:user:{owner.pk}"]
    assert OutboxEmail.objects.filter(key__in=notices.keys_of(change)).count() == 1


def test_what_is_done_in_one_step_is_told_in_one_email(case, worker):
    """A PIC schedules, writes and finishes: three changes and what follows from them, one email."""
    before = len(emails())
    with transaction.atomic():
        first = agree(case, worker)
        updates.publish(case=case, actor=worker, body="Sampai jumpa", key=None)
        appointments.finish(appointment=first, actor=worker, seen=0)
    [email] = emails()[before:]
    lead = Change.objects.get(pk=email.arguments["change_id"])
    kinds = [one.kind for one in notices.told_in_one(lead.pk)]
    assert kinds[:3] == ["scheduled", "update", "appointment_done"]
    assert all(told_since(case, one) == [email.user_id] for one in notices.told_in_one(lead.pk))


def test_what_comes_after_the_email_left_is_an_email_of_its_own(case, worker):
    agree(case, worker)
    leave(case)
    before = len(emails())
    agree(case, worker)
    assert (len(emails()) - before, last_change(case).told_with) == (1, None)


def test_an_email_that_is_being_sent_takes_nothing_along(case, worker):
    agree(case, worker)
    waiting = emails()[-1]
    assert delivery.claim(waiting.pk) is not None
    agree(case, worker)
    assert last_change(case).told_with is None
    assert len(emails()) == 2


def test_other_people_mean_another_email(case, worker, owner):
    agree(case, worker)
    colleague = follower(case)
    agree(case, worker)
    assert last_change(case).told_with is None
    assert told_since(case, last_change(case)) == [owner.pk, colleague.pk]


def test_two_cases_are_never_one_email(case, worker):
    other = open_case(case.customer)
    leave(other)
    with transaction.atomic():
        agree(case, worker)
        agree(other, worker)
    assert [last_change(one).told_with for one in (case, other)] == [None, None]


def test_what_is_rolled_back_was_never_told(case, worker):
    with transaction.atomic():
        agree(case, worker)
        transaction.set_rollback(True)
    assert (emails(), case.changes.count()) == ([], 0)


# Written by staff


def test_an_update_is_published_once_and_a_note_is_told_to_nobody(case, worker, owner):
    key = "6b1c6c5e-6a39-4f0e-9a51-0d0d0d0d0d0d"
    first = updates.publish(case=case, actor=worker, body="Data sudah **kami terima**", key=key)
    assert updates.publish(case=case, actor=worker, body="Data sudah **kami terima**", key=key) == first
    assert last_change(case).update == first
    told = case.changes.count()
    note = updates.add_note(case=case, actor=worker, body="Pelanggan rewel", key=None)
    assert (note.author, case.changes.count()) == (worker, told)


@pytest.mark.parametrize("write", [updates.publish, updates.add_note])
def test_who_does_not_work_on_the_case_writes_nothing(case, write, owner):
    told = case.changes.count()
    for person in (owner, factories.staff(), factories.staff("onboarding.work_on_case")):
        with pytest.raises(NotAllowed):
            write(case=case, actor=person, body="Halo", key=None)
    assert (case.changes.count(), case.updates.count(), case.notes.count()) == (told, 0, 0)


# Once a day


def test_who_wants_one_email_a_day_gets_no_other(case, worker, owner):
    colleague = follower(case)
    digests.choose(actor=colleague, daily=True)
    agree(case, worker)
    change = last_change(case)
    assert change.told == [owner.pk]
    assert list(DigestEntry.objects.values_list("user", "change")) == [(colleague.pk, change.pk)]


def test_with_digests_only_no_email_is_promised(case, worker, owner):
    digests.choose(actor=owner, daily=True)
    before = len(emails())
    changes.record(case=case, kind=Change.Kind.UPDATE, actor=worker)
    assert (len(emails()), last_change(case).told, DigestEntry.objects.count()) == (before, [], 1)


def test_the_choice_can_be_taken_back(case, worker, owner):
    digests.choose(actor=owner, daily=True)
    digests.choose(actor=owner, daily=True)
    assert digests.is_chosen_by(owner)
    digests.choose(actor=owner, daily=False)
    agree(case, worker)
    assert (digests.is_chosen_by(owner), last_change(case).told) == (False, [owner.pk])
