"""Whose turn it is: what the customer has to do goes first, in the order of ON7; otherwise it is ours."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine

from billing import confirmations
from onboarding import progress, turns
from onboarding.models import Case, Quotation, Requirement
from tests import factories
from tests.billing.shop import confirm
from tests.onboarding.walk import appointment, current, document, fresh, ordered_case, pay, stage, walk_to

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(customer):
    return ordered_case(customer)


def turn(case: Case) -> tuple[str, str, date | None]:
    progress.settle(case)
    now = fresh(case)
    return now.turn, now.turn_action, now.turn_due_on


def quoted(case: Case, **fields) -> Quotation:
    made = document(case, "quotation", **{"kind": "quotation", "title": "Penawaran", **fields})
    return Quotation.objects.create(
        case=case,
        document=made,
        number="QT-2026-0001",
        payment_method=factories.bank_transfer(),
        valid_until=date(2026, 12, 7),
        subtotal=Decimal(100),
        total=Decimal(100),
    )


def test_a_quotation_is_to_be_signed_before_it_ends(customer):
    lead = walk_to("quotation", factories.onboarding_case(customer))
    assert turn(lead) == ("us", "quote", date(2026, 11, 30))
    quoted(lead)
    assert turn(lead) == ("customer", "sign", date(2026, 12, 7))


def test_another_document_is_due_with_its_stage(case):
    document(case, "training")
    assert turn(case) == ("customer", "sign", stage(case, "training").due_on)


def test_signing_goes_before_paying(case):
    walk_to("invoice_payment", case)
    invoice = case.service.order.invoice
    assert turn(case) == ("customer", "pay", invoice.due_on)
    assert turns.action_of(case).url == invoice.get_absolute_url()
    document(case, "invoice_payment")
    assert turn(case)[:2] == ("customer", "sign")


def test_an_invoice_is_not_asked_for_before_its_stage(case):
    assert turn(case)[:2] == ("us", "schedule")


def test_who_said_that_they_paid_is_not_asked_to_pay(case):
    walk_to("invoice_payment", case)
    confirmation = confirm(case.service.order.invoice)
    now = fresh(case)
    assert (now.turn, now.turn_action) == ("us", "verify")
    confirmations.withdraw(confirmation=confirmation, actor=confirmation.submitted_by)
    assert fresh(case).turn_action == "pay"


def test_the_requirement_form_is_due_with_its_stage(case):
    walk_to("requirement_gathering", case)
    assert turn(case) == ("customer", "requirements", current(case).due_on)


@pytest.mark.parametrize(("questions", "minutes"), [(1, 5), (2, 5), (3, 10), (9, 20)])
def test_how_long_filling_in_takes_is_said_in_steps_of_five_minutes(questions, minutes):
    assert turns.estimate(questions) == f"Perkiraan {minutes} menit."


def test_it_is_our_turn_to_check_a_signature(case):
    walk_to("requirement_gathering", case)
    Requirement.objects.filter(case=case).delete()
    assert turn(case)[:2] == ("us", "prepare")
    document(case, "requirement_gathering", "signed")
    assert turn(case)[:2] == ("us", "receive")


def test_a_scheduled_appointment_is_ours_to_attend(case):
    made = appointment(case, "initial_call")
    assert turn(case)[:2] == ("us", "attend")
    assert fresh(case).next_event_at == made.starts_at


def test_a_live_case_waits_for_nobody_until_something_is_open(case):
    pay(case)
    walk_to("go_live", case)
    assert turn(case)[:2] == ("us", "activate")
    worker = factories.onboarding_pic("onboarding.see_all_cases")
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert turn(case) == ("nobody", "", None)
    appointment(case, "post_activation", kind="adoption_review")
    assert turn(case)[:2] == ("us", "attend")
    document(case, "post_activation")
    assert turn(case)[:2] == ("customer", "sign")
