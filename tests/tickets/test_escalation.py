"""Rules for customers who wait too long: counted in office minutes, applied once for each wait."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts import delivery
from accounts.models import JobRun, OutboxEmail
from tests import factories
from tests.tickets.conftest import NOW
from tests.tickets.desk import emails, fresh, kinds
from tickets import escalation, tasks
from tickets.models import EscalationRule, EscalationRun, Priority, Ticket

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def waiting(customer, support):
    """Since Monday at ten."""
    return a_ticket(customer, support)


def a_ticket(customer, department, **fields) -> Ticket:
    times = {"waiting_since": NOW, "answer_due_at": NOW + 120 * MINUTE, "last_customer_message_at": NOW}
    return factories.ticket(customer, department=department, **{**times, **fields})


def rule(**fields) -> EscalationRule:
    defaults = {"name": "Dua jam", "waiting_minutes": 120, "set_priority": Priority.HIGH}
    return EscalationRule.objects.create(**{**defaults, **fields})


def run(now) -> int:
    report = escalation.escalate(now)
    assert report.failed == 0
    return report.escalated


def test_a_rule_acts_when_the_customer_has_waited_that_long(waiting):
    rule()
    assert run(NOW + 119 * MINUTE) == 0
    assert run(NOW + 120 * MINUTE) == 1
    assert (fresh(waiting).priority, kinds(waiting)) == (Priority.HIGH, ["escalated", "prioritised"])


def test_only_office_minutes_count(customer, support):
    """Asked on Monday at half past four: 120 minutes of work are over on Tuesday at half past nine."""
    asked = NOW.replace(hour=16, minute=30)
    a_ticket(customer, support, waiting_since=asked, answer_due_at=asked + 120 * MINUTE)
    rule()
    assert run(NOW.replace(day=24, hour=9, minute=29)) == 0
    assert run(NOW.replace(day=24, hour=9, minute=30)) == 1


def test_a_rule_acts_once_for_each_wait(waiting):
    rule()
    assert [run(NOW + 130 * MINUTE), run(NOW + 140 * MINUTE)] == [1, 0]
    again = NOW + timedelta(days=1)
    Ticket.objects.update(waiting_since=again, answer_due_at=again + 120 * MINUTE)
    assert [run(again + 130 * MINUTE), run(again + 140 * MINUTE)] == [1, 0]


def test_nobody_is_escalated_who_does_not_wait(customer, support):
    for status in ("answered", "closed"):
        factories.ticket(customer, department=support, status=status)
    rule()
    assert run(NOW + timedelta(days=30)) == 0


def test_a_rule_is_for_its_department_and_from_its_priority(customer, support, billing):
    high = a_ticket(customer, support, priority=Priority.HIGH)
    a_ticket(customer, support)
    a_ticket(customer, billing, priority=Priority.URGENT)
    rule(department=support, priority=Priority.HIGH, set_priority=Priority.URGENT)
    rule(active=False, set_priority=Priority.LOW)
    assert run(NOW + 130 * MINUTE) == 1
    assert EscalationRun.objects.get().ticket == high


def test_a_priority_is_only_raised(customer, support):
    urgent = a_ticket(customer, support, priority=Priority.URGENT)
    rule()
    assert run(NOW + 130 * MINUTE) == 1
    assert fresh(urgent).priority == Priority.URGENT


def test_a_ticket_is_given_to_somebody_who_works_there(waiting, support_staff):
    rule(set_priority=None, assign_to=support_staff)
    run(NOW + 130 * MINUTE)
    assert fresh(waiting).assignee == support_staff


def test_it_is_not_given_to_somebody_who_cannot_answer_it(waiting, billing_staff):
    rule(assign_to=billing_staff)
    assert run(NOW + 130 * MINUTE) == 1
    assert (fresh(waiting).assignee, fresh(waiting).priority) == (None, Priority.HIGH)


def test_a_person_and_a_group_are_told_once_each_and_nobody_who_may_not_see_it(
    waiting, support, support_staff, billing_staff
):
    colleague = factories.staff("tickets.view_ticket", language="en")
    support.staff.add(colleague)
    gone = factories.staff("tickets.view_ticket", is_active=False)
    support.staff.add(gone)
    group = Group.objects.create(name="Kepala dukungan")
    group.user_set.add(support_staff, colleague, billing_staff, gone, factories.user())
    rule(notify_user=support_staff, notify_group=group)
    run(NOW + 130 * MINUTE)
    told = emails("ticket_escalated")
    assert {email.user for email in told} == {support_staff, colleague}
    # Not a customer's: members read the emails of their customer again.
    assert {email.customer for email in told} == {None}


def test_the_email_says_what_waits_and_not_what_was_written(waiting, support_staff, mailoutbox):
    factories.message(waiting, body="Kata sandi kami: rahasia-sekali")
    rule(notify_user=support_staff)
    run(NOW + 130 * MINUTE)
    delivery.deliver(OutboxEmail.objects.get().pk)
    text = mailoutbox[0].body
    assert waiting.number in text
    assert waiting.customer.name in text
    assert "rahasia-sekali" not in text + mailoutbox[0].alternatives[0][0]


def test_one_failure_stops_nothing_and_is_reported(customer, support, waiting, monkeypatch):
    other = a_ticket(customer, support)
    rule()
    set_priority = escalation.arranging.set_priority

    def break_for_one(*, ticket, **arguments):
        if ticket.pk == waiting.pk:
            raise RuntimeError("broken")
        set_priority(ticket=ticket, **arguments)

    monkeypatch.setattr(escalation.arranging, "set_priority", break_for_one)
    report = escalation.escalate(NOW + 130 * MINUTE)
    assert (report.escalated, report.failed) == (1, 1)
    # The broken one is tried again by the next run.
    assert EscalationRun.objects.get().ticket == other


def test_what_was_answered_since_it_was_read_is_left_alone(waiting, monkeypatch):
    rule()
    hold = escalation.transitions.hold

    def answer_first(ticket):
        Ticket.objects.update(status="answered", waiting_since=None, answer_due_at=None)
        hold(ticket)

    monkeypatch.setattr(escalation.transitions, "hold", answer_first)
    assert run(NOW + 130 * MINUTE) == 0
    assert (fresh(waiting).priority, EscalationRun.objects.count()) == (Priority.NORMAL, 0)


def test_the_job_writes_down_that_it_ran(waiting):
    assert tasks.escalate_tickets() == {"escalated": 0, "failed": 0}
    assert JobRun.objects.get(name="escalate-tickets").succeeded
