from decimal import Decimal

import pytest
from django.utils import timezone

from billing import lifecycle, payments, signals
from billing.models import Allocation, CreditEntry, Invoice, Payment, PromotionRedemption
from tests import factories
from tests.billing.shop import emails, place, unpaid_invoice

pytestmark = pytest.mark.django_db


def pay(customer, amount: int | str, *invoices: Invoice, cause: str = "staff:1", actor=None) -> Payment:
    return payments.record(
        customer=customer,
        amount=Decimal(amount),
        currency="IDR",
        source=Payment.Source.STAFF,
        cause=cause,
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=actor,
        invoices=invoices,
    )


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


@pytest.fixture
def heard():
    """The invoices that the signals told of."""
    told = []

    def listen(signal, **arguments):
        told.append(("paid" if signal is signals.invoice_paid else "reversed", arguments["invoice"].pk))

    for signal in (signals.invoice_paid, signals.payment_reversed):
        signal.connect(listen)
    yield told
    for signal in (signals.invoice_paid, signals.payment_reversed):
        signal.disconnect(listen)


def test_c1_an_invoice_is_paid_when_its_balance_is_zero(customer, heard):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 150_000, invoice)
    invoice = fresh(invoice)
    assert (invoice.status, invoice.balance, invoice.amount_paid) == ("paid", 0, 150_000)
    assert invoice.paid_at
    assert (invoice.order.status, invoice.order.services.get().status) == ("active", "active")
    assert payments.credit_balance(customer) == 0
    assert heard == [("paid", invoice.pk)]
    assert len(emails("payment_received")) == 2


def test_c1_what_is_left_over_becomes_credit(customer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 170_000, invoice)
    assert fresh(invoice).amount_paid == 150_000
    assert payments.credit_balance(customer) == 20_000


def test_c2_an_underpaid_invoice_is_partially_paid_and_nothing_starts(customer, heard):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 100_000, invoice)
    invoice = fresh(invoice)
    assert (invoice.status, invoice.is_partially_paid, invoice.balance) == ("unpaid", True, 50_000)
    assert (invoice.order.status, invoice.order.services.get().status) == ("pending", "pending")
    assert len(emails("partially_paid")) == 2
    assert heard == []
    pay(customer, 50_000, invoice, cause="staff:2")
    assert fresh(invoice).status == "paid"
    assert len(emails("partially_paid")) == 2


def test_c4_several_invoices_are_paid_oldest_due_first(customer):
    newer, older = unpaid_invoice(customer, 100_000), unpaid_invoice(customer, 100_000)
    Invoice.objects.filter(pk=older.pk).update(due_on="2026-01-01")
    pay(customer, 150_000, fresh(newer), fresh(older))
    assert (fresh(older).status, fresh(newer).amount_paid) == ("paid", 50_000)


def test_c5_the_same_cause_again_changes_nothing(customer):
    invoice = unpaid_invoice(customer, 150_000)
    first = pay(customer, 170_000, invoice)
    second = pay(customer, 170_000, invoice)
    assert first == second
    assert (Payment.objects.count(), Allocation.objects.count(), CreditEntry.objects.count()) == (1, 1, 1)


def test_c5_the_same_cause_with_another_amount_is_a_mistake(customer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 100_000, invoice)
    with pytest.raises(payments.CauseTaken):
        pay(customer, 150_000, invoice)
    assert fresh(invoice).amount_paid == 100_000


@pytest.mark.parametrize("amount", [0, -5, "0.5", "100000000000000"])
def test_c1_nothing_is_no_payment(customer, amount):
    with pytest.raises(payments.PaymentRefused):
        pay(customer, amount, unpaid_invoice(customer))
    assert Payment.objects.count() == 0


def test_c1_one_customers_money_never_pays_anothers_invoice(customer):
    theirs = unpaid_invoice(factories.customer(factories.user()))
    with pytest.raises(payments.PaymentRefused):
        pay(customer, 150_000, theirs)
    assert (fresh(theirs).amount_paid, Payment.objects.count()) == (0, 0)


