import itertools

import pytest
from django.db.models import Q

from billing import transitions
from billing.models import Invoice, Order, PaymentConfirmation, Service
from tests import factories
from tests.billing.shop import confirm, place, unpaid_invoice

# Each state and where it may lead (I1, K2, O1, S1); paid → unpaid is the reversed payment (C5).
MOVES = {
    Order: {"pending": {"active", "cancelled", "fraud"}},
    Invoice: {"draft": {"unpaid", "cancelled"}, "unpaid": {"paid", "cancelled"}, "paid": {"refunded", "unpaid"}},
    Service: {
        "pending": {"active", "cancelled"},
        "active": {"suspended", "terminated", "cancelled", "completed"},
        "suspended": {"active", "terminated"},
    },
    PaymentConfirmation: {"submitted": {"approved", "rejected", "withdrawn"}},
}


@pytest.mark.parametrize("model", MOVES)
def test_only_the_moves_of_the_rules_are_allowed(model):
    states = [state.value for state in model.Status]
    allowed = {
        (source, to) for source, to in itertools.product(states, repeat=2) if source in transitions.sources(model, to)
    }
    assert allowed == {(source, to) for source, targets in MOVES[model].items() for to in targets}


@pytest.fixture
def invoice(customer):
    return unpaid_invoice(customer)


def test_a_move_is_written_with_who_from_and_to(invoice, owner):
    transitions.move(invoice, "cancelled", actor=owner, note="Salah pesan")
    event = invoice.events.last()
    assert (event.actor, event.from_status, event.to_status, event.note) == (
        owner,
        "unpaid",
        "cancelled",
        "Salah pesan",
    )
    assert invoice.status == "cancelled"


def test_a_move_that_is_not_allowed_changes_nothing(invoice, owner):
    events = invoice.events.count()
    with pytest.raises(transitions.InvalidTransition) as refusal:
        transitions.move(invoice, "refunded", actor=owner)
    assert "Belum dibayar" in str(refusal.value)
    assert (Invoice.objects.get().status, invoice.events.count()) == ("unpaid", events)


def test_a_page_that_shows_an_old_state_moves_from_the_real_one(customer):
    service = place(customer, factories.product()).services.get()
    old = Service.objects.get(pk=service.pk)
    transitions.move(service, "active", actor=None, activated_at="2026-11-21T00:00:00Z")
    transitions.move(old, "cancelled", actor=None)
    assert service.events.last().from_status == "active"


def test_a_condition_that_does_not_hold_refuses_the_move(invoice):
    with pytest.raises(transitions.InvalidTransition):
        transitions.move(invoice, "cancelled", actor=None, only_if=Q(amount_paid__gt=0))
    assert Invoice.objects.get().status == "unpaid"


def test_a_decided_confirmation_is_decided_for_ever(customer, owner):
    confirmation = confirm(unpaid_invoice(customer))
    transitions.move(confirmation, "withdrawn", actor=owner)
    for to in ("approved", "rejected", "withdrawn", "submitted"):
        with pytest.raises(transitions.InvalidTransition):
            transitions.move(confirmation, to, actor=owner)
    assert confirmation.status == "withdrawn"
