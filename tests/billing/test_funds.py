"""Adding funds: an invoice whose payment is credit (C3)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Shop
from billing import credit, crediting, funds, payments, reminders
from billing.models import CreditEntry, CreditNote, Invoice
from tests import factories
from tests.billing.shop import emails, unpaid_invoice
from tests.billing.test_crediting import assert_the_books_agree, fresh, pay

pytestmark = pytest.mark.django_db


def add(customer, amount: int = 200_000) -> Invoice:
    return funds.add(customer=customer, amount=Decimal(amount), actor=customer.users.first())


def test_c3_added_funds_carry_no_tax_and_are_credit_when_paid(customer, ppn):
    invoice = add(customer)
    assert (invoice.status, invoice.total, invoice.tax, invoice.kind) == ("unpaid", 200_000, 0, "add_funds")
    payment = pay(invoice, 200_000)

    assert (fresh(invoice).status, payments.credit_balance(customer)) == ("paid", 200_000)
    entry = CreditEntry.objects.get()
    assert (entry.payment, entry.invoice, entry.note) == (payment, invoice, invoice.number)
    assert len(emails("payment_received")) == 1
    assert_the_books_agree()


def test_each_payments_part_is_credit_once_all_is_paid(customer):
    invoice = add(customer)
    pay(invoice, 150_000)
    assert payments.credit_balance(customer) == 0
    assert_the_books_agree()
    pay(fresh(invoice), 70_000, "staff:2")
    assert list(CreditEntry.objects.order_by("amount").values_list("amount", flat=True)) == [20_000, 50_000, 150_000]
    assert_the_books_agree()


def test_c3_credit_never_adds_funds(customer):
    pay(add(customer), 200_000)
    other = add(customer, 100_000)
    with pytest.raises(credit.CannotUse):
        credit.use(invoice=other, actor=customer.users.first())
    assert (fresh(other).amount_paid, payments.credit_balance(customer)) == (0, 200_000)


def test_added_funds_pay_an_invoice(customer):
    pay(add(customer), 200_000)
    invoice = unpaid_invoice(customer, 150_000)
    assert credit.use(invoice=invoice, actor=customer.users.first()) == 150_000
    assert (fresh(invoice).status, payments.credit_balance(customer)) == ("paid", 50_000)
    assert_the_books_agree()


def test_two_presses_are_one_wish(customer):
    assert add(customer) == add(customer)
    assert Invoice.objects.count() == 1
    assert add(customer, 300_000) != add(customer)


@pytest.mark.parametrize("amount", [49_999, 50_000_001, 0, -1])
def test_no_less_and_no_more_than_the_shop_allows(customer, amount):
    with pytest.raises(funds.CannotAdd):
        add(customer, amount)
    assert Invoice.objects.count() == 0


def test_a_payment_that_is_taken_back_takes_the_deposit_along(customer, verifier):
    invoice = add(customer)
    first = pay(invoice, 150_000)
    pay(fresh(invoice), 50_000, "staff:2")
    payments.reverse(payment=first, reason="Bank", actor=verifier)

    invoice = fresh(invoice)
    assert (invoice.status, invoice.amount_paid, payments.credit_balance(customer)) == ("unpaid", 50_000, 0)
    assert_the_books_agree()
    pay(invoice, 150_000, "staff:3")
    assert payments.credit_balance(customer) == 200_000
    assert_the_books_agree()


def test_where_another_payments_deposit_is_spent_nothing_is_taken_back(customer, verifier):
    invoice = add(customer)
    pay(invoice, 150_000)
    second = pay(fresh(invoice), 50_000, "staff:2")
    credit.spend(invoice=unpaid_invoice(customer, 120_000), actor=None)
    with pytest.raises(payments.CreditAlreadyUsed):
        payments.reverse(payment=second, reason="Bank", actor=verifier)
    assert (fresh(invoice).status, payments.credit_balance(customer)) == ("paid", 80_000)
    assert_the_books_agree()


def test_what_is_credit_already_is_not_credited_again(customer):
    invoice = add(customer)
    pay(invoice, 200_000)
    with pytest.raises(crediting.CannotCredit):
        crediting.credit(
            invoice=fresh(invoice), amounts={invoice.lines.get().pk: Decimal(1)}, reason="x", cause="x", actor=None
        )
    assert (CreditNote.objects.count(), payments.credit_balance(customer)) == (0, 200_000)


def test_a_small_difference_is_never_credit(customer, verifier):
    invoice = add(customer)
    pay(invoice, 199_500)
    with pytest.raises(payments.PaymentRefused):
        payments.close_small_difference(invoice=fresh(invoice), actor=verifier)
    assert (fresh(invoice).status, payments.credit_balance(customer)) == ("unpaid", 0)


def test_nobody_is_reminded_of_what_they_do_not_owe_and_it_is_cancelled_in_time(customer):
    invoice = add(customer)
    Invoice.objects.update(created_at=timezone.now() - timedelta(days=3))
    after = invoice.due_on + timedelta(days=Shop.current().cancel_unpaid_after_days)
    assert reminders.remind_due(after).sent == 0
    assert funds.cancel_forgotten(after - timedelta(days=1)).cancelled == 0
    assert funds.cancel_forgotten(after).cancelled == 1
    assert fresh(invoice).status == "cancelled"
    assert funds.cancel_forgotten(after).cancelled == 0


def test_the_customer_drops_what_they_wanted_to_add_but_no_other_invoice(customer):
    invoice, owed = add(customer), unpaid_invoice(customer)
    funds.drop(invoice=invoice, actor=customer.users.first())
    with pytest.raises(Exception, match="tidak dapat menjadi"):
        funds.drop(invoice=owed, actor=customer.users.first())
    assert (fresh(invoice).status, fresh(owed).status) == ("cancelled", "unpaid")


def test_one_customers_wish_is_not_anothers(customer):
    assert add(customer) != add(factories.customer(factories.user()))
