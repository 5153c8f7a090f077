"""What comes by email and what happens by itself, many times at once: one message, one warning, one escalation."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from tests import factories
from tests.racing import at_once
from tests.tickets import help_rows, mails
from tests.tickets.desk import answer, emails, open_one
from tests.tickets.mails import letter, to_ticket
from tickets import automation, escalation, inbound, knowledge
from tickets.models import EscalationRule, EscalationRun, InboundEmail, Message, Priority, Ticket

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TIMES = 6


@pytest.fixture(autouse=True)
def _takes_email_in(settings, monkeypatch):
    settings.TICKETS_INBOUND_DOMAIN = mails.DOMAIN
    monkeypatch.setattr("accounts.outbox.tell_worker", lambda _task, _row_id: None)


@pytest.fixture
def staff():
    return factories.staff("tickets.answer_ticket")


@pytest.fixture
def department(staff):
    return factories.department(staff)


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def ticket(customer, department, staff):
    made = open_one(customer, department)
    answer(made, staff)
    return Ticket.objects.get(pk=made.pk)


def faults(outcomes: list[object]) -> list[object]:
    return [one for one in outcomes if isinstance(one, Exception)]


def test_an_email_that_is_told_many_times_at_once_is_one_row_and_one_file(ticket):
    raw = to_ticket(ticket, ticket.opened_by.email).as_bytes()
    outcomes = at_once(TIMES, lambda: inbound.receive(raw=raw, provider="imap"))
    assert outcomes == [InboundEmail.objects.get()] * TIMES
    assert len(default_storage.listdir("inbound")[1]) == 1


def test_an_answer_that_many_workers_take_at_once_is_one_message(ticket):
    row = inbound.receive(raw=to_ticket(ticket, ticket.opened_by.email).as_bytes(), provider="imap")
    before = Message.objects.count()
    assert faults(at_once(TIMES, lambda: inbound.process(row.pk))) == []
    row.refresh_from_db()
    assert (row.outcome, Message.objects.count()) == ("replied", before + 1)


def test_a_question_that_many_workers_take_at_once_is_one_ticket(customer, department):
    address = f"{department.slug}@{mails.DOMAIN}"
    files = [("galat.log", b"ERROR\n", "text/plain")]
    raw = letter(address, customer.users.get().email, files=files).as_bytes()
    row = inbound.receive(raw=raw, provider="imap")
    assert faults(at_once(TIMES, lambda: inbound.process(row.pk))) == []
    row.refresh_from_db()
    assert (row.outcome, row.ticket, Message.objects.count()) == ("opened", Ticket.objects.get(), 1)
    assert len(default_storage.listdir("tickets")[1]) == 1


def test_a_warning_and_a_closing_are_said_once(ticket):
    for days, template in [(6.5, "ticket_news"), (8, "ticket_closed")]:
        moment = timezone.now() + timedelta(days=days)
        reports = at_once(TIMES, lambda moment=moment: automation.close_silent_tickets(moment))
        assert [report.failed for report in reports] == [0] * TIMES
        assert len(emails(template)) == 1


def test_a_rule_acts_once(customer, department, staff):
    since = timezone.now() - timedelta(days=30)
    waiting = factories.ticket(customer, department=department, waiting_since=since, answer_due_at=since)
    EscalationRule.objects.create(name="Lama", waiting_minutes=60, set_priority=Priority.URGENT)
    reports = at_once(TIMES, lambda: escalation.escalate(timezone.now()))
    assert (sum(report.escalated for report in reports), sum(report.failed for report in reports)) == (1, 0)
    assert (EscalationRun.objects.count(), waiting.events.filter(kind="escalated").count()) == (1, 1)


def test_a_person_who_votes_many_times_at_once_counts_once():
    article, person = help_rows.article(), factories.user()
    outcomes = at_once(TIMES, lambda: knowledge.vote(article=article, helpful=True, actor=person))
    article.refresh_from_db()
    assert (sorted(outcomes), article.helpful) == ([False] * (TIMES - 1) + [True], 1)
