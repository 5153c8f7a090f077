"""Both sides write (Q1, Q3)."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import limits
from accounts.models import OutboxEmail
from tests import factories
from tests.billing.shop import picture
from tests.tickets.conftest import NOW
from tests.tickets.desk import answer, ask, emails, fresh, kinds, open_one, told
from tickets import arranging, closing, merging, replies
from tickets.models import Message, StaffNote, Ticket
from tickets.refusals import MergedAway, NotAllowed, SomebodyWasFaster, TicketRefused, TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


def untouched(ticket: Ticket) -> bool:
    now = fresh(ticket)
    return (now.status, now.message_count, now.messages.count(), now.events.count()) == ("open", 1, 1, 1)


# Staff


def test_q1_an_answer_leaves_nobody_waiting_and_takes_what_nobody_had(ticket, support_staff):
    message = answer(ticket, support_staff)
    now = fresh(ticket)
    assert (now.status, now.assignee, now.waiting_since, now.answer_due_at) == ("answered", support_staff, None, None)
    assert (now.first_answered_at, now.last_staff_message_at) == (message.created_at, message.created_at)
    assert now.message_count == now.messages.count() == 2
    assert kinds(ticket) == ["created", "answered", "assigned"]
    assert told("ticket_replied") == [ticket.opened_by]


@pytest.mark.parametrize("then", ["in_progress", "on_hold"])
def test_q1_an_answer_can_leave_the_ticket_in_work(ticket, support_staff, then):
    answer(ticket, support_staff, then=then)
    assert (fresh(ticket).status, fresh(ticket).waiting_since) == (then, None)


def test_q1_a_last_answer_closes_the_ticket_in_one_email(ticket, support_staff):
    answer(ticket, support_staff, then="closed")
    now = fresh(ticket)
    assert (now.status, now.closed_at is not None, now.resolution_due_at) == ("closed", True, None)
    [email] = OutboxEmail.objects.exclude(template="tickets/ticket_opened")
    assert (email.template, email.arguments["closed"]) == ("tickets/ticket_replied", 1)


def test_a_state_that_no_answer_leads_to_is_refused(ticket, support_staff):
    with pytest.raises(TicketRefused):
        answer(ticket, support_staff, then="open")
    assert untouched(ticket)


def test_an_answer_to_a_closed_ticket_opens_it_again(ticket, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    answer(ticket, support_staff)
    now = fresh(ticket)
    assert (now.status, now.closed_at) == ("answered", None)


def test_two_answers_in_a_row_need_no_other_state(ticket, support_staff):
    answer(ticket, support_staff)
    answer(ticket, support_staff, body="Satu lagi.")
    assert (fresh(ticket).status, fresh(ticket).message_count) == ("answered", 3)
    assert kinds(ticket) == ["created", "answered", "assigned"]


def test_somebody_who_was_faster_is_named_and_the_later_answer_is_not_kept(ticket, support, support_staff):
    colleague = factories.staff("tickets.answer_ticket", name="Sinta Dukungan")
    support.staff.add(colleague)
    seen = ticket.messages.get().pk
    first = answer(ticket, colleague)
    with pytest.raises(SomebodyWasFaster, match="Sinta Dukungan") as refusal:
        answer(ticket, support_staff, seen_message_id=seen, files=[picture()])
    assert refusal.value.message == first
    assert fresh(ticket).messages.count() == 2
    assert len(emails("ticket_replied")) == 1


def test_the_same_answer_sent_again_is_the_first_one(ticket, support_staff):
    key, seen = uuid.uuid4(), ticket.messages.get().pk
    first = answer(ticket, support_staff, key=key, seen_message_id=seen)
    assert answer(ticket, support_staff, key=key, seen_message_id=seen) == first
    assert (fresh(ticket).message_count, len(emails("ticket_replied"))) == (2, 1)


def test_staff_of_another_department_or_without_the_permission_answers_nothing(ticket, billing_staff, support):
    onlooker = factories.staff("tickets.view_ticket")
    support.staff.add(onlooker)
    for person in (billing_staff, onlooker, ticket.opened_by):
        with pytest.raises(NotAllowed):
            answer(ticket, person)
        with pytest.raises(NotAllowed):
            replies.add_note(ticket=ticket, actor=person, body="Catatan")
    assert untouched(ticket)
    assert StaffNote.objects.count() == 0


def test_whoever_sees_all_departments_answers_in_each(ticket):
    chief = factories.staff("tickets.answer_ticket", "tickets.see_all_departments")
    assert answer(ticket, chief).author == chief


def test_a_note_is_kept_once_and_tells_nobody(ticket, support_staff):
    key, sent = uuid.uuid4(), OutboxEmail.objects.count()
    first = replies.add_note(ticket=ticket, actor=support_staff, body="Server B penuh.", key=key)
    assert replies.add_note(ticket=ticket, actor=support_staff, body="Server B penuh.", key=key) == first
    assert (StaffNote.objects.count(), OutboxEmail.objects.count()) == (1, sent)
    assert untouched(ticket)


# The customer


@time_machine.travel(NOW, tick=False)
def test_q1_a_reply_makes_it_our_turn_with_a_new_promise(customer, support, support_staff):
    ticket = open_one(customer, support)
    answer(ticket, support_staff)
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        message = ask(ticket)
    now = fresh(ticket)
    assert (now.status, now.waiting_since) == ("customer_reply", message.created_at)
    assert now.answer_due_at == NOW + timedelta(hours=5)
    assert (now.message_count, now.last_customer_message_at) == (3, message.created_at)


@time_machine.travel(NOW, tick=False)
def test_asking_again_does_not_move_the_promise(customer, support):
    ticket = open_one(customer, support)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        ask(ticket)
    now = fresh(ticket)
    assert (now.status, now.waiting_since, now.answer_due_at) == ("open", NOW, NOW + timedelta(hours=2))
    assert kinds(ticket) == ["created"]


@pytest.mark.parametrize("status", ["in_progress", "on_hold"])
def test_q1_a_reply_shows_in_a_ticket_that_staff_works_on(ticket, support_staff, status):
    answer(ticket, support_staff, then=status)
    ask(ticket)
    assert fresh(ticket).status == "customer_reply"


def test_q1_a_reply_opens_a_closed_ticket_for_14_days(ticket, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23)):
        ask(ticket)
    now = fresh(ticket)
    assert (now.status, now.closed_at, now.resolution_due_at is not None) == ("customer_reply", None, True)
    assert Ticket.objects.count() == 1


def test_q1_a_later_reply_begins_a_linked_ticket(ticket, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    key = uuid.uuid4()
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        message = ask(ticket, key=key)
        again = ask(ticket, key=key)
    assert again == message
    made = message.ticket
    assert (made.continues, made.status, made.subject) == (ticket, "open", ticket.subject)
    assert (fresh(ticket).status, Ticket.objects.count()) == ("closed", 2)
    assert told("ticket_opened") == [ticket.opened_by] * 2


def test_a_reply_to_a_merged_ticket_goes_where_it_went(customer, support, support_staff, ticket):
    other = open_one(customer, support)
    merging.merge(ticket=fresh(ticket), into=other, actor=support_staff)
    assert ask(ticket).ticket == other
    with pytest.raises(MergedAway):
        answer(ticket, support_staff, seen_message_id=None)


def test_the_same_reply_sent_again_and_the_same_email_are_the_first_one(ticket):
    key = uuid.uuid4()
    first = ask(ticket, key=key, channel="email", email_message_id="<a@example.com>")
    assert ask(ticket, key=key) == first
    assert ask(ticket, channel="email", email_message_id="<a@example.com>") == first
    assert fresh(ticket).message_count == Message.objects.count() == 2


def test_the_owner_replies_in_a_colleagues_ticket_and_others_do_not(customer, support, technician, bookkeeper):
    theirs = open_one(customer, support, technician)
    viewer, stranger = factories.member(customer).user, factories.user()
    assert ask(theirs, customer.users.first()).author == customer.users.first()
    for person in (bookkeeper, viewer, stranger, factories.staff()):
        with pytest.raises(NotAllowed):
            ask(theirs, person)
    assert fresh(theirs).message_count == 2


def test_a_person_without_a_customer_replies_in_the_own_ticket_only(support):
    person = factories.user()
    ticket = open_one(None, support, person)
    ask(ticket, person)
    with pytest.raises(NotAllowed):
        ask(ticket, factories.user())
    assert fresh(ticket).message_count == 2


def test_an_empty_reply_is_refused(ticket):
    with pytest.raises(ValidationError):
        ask(ticket, body=" \n ")
    assert untouched(ticket)


def test_the_limit_stops_an_eager_writer(ticket, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "ticket_reply", limits.Limit(0, 3600))
    with pytest.raises(TooMany):
        ask(ticket, files=[picture()])
    assert untouched(ticket)


def test_a_customers_message_is_emailed_to_no_customer(ticket, customer, technician):
    sent = OutboxEmail.objects.count()
    ask(ticket)
    arranging.set_priority(ticket=fresh(ticket), priority=4, actor=None)
    assert OutboxEmail.objects.count() == sent
