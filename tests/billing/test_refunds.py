"""Refunds: credit that goes back to the customer's bank account."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from billing import books, crediting, ledger, payments, refunds, uploads
from billing.models import CreditEntry, CreditNote, PaymentReversal, Refund
from tests import factories
from tests.billing.shop import emails, picture, unpaid_invoice
from tests.billing.test_crediting import assert_the_books_agree, fresh, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(db):
    return factories.staff(refunds.PAY, crediting.ISSUE)


def transfer(**fields) -> refunds.Transfer:
    defaults = {
        "paid_on": timezone.localdate(),
        "bank": "BCA",
        "number": "0123456789",
        "holder": "PT Contoh",
        "proof": uploads.accept(picture()),
    }
    return refunds.Transfer(**{**defaults, **fields})


def pay_out(customer, amount: int, actor, cause: str = "staff:1", **fields) -> Refund:
    arguments = {"transfer": transfer(), "reason": "Diminta pelanggan", "cause": cause, "actor": actor, **fields}
    return refunds.pay_out(customer=customer, amount=Decimal(amount), **arguments)


@pytest.fixture
def rich(customer):
    """170.000 and 30.000 came in for an invoice of 150.000: 20.000 of the first are credit, and all of the second."""
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 170_000)
    pay(fresh(invoice), 30_000, "staff:2")
    return customer


def stored() -> list[str]:
    return default_storage.listdir("refunds")[1] if default_storage.exists("refunds") else []


def test_credit_is_paid_out_from_the_oldest_payment_first(rich, payer):
    first, second = [pk for pk, _amount in books.left_by_payment(rich.pk, "IDR")]
    refund = pay_out(rich, 35_000, payer)

    assert payments.credit_balance(rich) == 15_000
    assert books.left_by_payment(rich.pk, "IDR") == [(second, 15_000)]
    taken = CreditEntry.objects.filter(refund=refund)
    assert list(taken.values_list("payment", "amount")) == [(first, -20_000), (second, -15_000)]
    assert (refund.recorded_by, refund.name, len(stored())) == (payer, "bukti.png", 1)
    assert [email.to for email in emails("refund_paid")] == [rich.billing_email]
    assert_the_books_agree()
    assert [str(one) for one in ledger.verify({"V9": ledger.CHECKS["V9"]})] == []


@pytest.mark.parametrize("amount", [0, -1, 50_001])
def test_no_more_than_there_is_and_no_less_than_something(rich, payer, amount):
    with pytest.raises(refunds.CannotRefund):
        pay_out(rich, amount, payer)
    assert (Refund.objects.count(), payments.credit_balance(rich), stored()) == (0, 50_000, [])


def test_a_refund_needs_permission_a_reason_and_a_transfer_that_was_made(rich, payer):
    with pytest.raises(payments.NotAllowed):
        pay_out(rich, 1_000, factories.staff())
    with pytest.raises(refunds.CannotRefund):
        pay_out(rich, 1_000, payer, reason=" ")
    with pytest.raises(refunds.CannotRefund):
        pay_out(rich, 1_000, payer, transfer=transfer(paid_on=timezone.localdate() + timedelta(days=1)))
    assert (Refund.objects.count(), payments.credit_balance(rich), stored()) == (0, 50_000, [])


def test_c5_the_same_cause_again_changes_nothing(rich, payer):
    first = pay_out(rich, 20_000, payer)
    assert pay_out(rich, 20_000, payer) == first
    with pytest.raises(refunds.CannotRefund):
        pay_out(rich, 30_000, payer)
    assert (Refund.objects.count(), payments.credit_balance(rich)) == (1, 30_000)
    assert len(emails("refund_paid")) == 1


def test_a_payment_that_was_paid_out_is_not_taken_back(rich, payer, verifier):
    refund = pay_out(rich, 10_000, payer)
    payment = refund.credit_entries.get().payment
    with pytest.raises(payments.CreditAlreadyUsed):
        payments.reverse(payment=payment, reason="Bank", actor=verifier)
    assert (payments.credit_balance(rich), PaymentReversal.objects.count()) == (40_000, 0)
    assert_the_books_agree()


def test_a_note_and_its_refund_are_made_in_one_step(customer, payer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 150_000)
    amounts = crediting.left_of(invoice)
    arguments = {"amounts": amounts, "transfer": transfer(), "reason": "Batal", "cause": "staff:x", "actor": payer}
    refund = refunds.credit_and_pay_out(invoice=invoice, **arguments)

    assert (refund.amount, refund.credit_note.total, fresh(invoice).status) == (150_000, 150_000, "refunded")
    assert payments.credit_balance(customer) == 0
    assert refunds.credit_and_pay_out(invoice=invoice, **arguments) == refund
    assert (Refund.objects.count(), CreditNote.objects.count()) == (1, 1)
    assert_the_books_agree()


def test_where_no_money_comes_back_neither_note_nor_refund_is_made(customer, payer):
    invoice = unpaid_invoice(customer, 150_000)
    amounts = {invoice.lines.get().pk: Decimal(10_000)}
    with pytest.raises(refunds.CannotRefund):
        refunds.credit_and_pay_out(
            invoice=invoice, amounts=amounts, transfer=transfer(), reason="Batal", cause="staff:x", actor=payer
        )
    assert (CreditNote.objects.count(), Refund.objects.count(), stored()) == (0, 0, [])
    assert fresh(invoice).amount_credited == 0
