"""Taking, assigning, moving, merging and splitting on the staff's pages; the rules themselves are the services' tests."""

import pytest
from django.urls import reverse

from tests import factories
from tests.billing.shop import unpaid_invoice
from tests.tickets.desk import answer, ask, fresh, open_one
from tests.tickets.staff import arrange, page, text, told
from tickets.models import Priority, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


@pytest.fixture
def at_work(client, support_staff):
    client.force_login(support_staff)
    return client


@pytest.fixture
def colleague(support):
    person = factories.staff("tickets.answer_ticket", name="Rina Rekan")
    support.staff.add(person)
    return person


def state(ticket: Ticket) -> tuple:
    ticket = fresh(ticket)
    return ticket.status, ticket.priority, ticket.assignee, ticket.department, ticket.service, ticket.invoice


def test_one_press_takes_closes_and_reopens(at_work, ticket, support_staff):
    at_work.post(page("act", ticket, "take"))
    assert fresh(ticket).assignee == support_staff
    at_work.post(page("act", ticket, "close"))
    assert fresh(ticket).status == "closed"
    at_work.post(page("act", ticket, "reopen"))
    assert fresh(ticket).status == "in_progress"
    assert at_work.post(page("act", ticket, "delete")).status_code == 404


def test_looking_at_an_acts_address_does_nothing(at_work, ticket):
    before = state(ticket)
    assert at_work.get(page("act", ticket, "close")).url == page("thread", ticket)
    assert state(ticket) == before


def test_whoever_takes_what_is_taken_is_told_by_whom(at_work, ticket, colleague):
    Ticket.objects.filter(pk=ticket.pk).update(assignee=colleague)
    assert told(at_work.post(page("act", ticket, "take"))) == ["Tiket ini sudah diambil oleh Rina Rekan."]
    assert fresh(ticket).assignee == colleague


def test_what_was_changed_is_saved_at_once(at_work, ticket, colleague, customer):
    invoice = unpaid_invoice(customer)
    answered = arrange(
        at_work, ticket, priority=Priority.HIGH, status="on_hold", assignee=colleague.pk, invoice=invoice.pk
    )
    assert answered.url == page("thread", ticket)
    assert state(ticket) == ("on_hold", Priority.HIGH, colleague, ticket.department, None, invoice)


def test_what_somebody_else_changed_meanwhile_stays(at_work, ticket, colleague):
    form = at_work.get(page("arrange", ticket)).context["form"]
    shown = {name: form.initial[name] for name in form.fields}
    Ticket.objects.filter(pk=ticket.pk).update(assignee=colleague)
    hidden = {f"initial-{name}": value for name, value in shown.items()}
    at_work.post(page("arrange", ticket), {**shown, **hidden, "priority": Priority.URGENT})
    assert state(ticket)[:3] == ("open", Priority.URGENT, colleague)


def test_what_is_not_offered_is_refused_and_nothing_moves(at_work, ticket, billing_staff, stranger):
    foreign = unpaid_invoice(stranger.customers.first())
    before = state(ticket)
    for changes in (
        {"assignee": billing_staff.pk},
        {"invoice": foreign.pk},
        {"status": "customer_reply"},
        {"priority": 9},
        {"department": 0},
    ):
        assert arrange(at_work, ticket, **changes).status_code == 422
        assert state(ticket) == before


def test_a_ticket_that_was_moved_away_leads_back_to_the_inbox(at_work, ticket, billing):
    answered = arrange(at_work, ticket, department=billing.pk)
    assert answered.url == reverse("admin:tickets_inbox")
    assert fresh(ticket).department == billing
    assert at_work.get(page("thread", ticket)).status_code == 404


def test_the_form_comes_alone_where_the_page_asks_for_it(at_work, ticket):
    part = at_work.get(page("arrange", ticket), headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    assert "Penanggung jawab" in text(part)


def test_q4_merging_says_first_what_will_happen(at_work, ticket, customer, support, support_staff):
    into = open_one(customer, support, subject="Yang utama")
    answer(ticket, support_staff)
    plan = at_work.get(page("merge", ticket), {"number": into.number.lower()})
    assert "2 pesan dan 0 catatan internal" in text(plan)
    assert fresh(ticket).merged_into is None
    answered = at_work.post(page("merge", ticket), {"number": into.number})
    assert answered.url == page("thread", into)
    assert fresh(ticket).merged_into == into


def test_tickets_of_others_are_not_merged(at_work, ticket, stranger, support):
    foreign = open_one(stranger.customers.first(), support, actor=stranger)
    answered = at_work.post(page("merge", ticket), {"number": foreign.number})
    assert answered.status_code == 422
    assert (fresh(ticket).merged_into, fresh(foreign).messages.count()) == (None, 1)


def test_q4_chosen_messages_become_a_ticket_of_their_own(at_work, ticket):
    second = ask(ticket, body="Pertanyaan lain sama sekali.")
    answered = at_work.post(page("split", ticket), {"subject": "Yang lain", "messages": [second.pk]})
    made = Ticket.objects.get(subject="Yang lain")
    assert answered.url == page("thread", made)
    assert fresh(second).ticket == made


def test_the_messages_to_split_off_are_told_by_who_wrote_what(at_work, ticket, owner):
    asked = text(at_work.get(page("split", ticket)))
    assert f"{owner}, " in asked
    assert "Sejak semalam situs kami" in asked


def test_splitting_everything_is_refused_and_nothing_moves(at_work, ticket):
    every = [one.pk for one in ticket.messages.all()]
    answered = at_work.post(page("split", ticket), {"subject": "Semua", "messages": every})
    assert answered.status_code == 422
    assert (Ticket.objects.count(), fresh(ticket).messages.count()) == (1, 1)


def test_the_history_says_who_did_what(at_work, ticket, support_staff):
    at_work.post(page("act", ticket, "take"))
    arrange(at_work, ticket, priority=Priority.URGENT)
    history = text(at_work.get(page("more", ticket)))
    for words in ("Dibuat", "Penanggung jawab", "Prioritas", "Damar Dukungan"):
        assert words in history
