"""Tickets end, begin again, and are rated once (Q1, Q4)."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import Q
from django.utils import timezone

from accounts.models import OutboxEmail
from tests import factories
from tests.tickets.desk import answer, ask, emails, fresh, kinds, open_one, told
from tickets import closing, merging
from tickets.models import Message, Ticket
from tickets.refusals import AlreadyRated, MergedAway, NotAllowed, NotClosed, TooLateToReopen
from tickets.transitions import InvalidTransition

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


@pytest.fixture
def closed(ticket, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    return fresh(ticket)


def test_staff_closes_and_the_customer_is_told_how_to_go_on(ticket, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    now = fresh(ticket)
    assert (now.status, now.closed_at is not None) == ("closed", True)
    assert (now.waiting_since, now.answer_due_at, now.resolution_due_at) == (None, None, None)
    farewell = now.messages.last()
    assert (farewell.channel, farewell.author) == ("system", None)
    assert "Balas dalam 14 hari" in farewell.body
    assert told("ticket_closed") == [ticket.opened_by]


def test_the_farewell_speaks_the_tickets_language(customer, support, support_staff):
    ticket = open_one(customer, support, language="en")
    closing.close(ticket=ticket, actor=support_staff)
    assert "Reply within 14 days" in ticket.messages.last().body


def test_what_closes_by_itself_says_why(ticket):
    closing.close(ticket=ticket, actor=None)
    assert "lama tidak ada kabar" in ticket.messages.last().body
    assert ticket.events.last().actor is None


def test_a_customer_who_closes_is_told_nothing(ticket, owner):
    sent = OutboxEmail.objects.count()
    closing.close(ticket=ticket, actor=owner)
    assert (fresh(ticket).status, fresh(ticket).message_count, OutboxEmail.objects.count()) == ("closed", 1, sent)


def test_closing_again_changes_nothing(closed, support_staff, owner):
    for person in (support_staff, owner):
        closing.close(ticket=fresh(closed), actor=person)
    assert kinds(closed) == ["created", "closed"]
    assert len(emails("ticket_closed")) == 1


def test_a_condition_that_does_not_hold_any_more_keeps_the_ticket_open(ticket):
    with pytest.raises(InvalidTransition):
        closing.close(ticket=ticket, actor=None, only_if=Q(status="answered"))
    assert (fresh(ticket).status, emails("ticket_closed")) == ("open", [])


def test_others_close_nothing(ticket, viewer, stranger, billing_staff):
    for person in (viewer, stranger, billing_staff):
        with pytest.raises(NotAllowed):
            closing.close(ticket=ticket, actor=person)
        with pytest.raises(NotAllowed):
            closing.reopen(ticket=ticket, actor=person)
    assert kinds(ticket) == ["created"]


def test_q1_the_customer_reopens_within_14_days(closed, owner):
    with time_machine.travel(timezone.now() + timedelta(days=13)):
        closing.reopen(ticket=closed, actor=owner)
    now = fresh(closed)
    assert (now.status, now.closed_at) == ("customer_reply", None)
    assert now.waiting_since is not None
    assert now.answer_due_at is not None


def test_q1_later_only_staff_reopens(closed, owner, support_staff):
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        with pytest.raises(TooLateToReopen):
            closing.reopen(ticket=closed, actor=owner)
        assert fresh(closed).status == "closed"
        closing.reopen(ticket=closed, actor=support_staff)
    assert (fresh(closed).status, fresh(closed).waiting_since) == ("in_progress", None)


def test_reopening_what_is_open_changes_nothing(ticket, owner, support_staff):
    for person in (owner, support_staff):
        closing.reopen(ticket=ticket, actor=person)
    assert kinds(ticket) == ["created"]


def test_a_merged_ticket_stays_closed(ticket, customer, support, support_staff, owner):
    merging.merge(ticket=ticket, into=open_one(customer, support), actor=support_staff)
    for person in (owner, support_staff):
        with pytest.raises(MergedAway):
            closing.reopen(ticket=fresh(ticket), actor=person)
    with pytest.raises(MergedAway):
        closing.rate(ticket=fresh(ticket), actor=owner, good=True)
    assert (fresh(ticket).status, fresh(ticket).rating) == ("closed", None)


def test_q4_a_closed_ticket_is_rated_once(closed, owner):
    closing.rate(ticket=closed, actor=owner, good=False, comment="Terlalu lama.")
    with pytest.raises(AlreadyRated):
        closing.rate(ticket=fresh(closed), actor=owner, good=True)
    now = fresh(closed)
    assert (now.rating, now.rating_comment, now.rated_at is not None) == (0, "Terlalu lama.", True)
    assert kinds(closed) == ["created", "closed", "rated"]


def test_q4_a_ticket_that_was_rated_and_opened_again_keeps_its_rating(closed, owner, support_staff):
    closing.rate(ticket=closed, actor=owner, good=True)
    ask(closed)
    answer(closed, support_staff, then="closed")
    with pytest.raises(AlreadyRated):
        closing.rate(ticket=fresh(closed), actor=owner, good=False)
    assert fresh(closed).rating == 1


def test_q4_an_open_ticket_and_strangers_rate_nothing(ticket, owner, stranger, support_staff):
    with pytest.raises(NotClosed):
        closing.rate(ticket=ticket, actor=owner, good=True)
    for person in (stranger, support_staff):
        with pytest.raises(NotAllowed):
            closing.rate(ticket=ticket, actor=person, good=True)
    assert (Ticket.objects.get().rating, Message.objects.count()) == (None, 1)


def test_a_person_without_a_customer_closes_and_rates_the_own_ticket(support):
    person = factories.user()
    ticket = open_one(None, support, person)
    closing.close(ticket=ticket, actor=person)
    closing.rate(ticket=ticket, actor=person, good=True)
    assert fresh(ticket).rating == 1
