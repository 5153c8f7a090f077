"""Q1: silent tickets are warned and closed; and old presence is forgotten. The clock is an argument."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import JobRun, OutboxEmail
from tests import factories
from tests.tickets.desk import answer, ask, emails, fresh, kinds, open_one
from tickets import arranging, automation, tasks
from tickets.models import Presence, Ticket

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def answered(customer, support, support_staff):
    ticket = open_one(customer, support)
    answer(ticket, support_staff)
    return fresh(ticket)


def run(days: float) -> tuple[int, int]:
    report = automation.close_silent_tickets(timezone.now() + timedelta(days=days))
    assert report.failed == 0
    return report.warned, report.closed


def test_q1_a_silent_ticket_is_warned_on_the_day_before_and_closed_after_seven(answered):
    assert run(5.9) == (0, 0)
    assert run(6.1) == (1, 0)
    assert fresh(answered).status == "answered"
    assert run(6.9) == (0, 0)
    assert run(7.2) == (0, 1)
    assert (fresh(answered).status, kinds(answered)[-2:]) == ("closed", ["close_warned", "closed"])
    assert run(8.5) == (0, 0)


def test_the_warning_is_said_once_in_the_tickets_language_and_emailed(answered):
    Ticket.objects.update(language="en")
    run(6.1)
    run(6.2)
    warnings = [one.body for one in answered.messages.filter(channel="system")]
    assert len(warnings) == 1
    assert "we will close this ticket after" in warnings[0]
    assert [email.user for email in emails("ticket_news")] == [answered.opened_by]


def test_the_closing_is_emailed(answered):
    run(6.1)
    run(7.2)
    assert [email.user for email in emails("ticket_closed")] == [answered.opened_by]


def test_a_warning_that_was_missed_is_said_first(answered):
    assert run(30) == (1, 0)
    assert run(30.5) == (0, 0)
    assert run(31.1) == (0, 1)


def test_a_reply_takes_the_warning_back(answered, support_staff):
    run(6.1)
    ask(answered)
    assert run(7.2) == (0, 0)
    assert (fresh(answered).status, fresh(answered).close_warned_at) == ("customer_reply", None)
    answer(answered, support_staff)
    assert run(5.9) == (0, 0)
    assert run(6.1) == (1, 0)


def test_who_waits_for_us_is_never_closed(customer, support, support_staff):
    waiting, held = open_one(customer, support), open_one(customer, support)
    answer(held, support_staff)
    arranging.set_status(ticket=fresh(held), status="on_hold", actor=support_staff)
    assert run(30) == (0, 0)
    assert [fresh(waiting).status, fresh(held).status] == ["open", "on_hold"]


def test_a_ticket_that_was_set_to_answered_without_a_word_is_silent_from_then(answered, support_staff):
    for status in ("on_hold", "answered"):
        arranging.set_status(ticket=fresh(answered), status=status, actor=support_staff)
    answered.events.filter(to_status="answered").update(at=timezone.now() + 3 * DAY)
    assert run(6.1) == (0, 0)
    assert run(9.1) == (1, 0)


def test_another_state_takes_the_warning_back(answered, support_staff):
    run(6.1)
    arranging.set_status(ticket=fresh(answered), status="in_progress", actor=support_staff)
    assert fresh(answered).close_warned_at is None


@pytest.mark.parametrize(("days", "expected"), [(0, (0, 0)), (3, (1, 0))])
def test_each_department_says_how_long(answered, support, days, expected):
    support.auto_close_days = days
    support.save()
    assert run(2.5) == expected


def test_a_reply_between_reading_and_closing_wins(answered, monkeypatch):
    run(6.1)
    close = automation.closing.close

    def reply_first(**arguments):
        ask(answered)
        close(**arguments)

    monkeypatch.setattr(automation.closing, "close", reply_first)
    assert run(7.2) == (0, 0)
    assert fresh(answered).status == "customer_reply"
    assert emails("ticket_closed") == []


def test_one_failure_stops_nothing_and_is_reported(answered, customer, support, support_staff, monkeypatch):
    other = open_one(customer, support)
    answer(other, support_staff)
    news = automation.notices.news

    def break_for_one(message):
        if message.ticket_id == answered.pk:
            raise RuntimeError("broken")
        news(message)

    monkeypatch.setattr(automation.notices, "news", break_for_one)
    report = automation.close_silent_tickets(timezone.now() + 6.5 * DAY)
    assert (report.warned, report.failed) == (1, 1)
    assert (fresh(answered).close_warned_at, fresh(answered).message_count) == (None, 2)
    assert fresh(other).close_warned_at is not None


def test_the_job_writes_down_that_it_ran(answered):
    assert tasks.close_silent_tickets() == {"warned": 0, "closed": 0, "failed": 0}
    assert JobRun.objects.get(name="close-tickets").succeeded


def test_presence_of_long_ago_is_forgotten(answered, support_staff):
    now = timezone.now()
    Presence.objects.create(ticket=answered, user=support_staff, at=now - timedelta(hours=2))
    recent = Presence.objects.create(ticket=answered, user=factories.staff(), at=now - timedelta(seconds=20))
    assert tasks.forget_presence() == 1
    assert list(Presence.objects.all()) == [recent]


def test_automation_emails_customers_people_only(answered, support_staff):
    run(6.1)
    run(7.2)
    assert support_staff.email not in OutboxEmail.objects.values_list("to", flat=True)
