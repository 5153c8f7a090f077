"""Credit notes, refunds, fees and deposits that come at once: what is given back is given back once, and the books agree."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Shop
from billing import books, credit, crediting, funds, late_fees, payments, refunds, write_offs
from billing.models import CreditEntry, CreditNote, Invoice, PaymentReversal, Refund
from tests import factories
from tests.billing.races import assert_books_agree, at_once, meeting
from tests.billing.shop import unpaid_invoice
from tests.billing.test_crediting import pay
from tests.billing.test_refunds import transfer

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def staff():
    return factories.staff(refunds.PAY, crediting.ISSUE, write_offs.WRITE_OFF, payments.VERIFY)


@pytest.fixture
def invoice(db):
    factories.bank_account()
    return unpaid_invoice(factories.customer(factories.user()), 150_000)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def note(invoice: Invoice, amount: int, cause: str) -> CreditNote:
    amounts = {invoice.lines.get().pk: Decimal(amount)}
    return crediting.credit(invoice=fresh(invoice), amounts=amounts, reason="x", cause=cause, actor=None)


def told(outcomes) -> Counter:
    return Counter(type(outcome.error) for outcome in outcomes)


def test_c5_one_cause_ten_times_at_once_is_one_note(invoice):
    pay(invoice, 150_000)
    outcomes = at_once(*[lambda: note(invoice, 50_000, "change:1")] * 10)
    assert {outcome.value for outcome in outcomes} == {CreditNote.objects.get()}
    assert (fresh(invoice).amount_credited, payments.credit_balance(invoice.customer)) == (50_000, 50_000)
    assert_books_agree()


def test_of_notes_over_more_than_there_is_some_are_refused(invoice):
    pay(invoice, 150_000)
    outcomes = at_once(*[lambda number=number: note(invoice, 60_000, f"staff:{number}") for number in range(4)])
    assert told(outcomes) == {type(None): 2, crediting.CannotCredit: 2}
    assert (fresh(invoice).amount_credited, CreditNote.objects.count()) == (120_000, 2)
    assert_books_agree()


def test_control_looking_first_credits_more_than_was_invoiced(monkeypatch, invoice):
    pay(invoice, 150_000)
    meet = meeting(2)

    def look(invoice):
        invoice.refresh_from_db()
        meet()

    # Without the hold each sees nothing credited; the writing is left to the database's own constraints.
    monkeypatch.setattr(crediting.transitions, "hold", look)
    monkeypatch.setattr(crediting, "credit", crediting.credit.__wrapped__)
    outcomes = at_once(
        *[lambda number=number: note(invoice, 90_000, f"staff:{number}") for number in range(2)], guarded=False
    )
    with pytest.raises(AssertionError):
        assert told(outcomes) == {type(None): 1, crediting.CannotCredit: 1}


def test_a_payment_is_credited_or_taken_back_and_the_books_agree_either_way(staff):
    factories.bank_account()
    for number in range(10):
        invoice = unpaid_invoice(factories.customer(factories.user()), 150_000)
        payment = pay(invoice, 150_000, f"bank:{number}")
        calls = [
            lambda invoice=invoice: note(invoice, 150_000, f"staff:{invoice.pk}"),
            lambda payment=payment: payments.reverse(payment=fresh(payment), reason="Bank", actor=staff),
        ]
        random.shuffle(calls)
        outcomes = at_once(*calls)
        refused = [outcome.error for outcome in outcomes if outcome.error]
        # Unpaid again, it is cancelled rather than credited in full.
        assert [type(error) for error in refused] in ([], [crediting.CannotCredit])
        assert fresh(invoice).status == ("unpaid" if refused else "refunded")
        assert payments.credit_balance(invoice.customer) == 0
    assert_books_agree()


def test_c5_a_refund_posted_ten_times_at_once_is_paid_out_once(invoice, staff):
    pay(invoice, 250_000)
    act = transfer()
    outcomes = at_once(
        *[
            lambda: refunds.pay_out(
                customer=invoice.customer,
                amount=Decimal(60_000),
                transfer=act,
                reason="x",
                cause="staff:1",
                actor=staff,
            )
        ]
        * 10
    )
    assert {outcome.value for outcome in outcomes} == {Refund.objects.get()}
    assert payments.credit_balance(invoice.customer) == 40_000
    assert_books_agree()


def pay_out_and_spend(customer, other: Invoice, staff, guarded: bool = True):
    act = transfer()
    return at_once(
        lambda: refunds.pay_out(
            customer=customer, amount=Decimal(100_000), transfer=act, reason="x", cause="staff:1", actor=staff
        ),
        lambda: credit.spend(invoice=fresh(other), actor=None),
        guarded=guarded,
    )


def test_credit_is_paid_out_or_spent_never_both(invoice, staff):
    pay(invoice, 250_000)
    other = unpaid_invoice(invoice.customer, 80_000)
    assert_given_once(invoice.customer, pay_out_and_spend(invoice.customer, other, staff))


def assert_given_once(customer, outcomes) -> None:
    paid_out, spent = outcomes
    if paid_out.error:
        assert type(paid_out.error) is refunds.CannotRefund
        assert (spent.value, payments.credit_balance(customer)) == (80_000, 20_000)
    else:
        assert (spent.value, payments.credit_balance(customer)) == (0, 0)
    assert_books_agree()


def test_control_without_the_customers_row_credit_is_given_twice(monkeypatch, invoice, staff):
    pay(invoice, 250_000)
    other = unpaid_invoice(invoice.customer, 80_000)
    meet = meeting(2)
    left_by_payment = books.left_by_payment

    def look(*arguments):
        left = left_by_payment(*arguments)
        meet()
        return left

    monkeypatch.setattr(books, "hold_credit", lambda _customer_id: None)
    monkeypatch.setattr(books, "left_by_payment", look)
    outcomes = pay_out_and_spend(invoice.customer, other, staff, guarded=False)
    with pytest.raises(AssertionError):
        assert_given_once(invoice.customer, outcomes)


def test_an_invoice_is_paid_or_written_off_never_both(staff):
    factories.bank_account()
    for number in range(5):
        invoice = unpaid_invoice(factories.customer(factories.user()), 150_000)
        payments.reverse(payment=pay(invoice, 150_000, f"first:{number}"), reason="Bank", actor=staff)
        calls = [
            lambda invoice=invoice: write_offs.write_off(invoice=fresh(invoice), reason="x", actor=staff),
            lambda invoice=invoice, number=number: pay(fresh(invoice), 150_000, f"second:{number}"),
        ]
        random.shuffle(calls)
        refused = [outcome.error for outcome in at_once(*calls) if outcome.error]
        assert [type(error) for error in refused] in ([], [payments.PaymentRefused])
        given_up = fresh(invoice).amount_written_off
        assert (fresh(invoice).status, given_up) == ("paid", 0 if refused else 150_000)
        assert payments.credit_balance(invoice.customer) == given_up
    assert_books_agree()


def test_ten_presses_at_once_add_funds_once(invoice):
    customer = invoice.customer
    outcomes = at_once(*[lambda: funds.add(customer=customer, amount=Decimal(200_000), actor=None)] * 10)
    assert {outcome.value for outcome in outcomes} == {Invoice.objects.get(kind="add_funds")}


def test_a_deposit_is_spent_or_taken_back_and_the_books_agree_either_way(staff):
    factories.bank_account()
    customer = factories.customer(factories.user())
    invoice = funds.add(customer=customer, amount=Decimal(200_000), actor=None)
    pay(invoice, 150_000)
    second = pay(fresh(invoice), 50_000, "staff:2")
    other = unpaid_invoice(customer, 100_000)
    outcomes = at_once(
        lambda: payments.reverse(payment=fresh(second), reason="Bank", actor=staff),
        lambda: credit.spend(invoice=fresh(other), actor=None),
    )
    assert [type(outcome.error) for outcome in outcomes if outcome.error] in ([], [payments.CreditAlreadyUsed])
    assert (PaymentReversal.objects.count() == 1) == (fresh(other).status == "unpaid")
    assert_books_agree()


def test_c6_a_late_invoice_is_charged_for_once_by_ten_runs_at_once(invoice, staff):
    shop = Shop.current()
    shop.late_fee, shop.late_fee_after_days = "fixed", 1
    shop.save()
    payments.reverse(payment=pay(invoice, 150_000), reason="Bank", actor=staff)
    day = invoice.due_on + timedelta(days=1)
    outcomes = at_once(*[lambda: late_fees.charge(invoice.pk, day)] * 10)
    assert sorted(outcome.value for outcome in outcomes) == [0] * 9 + [1]
    assert Invoice.objects.filter(kind="late_fee").count() == 1
    assert CreditEntry.objects.count() == 0
    assert_books_agree()
