"""People who write, take, close and merge at once: one outcome, the others are told, and no message is lost."""

import random
import uuid
from collections import Counter
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage

from accounts import limits
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once, meeting
from tests.billing.shop import picture
from tests.tickets.desk import answer, ask, emails, fresh, open_one
from tickets import arranging, closing, merging, opening, replies, transitions, writing
from tickets.models import Message, Ticket
from tickets.refusals import AlreadyRated, AlreadyTaken, MergedAway, SomebodyWasFaster

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY = 50
FEW = 4
ROUNDS = 20


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def team():
    return [factories.staff("tickets.answer_ticket", name=f"Staf {number}") for number in range(2)]


@pytest.fixture
def department(team):
    return factories.department(*team)


@pytest.fixture
def ticket(customer, department):
    return open_one(customer, department)


def unguarded(monkeypatch, module, **replaced) -> None:
    """The module's services without a transaction around them, and with other ways of ``writing``."""
    monkeypatch.setattr(module, "transaction", SimpleNamespace(atomic=nullcontext))
    if replaced:
        monkeypatch.setattr(module, "writing", SimpleNamespace(**{**vars(writing), **replaced}))


def errors(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome.error) for outcome in outcomes if outcome.error]


# The same form, many times


def post_at_once(customer, department, count: int) -> list[Outcome]:
    key, person = uuid.uuid4(), customer.users.get()
    return at_once(*[lambda: open_one(customer, department, person, submission_key=key, files=[picture()])] * count)


def assert_opened_once(outcomes: list[Outcome]) -> None:
    ticket = Ticket.objects.get()
    assert [outcome.value for outcome in outcomes] == [ticket] * len(outcomes)
    assert (Message.objects.count(), len(emails("ticket_opened"))) == (1, 1)
    assert len(default_storage.listdir("tickets")[1]) == 1


def test_the_same_ticket_posted_50_times_is_opened_once_and_all_see_it(customer, department):
    assert_opened_once(post_at_once(customer, department, MANY))
    assert_books_agree()


def test_the_limit_does_not_stop_the_copies_of_one_form(customer, department, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "ticket", limits.Limit(1, 3600))
    assert_opened_once(post_at_once(customer, department, FEW))


def test_control_looking_first_opens_it_again(monkeypatch, customer, department):
    meet = meeting(FEW)
    insert = opening._insert

    def look_then_insert(actor, submission_key, question):
        if opening.find(submission_key, actor):
            raise AssertionError("nobody was to be first")
        meet()
        return insert(actor, uuid.uuid4(), question)

    monkeypatch.setattr(opening, "_insert", look_then_insert)
    unguarded(monkeypatch, opening)
    outcomes = post_at_once(customer, department, FEW)
    with pytest.raises((AssertionError, Ticket.MultipleObjectsReturned)):
        assert_opened_once(outcomes)


def test_the_same_reply_posted_50_times_is_kept_once(ticket):
    key = uuid.uuid4()
    outcomes = at_once(*[lambda: ask(ticket, key=key, files=[picture()])] * MANY)
    message = Message.objects.get(submission_key=key)
    assert [outcome.value for outcome in outcomes] == [message] * MANY
    assert fresh(ticket).message_count == Message.objects.count() == 2
    assert len(default_storage.listdir("tickets")[1]) == 1


# Two answers


def answer_at_once(ticket: Ticket, team) -> list[Outcome]:
    seen = ticket.messages.get().pk
    return at_once(*[lambda person=person: answer(ticket, person, seen_message_id=seen) for person in team])


def assert_one_answered(ticket: Ticket, outcomes: list[Outcome]) -> None:
    [kept] = ticket.messages.filter(from_staff=True)
    [winner] = [outcome.value for outcome in outcomes if outcome.value]
    [refusal] = [outcome.error for outcome in outcomes if outcome.error]
    assert type(refusal) is SomebodyWasFaster
    assert winner == refusal.message == kept
    assert fresh(ticket).message_count == 2


def test_of_two_who_answer_at_once_the_later_reads_the_earlier_first(customer, department, team):
    for _round in range(ROUNDS):
        ticket = factories.ticket(customer, department=department)
        factories.message(ticket)
        Ticket.objects.filter(pk=ticket.pk).update(message_count=1)
        transitions.began(ticket, actor=ticket.opened_by)
        assert_one_answered(ticket, answer_at_once(ticket, team))
    assert_books_agree()


def test_control_looking_first_lets_two_answer(monkeypatch, ticket, team):
    meet = meeting(2)
    refuse_if_newer = replies._refuse_if_newer

    def look_then_meet(ticket, seen_message_id):
        refuse_if_newer(ticket, seen_message_id)
        meet()

    monkeypatch.setattr(replies, "_refuse_if_newer", look_then_meet)
    unguarded(monkeypatch, replies, hold=lambda ticket: ticket.refresh_from_db())
    outcomes = answer_at_once(ticket, team)
    with pytest.raises((AssertionError, ValueError)):
        assert_one_answered(ticket, outcomes)


# A reply while staff merges


