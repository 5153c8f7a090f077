"""Q1: where each state of a ticket leads."""

import itertools

import pytest

from tests import factories
from tickets import transitions
from tickets.models import Ticket

ALLOWED = {
    "open": {"answered", "in_progress", "on_hold", "closed"},
    "answered": {"customer_reply", "in_progress", "on_hold", "closed"},
    "customer_reply": {"answered", "in_progress", "on_hold", "closed"},
    "in_progress": {"answered", "customer_reply", "on_hold", "closed"},
    "on_hold": {"answered", "customer_reply", "in_progress", "closed"},
    "closed": {"customer_reply", "open", "in_progress"},
}


def test_q1_only_the_moves_of_the_rules_are_allowed():
    states = [state.value for state in Ticket.Status]
    allowed = {
        (source, to) for source, to in itertools.product(states, repeat=2) if source in transitions.sources(Ticket, to)
    }
    assert allowed == {(source, to) for source, targets in ALLOWED.items() for to in targets}


def test_q1_a_move_is_written_with_who_from_and_to(customer):
    ticket, staff = factories.ticket(customer), factories.staff()
    transitions.move(ticket, "on_hold", actor=staff, note="Menunggu vendor")
    event = ticket.events.get()
    assert (event.actor, event.from_status, event.to_status, event.note) == (
        staff,
        "open",
        "on_hold",
        "Menunggu vendor",
    )


def test_q1_a_move_that_is_not_allowed_changes_nothing(customer):
    ticket = factories.ticket(customer)
    with pytest.raises(transitions.InvalidTransition):
        transitions.move(ticket, "customer_reply", actor=None)
    assert (Ticket.objects.get().status, ticket.events.count()) == ("open", 0)
