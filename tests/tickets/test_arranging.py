"""What staff arranges (Q4)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.models import OutboxEmail
from tests import factories
from tests.billing.shop import unpaid_invoice
from tests.tickets.conftest import NOW
from tests.tickets.desk import answer, fresh, kinds, open_one
from tickets import arranging, closing
from tickets.models import Ticket
from tickets.refusals import AlreadyTaken, NotAllowed
from tickets.transitions import InvalidTransition

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


@pytest.fixture
def colleague(support):
    person = factories.staff("tickets.answer_ticket", name="Sinta Dukungan")
    support.staff.add(person)
    return person


def test_staff_takes_what_nobody_has(ticket, support_staff):
    arranging.take(ticket=ticket, actor=support_staff)
    arranging.take(ticket=fresh(ticket), actor=support_staff)
    assert (fresh(ticket).assignee, kinds(ticket)) == (support_staff, ["created", "assigned"])


def test_taking_what_a_colleague_has_is_refused_with_the_name(ticket, support_staff, colleague):
    arranging.take(ticket=fresh(ticket), actor=colleague)
    with pytest.raises(AlreadyTaken, match="Sinta Dukungan"):
        arranging.take(ticket=ticket, actor=support_staff)
    assert fresh(ticket).assignee == colleague


def test_staff_gives_a_ticket_to_a_colleague_or_to_nobody(ticket, support_staff, colleague):
    arranging.assign(ticket=ticket, assignee=colleague, actor=support_staff)
    assert fresh(ticket).assignee == colleague
    arranging.assign(ticket=fresh(ticket), assignee=None, actor=support_staff)
    assert fresh(ticket).assignee is None
    assert [event.note for event in ticket.events.filter(kind="assigned")] == ["Sinta Dukungan", ""]


def test_who_does_not_work_in_the_department_gets_no_ticket(ticket, support_staff, billing_staff):
    with pytest.raises(ValidationError):
        arranging.assign(ticket=ticket, assignee=billing_staff, actor=support_staff)
    assert (fresh(ticket).assignee, kinds(ticket)) == (None, ["created"])


@time_machine.travel(NOW, tick=False)
def test_another_department_promises_its_own_time_from_when_the_waiting_began(customer, support, support_staff):
    slower = factories.department(support_staff, first_answer_minutes=240, resolution_minutes=540)
    ticket = open_one(customer, support)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        arranging.move_to_department(ticket=ticket, department=slower, actor=support_staff)
    now = fresh(ticket)
    assert (now.department, now.answer_due_at) == (slower, NOW + timedelta(hours=4))
    # Nine office hours from Monday at ten.
    assert now.resolution_due_at == NOW + timedelta(days=1)
    assert ticket.events.last().note == f"Dukungan Teknis → {slower}"


def test_whoever_works_in_both_departments_keeps_the_ticket(ticket, support_staff, billing):
    arranging.take(ticket=ticket, actor=support_staff)
    billing.staff.add(support_staff)
    arranging.move_to_department(ticket=fresh(ticket), department=billing, actor=support_staff)
    assert fresh(ticket).assignee == support_staff


def test_others_lose_it_to_the_new_departments_default(ticket, support_staff, billing, billing_staff):
    arranging.take(ticket=ticket, actor=support_staff)
    billing.default_assignee = billing_staff
    billing.save()
    arranging.move_to_department(ticket=fresh(ticket), department=billing, actor=support_staff)
    assert fresh(ticket).assignee == billing_staff
    with pytest.raises(NotAllowed):
        arranging.set_priority(ticket=fresh(ticket), priority=1, actor=support_staff)


def test_a_department_that_is_switched_off_gets_no_ticket(ticket, support_staff):
    idle = factories.department(support_staff, active=False)
    with pytest.raises(ValidationError):
        arranging.move_to_department(ticket=ticket, department=idle, actor=support_staff)
    assert kinds(ticket) == ["created"]


def test_priorities_are_kept_with_their_history(ticket, support_staff):
    arranging.set_priority(ticket=ticket, priority=4, actor=support_staff)
    arranging.set_priority(ticket=fresh(ticket), priority=4, actor=support_staff)
    assert (fresh(ticket).priority, ticket.events.last().note) == (4, "Normal → Mendesak")
    assert kinds(ticket) == ["created", "prioritised"]
    with pytest.raises(ValidationError):
        arranging.set_priority(ticket=ticket, priority=7, actor=support_staff)


@pytest.mark.parametrize(("status", "still_waits"), [("in_progress", True), ("on_hold", True), ("answered", False)])
def test_only_an_answered_ticket_leaves_nobody_waiting(ticket, support_staff, status, still_waits):
    due = ticket.answer_due_at
    arranging.set_status(ticket=ticket, status=status, actor=support_staff)
    now = fresh(ticket)
    assert (now.status, now.answer_due_at) == (status, due if still_waits else None)


def test_closing_by_status_is_closing(ticket, support_staff):
    arranging.set_status(ticket=ticket, status="closed", actor=support_staff)
    assert OutboxEmail.objects.filter(template="tickets/ticket_closed").count() == 1
    arranging.set_status(ticket=fresh(ticket), status="in_progress", actor=support_staff)
    assert (fresh(ticket).status, fresh(ticket).closed_at) == ("in_progress", None)


def test_nobody_writes_the_customers_reply_for_them(ticket, support_staff):
    with pytest.raises(InvalidTransition):
        arranging.set_status(ticket=ticket, status="customer_reply", actor=support_staff)
    assert fresh(ticket).status == "open"


def test_a_ticket_is_linked_to_what_is_the_customers(ticket, support_staff, customer, stranger):
    invoice = unpaid_invoice(customer)
    service = invoice.order.services.get()
    arranging.link(ticket=ticket, service=service, invoice=invoice, actor=support_staff)
    assert (fresh(ticket).service, fresh(ticket).invoice) == (service, invoice)
    theirs = unpaid_invoice(stranger.customers.get())
    with pytest.raises(ValidationError):
        arranging.link(ticket=fresh(ticket), service=None, invoice=theirs, actor=support_staff)
    assert (fresh(ticket).service, fresh(ticket).invoice) == (service, invoice)


def test_whoever_does_not_work_here_arranges_nothing(ticket, billing_staff, billing, owner):
    acts = [
        lambda person: arranging.take(ticket=ticket, actor=person),
        lambda person: arranging.assign(ticket=ticket, assignee=None, actor=person),
        lambda person: arranging.move_to_department(ticket=ticket, department=billing, actor=person),
        lambda person: arranging.set_priority(ticket=ticket, priority=4, actor=person),
        lambda person: arranging.set_status(ticket=ticket, status="on_hold", actor=person),
        lambda person: arranging.link(ticket=ticket, service=None, invoice=None, actor=person),
    ]
    for act in acts:
        for person in (billing_staff, owner):
            with pytest.raises(NotAllowed):
                act(person)
    assert (fresh(ticket), kinds(ticket)) == (Ticket.objects.get(), ["created"])


def test_what_staff_arranges_is_emailed_to_nobody(ticket, support_staff, billing):
    answer(ticket, support_staff)
    sent = OutboxEmail.objects.count()
    arranging.set_priority(ticket=fresh(ticket), priority=4, actor=support_staff)
    arranging.set_status(ticket=fresh(ticket), status="on_hold", actor=support_staff)
    arranging.move_to_department(ticket=fresh(ticket), department=billing, actor=support_staff)
    assert OutboxEmail.objects.count() == sent


def test_a_closed_ticket_has_no_promise_to_move(ticket, support_staff, billing):
    closing.close(ticket=ticket, actor=support_staff)
    arranging.move_to_department(ticket=fresh(ticket), department=billing, actor=support_staff)
    assert (fresh(ticket).department, fresh(ticket).answer_due_at, fresh(ticket).resolution_due_at) == (
        billing,
        None,
        None,
    )
