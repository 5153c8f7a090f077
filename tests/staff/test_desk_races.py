"""Two staff decide at once, each in a browser of their own (K3): one wins, the other is told who and when."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import confirmations
from billing.models import Payment, PaymentConfirmation
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once
from tests.staff.desk import waiting_confirmation

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def decide_at_once(confirmation: PaymentConfirmation, guarded: bool = True) -> list[Outcome]:
    """Anna accepts while Budi rejects; each comes back with what their browser is told."""
    address = reverse("admin:billing_desk_confirmation", args=[confirmation.pk])
    decisions = {
        "Anna": {"decision": "approve", "amount": "150000"},
        "Budi": {"decision": "reject", "preset": "not_found"},
    }

    def act(name: str, decision: dict):
        client = Client()
        client.force_login(factories.staff("billing.verify_payment", name=name))
        return lambda: [str(one) for one in get_messages(client.post(address, decision).wsgi_request)]

    return at_once(*[act(name, decision) for name, decision in decisions.items()], guarded=guarded)


def assert_one_won(confirmation: PaymentConfirmation, outcomes: list[Outcome]) -> None:
    assert [outcome.error for outcome in outcomes] == [None, None]
    confirmation.refresh_from_db()
    accepted = confirmation.status == PaymentConfirmation.Status.APPROVED
    winner, loser = ("Anna", outcomes[1]) if accepted else ("Budi", outcomes[0])
    [words] = loser.value
    assert winner in words
    assert f"{timezone.localtime(confirmation.decided_at):%d-%m-%Y %H.%M.%S}" in words
    assert confirmation.decided_by.name == winner
    assert Payment.objects.filter(confirmations=confirmation).count() == int(accepted)
    assert confirmation.events.exclude(from_status="").count() == 1


def test_k3_two_staff_at_once_one_wins_and_the_other_is_told():
    for _round in range(5):
        confirmation = waiting_confirmation()
        assert_one_won(confirmation, decide_at_once(confirmation))
    assert_books_agree()


def test_k3_control_without_the_claim_the_second_is_not_told(monkeypatch):
    def claim_blindly(confirmation, actor):
        PaymentConfirmation.objects.filter(pk=confirmation.pk).update(decided_by=actor, decided_at=timezone.now())

    monkeypatch.setattr(confirmations, "_claim", claim_blindly)
    confirmation = waiting_confirmation()
    outcomes = decide_at_once(confirmation, guarded=False)
    with pytest.raises(AssertionError):
        assert_one_won(confirmation, outcomes)