def test_i6_money_for_a_cancelled_invoice_becomes_credit_and_staff_is_told(customer, owner):
    invoice = unpaid_invoice(customer, 150_000)
    lifecycle.cancel_order(order=invoice.order, actor=owner)
    pay(customer, 150_000, invoice)
    invoice = fresh(invoice)
    assert (invoice.status, invoice.amount_paid) == ("cancelled", 0)
    assert payments.credit_balance(customer) == 150_000
    assert len(emails("money_for_cancelled_invoice")) == 1
    assert invoice.events.filter(kind="money_after_cancel").count() == 1


def test_c1_money_for_a_paid_invoice_becomes_credit(customer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 150_000, invoice)
    pay(customer, 150_000, invoice, cause="staff:2")
    assert (fresh(invoice).amount_paid, payments.credit_balance(customer)) == (150_000, 150_000)


def test_d4_a_promotion_is_committed_when_the_order_is_paid(customer):
    factories.promotion(code="HEMAT")
    order = place(customer, factories.product(), promotion_code="HEMAT")
    pay(customer, 135_000, order.invoice)
    assert PromotionRedemption.objects.get(order=order).status == "committed"


def test_c2_staff_may_close_a_small_difference(customer, verifier):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 149_500, invoice)
    payment = payments.close_small_difference(invoice=invoice, actor=verifier)
    assert (payment.amount, payment.source, payment.recorded_by) == (500, "difference", verifier)
    assert fresh(invoice).status == "paid"


@pytest.mark.parametrize("paid", [148_999, None])
def test_c2_a_larger_difference_stays_open(customer, verifier, paid):
    invoice = unpaid_invoice(customer, 150_000 if paid else 500)
    if paid:
        pay(customer, paid, invoice)
    with pytest.raises(payments.PaymentRefused):
        payments.close_small_difference(invoice=invoice, actor=verifier)
    assert fresh(invoice).status == "unpaid"


def test_c2_a_difference_is_closed_by_those_who_verify_payments_only(customer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(customer, 149_500, invoice)
    with pytest.raises(payments.NotAllowed):
        payments.close_small_difference(invoice=invoice, actor=factories.staff())
    assert fresh(invoice).balance == 500


def test_c5_a_reversed_payment_leaves_the_invoice_unpaid_and_the_service_as_it_is(customer, verifier, heard):
    invoice = unpaid_invoice(customer, 150_000)
    payment = pay(customer, 170_000, invoice)
    payments.reverse(payment=payment, reason="Transfer dibatalkan bank", actor=verifier)
    invoice = fresh(invoice)
    assert (invoice.status, invoice.amount_paid, invoice.paid_at) == ("unpaid", 0, None)
    assert payments.credit_balance(customer) == 0
    assert invoice.order.services.get().status == "active"
    assert heard == [("paid", invoice.pk), ("reversed", invoice.pk)]
    pay(customer, 150_000, invoice, cause="staff:2")
    assert fresh(invoice).status == "paid"
    assert len(emails("payment_received")) == 4
    assert len(emails("service_active")) == 1


def test_c5_a_payment_is_reversed_once(customer, verifier):
    payment = pay(customer, 100_000, unpaid_invoice(customer, 150_000))
    payments.reverse(payment=payment, reason="Salah", actor=verifier)
    with pytest.raises(payments.AlreadyReversed) as refusal:
        payments.reverse(payment=payment, reason="Salah lagi", actor=verifier)
    assert str(verifier) in str(refusal.value)
    assert Allocation.objects.count() == 2


def test_c1_credit_that_was_spent_cannot_be_taken_back(customer, verifier):
    payment = pay(customer, 100_000)
    CreditEntry.objects.create(customer=customer, cause="spent", amount=-60_000)
    with pytest.raises(payments.CreditAlreadyUsed):
        payments.reverse(payment=payment, reason="Salah", actor=verifier)
    assert payments.credit_balance(customer) == 40_000


def test_c5_a_payment_is_reversed_by_those_who_verify_payments_only(customer, owner):
    payment = pay(customer, 100_000)
    with pytest.raises(payments.NotAllowed):
        payments.reverse(payment=payment, reason="Salah", actor=owner)
    assert payments.credit_balance(customer) == 100_000
