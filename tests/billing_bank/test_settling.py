"""U3, C1, K: lines that pay by themselves, lines that staff assigns, and taking either back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import credit, daily, payments, transfer_codes
from billing.bank import settling
from billing.models import BillingFailure, Invoice, Payment, StatementLine
from tests import factories
from tests.billing import shop
from tests.billing.shop import came_in
from tests.billing.years import disagreements
from tests.racing import at_once, race, refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db):
    return factories.bank_account(unique_codes=True)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def stands(line: StatementLine) -> tuple[str, str]:
    line.refresh_from_db()
    return line.status, line.rule


def test_a_transfer_of_its_exact_amount_pays_its_invoice_and_leaves_the_code_as_credit(customer, account):
    invoice = shop.unpaid_invoice(customer)
    assert transfer_codes.code_for(invoice, [account]) == 1
    line = came_in(account, 150_001)

    assert settling.recognise_one(line.pk) == 1

    assert stands(line) == ("matched", "code")
    assert fresh(invoice).status == "paid"
    assert payments.credit_balance(customer) == 1
    payment = line.payments.get()
    assert (payment.source, payment.amount, payment.received_on) == ("statement", 150_001, line.booked_on)
    assert disagreements() == []


def test_numbers_in_the_text_pay_one_invoice_or_several(customer, account):
    first, second = shop.unpaid_invoice(customer), shop.unpaid_invoice(customer, 90_000)
    line = came_in(account, 240_000, f"lunas {first.number} & {second.number.replace('/', ' ')}")

    settling.recognise_all([line.pk])

    assert stands(line) == ("matched", "numbers")
    assert (fresh(first).status, fresh(second).status) == ("paid", "paid")
    assert disagreements() == []


def test_invoices_of_two_customers_in_one_text_are_left_to_people(customer, account):
    first = shop.unpaid_invoice(customer)
    second = shop.unpaid_invoice(factories.customer(factories.user()), 90_000)
    line = came_in(account, 240_000, f"{first.number} {second.number}")

    assert settling.recognise_one(line.pk) == 0
    assert stands(line) == ("review", "")
    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount", [149_999, 150_002, 300_000])
def test_another_amount_is_left_to_people(customer, account, amount):
    invoice = shop.unpaid_invoice(customer)
    transfer_codes.code_for(invoice, [account])
    line = came_in(account, amount, invoice.number)

    assert settling.recognise_one(line.pk) == 0
    assert stands(line) == ("review", "")
    assert fresh(invoice).amount_paid == 0


def test_a_line_pays_once_however_often_it_is_asked(customer, account):
    invoice = shop.unpaid_invoice(customer)
    line = came_in(account, 150_000, invoice.number)

    assert [settling.recognise_one(line.pk) for _n in range(3)] == [1, 0, 0]
    assert Payment.objects.count() == 1


def test_what_the_customer_confirmed_is_accepted_by_the_line_that_proves_it(customer, owner, account):
    invoice = shop.unpaid_invoice(customer)
    confirmation = shop.confirm(invoice, owner)
    line = came_in(account, 150_000, invoice.number)

    settling.recognise_one(line.pk)

    confirmation.refresh_from_db()
    assert (confirmation.status, confirmation.payment, confirmation.decided_by) == (
        "approved",
        line.payments.get(),
        None,
    )
    assert fresh(invoice).status == "paid"
    assert disagreements() == []


def test_staff_assigns_a_line_to_an_invoice_and_the_rest_to_another_customer(customer, account, staff):
    invoice = shop.unpaid_invoice(customer)
    other = factories.customer(factories.user())
    line = came_in(account, 200_000)

    parts = [settling.Part(customer, Decimal(150_000), (invoice,)), settling.Part(other, Decimal(50_000))]
    settling.assign(line=line, parts=parts, actor=staff)

    assert stands(line) == ("assigned", "staff")
    assert fresh(invoice).status == "paid"
    assert payments.credit_balance(other) == 50_000
    assert sorted(line.payments.values_list("amount", flat=True)) == [50_000, 150_000]
    assert disagreements() == []


def test_parts_that_are_not_the_line_are_refused_and_nothing_moves(customer, account, staff):
    line = came_in(account, 200_000)

    with pytest.raises(settling.CannotSettle, match=r"Rp200\.000"):
        settling.assign(line=line, parts=[settling.Part(customer, Decimal(199_999))], actor=staff)
    with pytest.raises(settling.CannotSettle, match="berhak"):
        settling.assign(line=line, parts=[settling.Part(customer, Decimal(200_000))], actor=factories.staff())
    assert stands(line) == ("review", "")
    assert not Payment.objects.exists()


def test_what_was_done_by_itself_can_be_taken_back_and_is_then_left_to_people(customer, account, staff):
    invoice = shop.unpaid_invoice(customer)
    line = came_in(account, 150_000, invoice.number)
    settling.recognise_one(line.pk)

    settling.undo(line=fresh(line), reason="Milik orang lain", actor=staff)

    assert stands(line) == ("review", "")
    assert (fresh(invoice).status, fresh(invoice).amount_paid) == ("unpaid", 0)
    assert settling.recognise_one(line.pk) == 0
    settling.assign(line=fresh(line), parts=[settling.Part(customer, Decimal(150_000), (invoice,))], actor=staff)
    assert fresh(invoice).status == "paid"
    assert disagreements() == []


def test_taking_back_credit_that_was_spent_opens_what_it_paid(customer, account, staff):
    line = came_in(account, 150_000)
    settling.assign(line=line, parts=[settling.Part(customer, Decimal(150_000))], actor=staff)
    invoice = shop.unpaid_invoice(customer)
    credit.spend(invoice=invoice, actor=staff)

    settling.undo(line=fresh(line), reason="Salah", actor=staff)

    assert stands(line) == ("review", "")
    assert (fresh(invoice).status, payments.credit_balance(customer)) == ("unpaid", 0)
    assert disagreements() == []


def test_interest_is_ignored_with_a_reason_and_can_be_looked_at_again(account, staff):
    line = came_in(account, 1_234, "BUNGA")
    with pytest.raises(settling.CannotSettle):
        settling.ignore(line=line, reason="  ", actor=staff)

    settling.ignore(line=line, reason="Bunga", actor=staff)
    assert stands(line) == ("ignored", "")
    settling.look_again(line=fresh(line), actor=staff)
    assert stands(line) == ("review", "")


def test_a_transfer_from_before_the_invoice_is_left_to_people(customer, account):
    invoice = shop.unpaid_invoice(customer)
    line = came_in(account, 150_000, invoice.number)
    StatementLine.objects.update(booked_on=timezone.localdate() - timedelta(days=1))

    assert settling.recognise_one(line.pk) == 0


def test_the_daily_run_reads_again_what_waits_but_for_what_staff_took_in_hand(customer, account):
    first, second = shop.unpaid_invoice(customer), shop.unpaid_invoice(customer, 90_000)
    waiting = came_in(account, 150_000, first.number)
    by_hand = came_in(account, 90_000, second.number, by_hand=True)
    old = came_in(account, 90_000, second.number)
    StatementLine.objects.filter(pk=old.pk).update(booked_on=timezone.localdate() - timedelta(days=31))

    run = daily.run(timezone.localdate())

    assert run.counts["statements"] == {"matched": 1}
    assert [stands(one)[0] for one in (waiting, by_hand, old)] == ["matched", "review", "review"]


def test_a_line_that_failed_is_listed_and_can_be_tried_again(customer, account, monkeypatch):
    invoice = shop.unpaid_invoice(customer)
    line = came_in(account, 150_000, invoice.number)
    with monkeypatch.context() as broken:
        broken.setattr(payments, "record", lambda **_fields: 1 / 0)
        assert settling.recognise_all([line.pk]) == settling.Report(matched=0, failed=1)
    failure = BillingFailure.objects.get(settled_at=None)
    assert (failure.subject, stands(line)) == (f"line:{line.pk}", ("review", ""))

    daily.retry(failure=failure, today=timezone.localdate())

    failure.refresh_from_db()
    assert failure.settled_at is not None
    assert stands(line) == ("matched", "number")


def test_a_recognised_line_without_its_money_is_found_by_the_check_of_the_books(customer, account):
    invoice = shop.unpaid_invoice(customer)
    line = came_in(account, 150_000, invoice.number)
    settling.recognise_one(line.pk)
    Payment.objects.update(statement_line=None)

    assert [(breach.rule, breach.row.split(" (")[0]) for breach in disagreements()] == [
        ("V2", f"statement line {line.pk}")
    ]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_who_recognise_one_line_pay_once(customer, account):
    invoice = shop.unpaid_invoice(customer)
    line = came_in(account, 150_000, invoice.number)

    outcomes = at_once(8, lambda: settling.recognise_one(line.pk))

    assert sorted(outcomes) == [0] * 7 + [1]
    assert (Payment.objects.count(), fresh(invoice).status) == (1, "paid")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_staff_on_one_line_one_wins_and_the_other_is_told(customer, account, staff):
    line = came_in(account, 150_000)
    other = factories.customer(factories.user())

    def give(to):
        return lambda: settling.assign(line=fresh(line), parts=[settling.Part(to, Decimal(150_000))], actor=staff)

    outcomes = race(give(customer), give(other))

    assert refusals(outcomes, settling.CannotSettle) == 1
    assert payments.credit_balance(customer) + payments.credit_balance(other) == 150_000


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_lines_for_one_invoice_pay_it_once(customer, account):
    invoice = shop.unpaid_invoice(customer)
    lines = [came_in(account, 150_000, invoice.number) for _n in range(4)]

    outcomes = race(*[lambda pk=line.pk: settling.recognise_one(pk) for line in lines])

    assert sorted(outcomes) == [0, 0, 0, 1]
    assert Payment.objects.count() == 1
    assert Invoice.objects.get(pk=invoice.pk).status == "paid"