def reply_and_merge(ticket: Ticket, into: Ticket, actor, after=lambda: None) -> list[Outcome]:
    def merge() -> None:
        merging.merge(ticket=fresh(ticket), into=fresh(into), actor=actor)
        after()

    calls = [lambda: ask(ticket), merge]
    random.shuffle(calls)
    return at_once(*calls)


def assert_nothing_is_lost(ticket: Ticket, into: Ticket, outcomes: list[Outcome]) -> None:
    assert errors(outcomes) == []
    assert (fresh(ticket).merged_into, ticket.messages.count()) == (into, 0)
    # Two first messages, the reply, and what the shop says of the merging.
    assert into.messages.count() == fresh(into).message_count == 4


def test_a_reply_to_a_ticket_that_is_being_merged_is_in_what_it_became(customer, department, team):
    for _round in range(ROUNDS):
        ticket, into = _two(customer, department)
        assert_nothing_is_lost(ticket, into, reply_and_merge(ticket, into, team[0]))
    assert_books_agree()


def _two(customer, department) -> list[Ticket]:
    """Two tickets with a message each, past the limit of a person's tickets in an hour."""
    made = []
    for _count in range(2):
        ticket = factories.ticket(customer, department=department)
        factories.message(ticket)
        Ticket.objects.filter(pk=ticket.pk).update(message_count=1)
        transitions.began(ticket, actor=ticket.opened_by)
        made.append(fresh(ticket))
    return made


def test_control_looking_first_loses_the_reply(monkeypatch, customer, department, team):
    meet = meeting(2)
    ticket, into = _two(customer, department)

    def look_then_meet(held):
        held.refresh_from_db()
        assert not held.merged_into_id
        meet()

    unguarded(monkeypatch, replies, hold=look_then_meet)
    outcomes = reply_and_merge(ticket, into, team[0], after=meet)
    with pytest.raises(AssertionError):
        assert_nothing_is_lost(ticket, into, outcomes)


def test_two_who_merge_tickets_into_each_other_end_with_one(customer, department, team):
    for _round in range(ROUNDS):
        one, other = _two(customer, department)
        outcomes = at_once(
            lambda one=one, other=other: merging.merge(ticket=fresh(one), into=fresh(other), actor=team[0]),
            lambda one=one, other=other: merging.merge(ticket=fresh(other), into=fresh(one), actor=team[1]),
        )
        assert errors(outcomes) == [MergedAway]
        [left] = Ticket.objects.filter(pk__in=[one.pk, other.pk], merged_into=None)
        assert left.messages.count() == left.message_count == 3
    assert_books_agree()


# Taking, closing, rating


def take_at_once(ticket: Ticket, team) -> list[Outcome]:
    return at_once(*[lambda person=person: arranging.take(ticket=fresh(ticket), actor=person) for person in team])


def assert_taken_once(ticket: Ticket, outcomes: list[Outcome]) -> None:
    assert errors(outcomes) == [AlreadyTaken]
    assert ticket.events.filter(kind="assigned").count() == 1


def test_of_two_who_take_a_ticket_one_has_it(customer, department, team):
    for _round in range(ROUNDS):
        [ticket, _other] = _two(customer, department)
        assert_taken_once(ticket, take_at_once(ticket, team))


def test_control_looking_first_gives_it_to_both(monkeypatch, ticket, team):
    meet = meeting(2)

    def look_then_take(*, ticket, actor):
        if ticket.assignee_id:
            raise AlreadyTaken(ticket)
        meet()
        Ticket.objects.filter(pk=ticket.pk).update(assignee=actor)
        transitions.remark(ticket, "assigned", actor=actor)

    monkeypatch.setattr(arranging, "take", look_then_take)
    outcomes = take_at_once(ticket, team)
    with pytest.raises(AssertionError):
        assert_taken_once(ticket, outcomes)


def test_a_reply_while_staff_closes_is_never_behind_a_closed_door(customer, department, team):
    for _round in range(ROUNDS):
        [ticket, _other] = _two(customer, department)
        calls = [
            lambda ticket=ticket: ask(ticket),
            lambda ticket=ticket: closing.close(ticket=fresh(ticket), actor=team[0]),
        ]
        random.shuffle(calls)
        assert errors(at_once(*calls)) == []
        now = fresh(ticket)
        reopened = now.events.filter(from_status="closed").exists()
        assert now.status == ("customer_reply" if reopened else "closed")
        assert now.message_count == now.messages.count() == 3
    assert_books_agree()


def test_a_ticket_closed_many_times_at_once_is_closed_once(ticket, team):
    outcomes = at_once(*[lambda: closing.close(ticket=fresh(ticket), actor=team[0])] * 10)
    assert errors(outcomes) == []
    assert (len(emails("ticket_closed")), ticket.events.filter(kind="closed").count()) == (1, 1)


def test_a_ticket_rated_many_times_at_once_is_rated_once(ticket, team):
    closing.close(ticket=ticket, actor=team[0])
    person = ticket.opened_by
    outcomes = at_once(*[lambda: closing.rate(ticket=fresh(ticket), actor=person, good=True)] * 10)
    assert Counter(errors(outcomes)) == {AlreadyRated: 9}
    assert ticket.events.filter(kind="rated").count() == 1
