"""A payment confirmed twice at once, by customer or staff, is one confirmation (K2, K6)."""

import uuid
from collections import Counter
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.db import connection

from billing import confirmations
from billing.models import PaymentConfirmation, ProofFile
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once, meeting
from tests.billing.shop import picture, rupiah, unpaid_invoice
from tests.tickets.desk import ask, fresh, open_one, open_with_payment, transfer
from tickets import merging, payments, transitions
from tickets.models import Ticket, TicketConfirmation

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

FEW = 4


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def verifier():
    return factories.staff("tickets.answer_ticket", "billing.verify_payment", name="Kirana Keuangan")


@pytest.fixture
def department(verifier):
    return factories.department(verifier, handles_payments=True)


@pytest.fixture
def invoice(customer):
    return unpaid_invoice(customer, 150_000)


def errors(outcomes: list[Outcome]) -> Counter:
    return Counter(type(outcome.error) for outcome in outcomes if outcome.error)


def test_k6_the_same_payment_posted_50_times_is_one_ticket_and_one_confirmation(invoice, department):
    key = uuid.uuid4()
    outcomes = at_once(*[lambda: open_with_payment(fresh(invoice), department, submission_key=key)] * 50)
    ticket = Ticket.objects.get()
    assert [outcome.value for outcome in outcomes] == [ticket] * 50
    assert (PaymentConfirmation.objects.count(), ProofFile.objects.count()) == (1, 1)
    assert_books_agree()


def test_k2_of_two_forms_for_one_invoice_one_is_refused_whole(invoice, department):
    outcomes = at_once(*[lambda: open_with_payment(fresh(invoice), department)] * 2)
    assert errors(outcomes) == {confirmations.AlreadySubmitted: 1}
    assert (Ticket.objects.count(), PaymentConfirmation.objects.count()) == (1, 1)
    assert_books_agree()


def take_out_at_once(ticket: Ticket, invoice, actor, count: int) -> list[Outcome]:
    proofs = list(ticket.messages.get().attachments.select_related("message"))

    def take_out() -> PaymentConfirmation:
        return payments.confirmation_from_attachments(
            ticket=fresh(ticket),
            attachments=proofs,
            invoice=fresh(invoice),
            transfer=transfer(invoice),
            actor=actor,
        )

    return at_once(*[take_out] * count)


def assert_confirmed_once(outcomes: list[Outcome]) -> None:
    assert errors(outcomes) == {confirmations.AlreadySubmitted: len(outcomes) - 1}
    assert (PaymentConfirmation.objects.count(), TicketConfirmation.objects.count()) == (1, 1)


def test_k6_staff_that_confirms_one_proof_many_times_at_once_confirms_it_once(customer, invoice, department, verifier):
    ticket = open_one(customer, department, files=[picture()])
    assert_confirmed_once(take_out_at_once(ticket, invoice, verifier, 10))
    assert_books_agree()


def test_k6_control_looking_first_confirms_it_again(monkeypatch, customer, invoice, department, verifier):
    ticket = open_one(customer, department, files=[picture()])
    name = "one_submitted_confirmation_per_invoice"
    [constraint] = [one for one in PaymentConfirmation._meta.constraints if one.name == name]
    meet = meeting(FEW)
    check = confirmations.check

    def look_then_meet(**what) -> None:
        check(**what)
        meet()

    monkeypatch.setattr(confirmations, "check", look_then_meet)
    monkeypatch.setattr(confirmations, "_check_open", lambda _invoice: None)
    monkeypatch.setattr(payments, "transaction", SimpleNamespace(atomic=nullcontext))
    with connection.schema_editor() as editor:
        editor.remove_constraint(PaymentConfirmation, constraint)
    try:
        outcomes = take_out_at_once(ticket, invoice, verifier, FEW)
        with pytest.raises(AssertionError):
            assert_confirmed_once(outcomes)
    finally:
        TicketConfirmation.objects.all().delete()
        PaymentConfirmation.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(PaymentConfirmation, constraint)


def decide_merge_and_write(paying: Ticket, into: Ticket, verifier) -> list[Outcome]:
    confirmation = paying.confirmations.get().confirmation
    return at_once(
        lambda: confirmations.approve(confirmation=fresh(confirmation), amount=rupiah(150_000), actor=verifier),
        lambda: merging.merge(ticket=fresh(paying), into=fresh(into), actor=verifier),
        lambda: ask(paying),
    )


def test_a_decision_while_the_ticket_is_merged_and_written_in_is_in_what_it_became(customer, department, verifier):
    for _round in range(10):
        paying = open_with_payment(unpaid_invoice(customer), department)
        into = factories.ticket(customer, department=department)
        transitions.began(into, actor=None)
        assert errors(decide_merge_and_write(paying, into, verifier)) == {}
        assert paying.messages.count() == 0
        # The first message and the reply; what the shop says of the merging and of the payment.
        assert Counter(into.messages.values_list("channel", flat=True)) == {"web": 2, "system": 2}
        assert fresh(into).message_count == 4
    assert_books_agree()
