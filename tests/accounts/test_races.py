"""Doors of accounts under two or more at once; each has its control, the guard switched off."""

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone

from accounts import delivery, invitations, members
from accounts.models import CustomerEvent, Invitation, Membership, OutboxEmail
from accounts.roles import Role
from tests import factories
from tests.accounts.invited import invite
from tests.accounts.test_outbox import enqueue
from tests.racing import Rendezvous, at_once, race, refusals

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nothing_is_delivered_by_itself(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda email_id: None)


def _claim_after_reading(rendezvous: Rendezvous):
    """The claim without its guard: read first, then write whatever was read."""

    def claim(email_id: int) -> OutboxEmail | None:
        row = OutboxEmail.objects.get(pk=email_id)
        free = row.status == OutboxEmail.Status.QUEUED
        rendezvous.wait()
        if not free:
            return None
        OutboxEmail.objects.filter(pk=email_id).update(
            status=OutboxEmail.Status.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1
        )
        return row

    return claim


def test_two_workers_send_a_row_once():
    row = enqueue()
    assert sorted(at_once(4, lambda: delivery.deliver(row.pk))) == [False, False, False, True]
    assert len(mail.outbox) == 1
    row.refresh_from_db()
    assert (row.status, row.attempts) == (OutboxEmail.Status.SENT, 1)


def test_control_without_the_conditional_claim_a_row_is_sent_twice(monkeypatch):
    row = enqueue()
    monkeypatch.setattr(delivery, "claim", _claim_after_reading(Rendezvous(2)))
    assert at_once(2, lambda: delivery.deliver(row.pk)) == [True, True]
    assert len(mail.outbox) == 2


def test_a_worker_that_lost_its_row_cannot_fail_it():
    """Another worker took the row over after two minutes: what the first one says then counts for nothing."""
    row = enqueue()
    slow = delivery.claim(row.pk)
    OutboxEmail.objects.update(claimed_at=timezone.now() - delivery.ABANDONED_AFTER)
    assert delivery.deliver(row.pk)
    delivery._postpone(slow, OSError("too late"))
    row.refresh_from_db()
    assert row.status == OutboxEmail.Status.SENT


def test_one_key_asked_for_at_once_makes_one_row():
    rows = at_once(4, enqueue)
    assert len({row.pk for row in rows}) == 1
    assert OutboxEmail.objects.count() == 1


@pytest.fixture
def invitation(owner, customer):
    return invite(customer, owner)[0]


def _accepted() -> tuple[int, int]:
    return (
        Membership.objects.filter(role=Role.BILLING).count(),
        CustomerEvent.objects.filter(kind="invitation_accepted").count(),
    )


def test_an_invitation_accepted_at_once_makes_one_member(invitation):
    budi = factories.user(email="budi@example.com")
    outcomes = at_once(4, lambda: invitations.accept(invitation=invitation, user=budi))
    assert {outcome.user for outcome in outcomes} == {budi}
    assert _accepted() == (1, 1)


def _two_with_the_invited_address(invitation: Invitation) -> list:
    """Two people who may both accept: the address is one's own and the other's confirmed second one."""
    first, second = factories.user(verified=False, email="budi@example.com"), factories.user()
    second.emailaddress_set.create(email="budi@example.com", verified=True)
    return [lambda person=person: invitations.accept(invitation=invitation, user=person) for person in (first, second)]


def test_an_invitation_is_good_for_one_of_two_people(invitation):
    outcomes = race(*_two_with_the_invited_address(invitation))
    assert refusals(outcomes, invitations.InvitationClosed) == 1
    assert _accepted() == (1, 1)


def test_control_without_the_conditional_take_an_invitation_is_good_twice(invitation, monkeypatch):
    monkeypatch.setattr(invitations, "_take", lambda found: True)
    outcomes = race(*_two_with_the_invited_address(invitation))
    assert refusals(outcomes, invitations.InvitationClosed) == 0
    assert _accepted() == (2, 2)


def test_fifty_identical_invitations_are_one(owner, customer):
    outcomes = at_once(
        8, lambda: invitations.invite(customer=customer, email="budi@example.com", role=Role.VIEWER, actor=owner)
    )
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert (Invitation.objects.count(), OutboxEmail.objects.count()) == (1, 1)


@pytest.fixture
def two_owners(owner, customer):
    return [owner.memberships.get(), factories.member(customer, role=Role.OWNER)]


def _each_demotes_the_other(first: Membership, second: Membership) -> list:
    return [
        lambda: members.change_role(membership=second, role=Role.VIEWER, actor=first.user),
        lambda: members.change_role(membership=first, role=Role.VIEWER, actor=second.user),
    ]


def test_two_owners_who_demote_each_other_leave_one(two_owners):
    outcomes = race(*_each_demotes_the_other(*two_owners))
    # The second is no owner any more when its turn comes.
    assert refusals(outcomes, members.NotYourRole) == 1
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


def test_two_owners_who_leave_at_once_leave_one(two_owners):
    outcomes = race(*[lambda one=one: members.remove(membership=one, actor=one.user) for one in two_owners])
    assert refusals(outcomes, members.LastOwner) == 1
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


def test_control_owners_counted_before_the_lock_leave_none(two_owners, monkeypatch):
    """Each decides by what it read before the other moved."""
    read_before = [one.user_id for one in two_owners]
    monkeypatch.setattr(members, "_lock_owners", lambda customer: read_before)
    race(*_each_demotes_the_other(*two_owners))
    assert Membership.objects.filter(role=Role.OWNER).count() == 0
