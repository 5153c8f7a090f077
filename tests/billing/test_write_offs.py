"""Writing off: an invoice that nobody will pay is closed, without money and without thanks."""

from datetime import date

import pytest

from billing import documents, payments, write_offs
from billing.models import Invoice, Payment
from catalog.cycles import Cycle
from tests import factories
from tests.billing.shop import emails, unpaid_invoice
from tests.billing.test_crediting import assert_the_books_agree, fresh, pay
from tests.billing.years import active_order, on, run
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED, INVOICED, LATE = date(2026, 1, 10), date(2026, 1, 27), date(2026, 2, 20)


@pytest.fixture
def accountant(db):
    return factories.staff(write_offs.WRITE_OFF)


@pytest.fixture
def renewal(customer):
    factories.bank_account()
    active_order(customer, ORDERED, factories.product(prices={Cycle.MONTHLY: 150_000}))
    run(INVOICED)
    return renewals_of(customer)[0]


def test_what_is_written_off_is_closed_without_money_email_or_suspension(customer, renewal, accountant):
    told = len(emails("payment_received"))
    with on(LATE):
        payment = write_offs.write_off(invoice=renewal, reason="Pelanggan bangkrut", actor=accountant)
        run(LATE)
    renewal = fresh(renewal)
    assert (renewal.status, renewal.balance, renewal.amount_written_off) == ("paid", 0, 150_000)
    assert (payment.source, payment.amount, documents.received(renewal)) == ("write_off", 150_000, 0)
    assert len(emails("payment_received")) == told
    service = customer.services.get()
    assert (service.status, service.next_due > LATE) == ("active", True)
    assert payments.credit_balance(customer) == 0
    assert_the_books_agree()


def test_a_suspended_service_stays_suspended(customer, renewal, accountant):
    run(LATE)
    assert customer.services.get().status == "suspended"
    with on(LATE):
        write_offs.write_off(invoice=renewal, reason="Pelanggan bangkrut", actor=accountant)
    assert (fresh(renewal).status, customer.services.get().status) == ("paid", "suspended")


def test_the_rest_of_a_partly_paid_invoice_is_written_off(renewal, accountant):
    pay(renewal, 100_000)
    write_offs.write_off(invoice=fresh(renewal), reason="Selisih", actor=accountant)
    assert (fresh(renewal).amount_written_off, documents.received(fresh(renewal))) == (50_000, 100_000)
    assert_the_books_agree()


def test_a_write_off_is_taken_back_like_a_payment(renewal, accountant, verifier):
    payment = write_offs.write_off(invoice=renewal, reason="Keliru", actor=accountant)
    payments.reverse(payment=payment, reason="Masih akan dibayar", actor=verifier)
    assert (fresh(renewal).status, fresh(renewal).balance, fresh(renewal).amount_written_off) == ("unpaid", 150_000, 0)
    assert_the_books_agree()
    again = write_offs.write_off(invoice=fresh(renewal), reason="Tidak dibayar", actor=accountant)
    assert again != payment


def test_only_who_may_and_only_with_a_reason(renewal, accountant):
    with pytest.raises(payments.NotAllowed):
        write_offs.write_off(invoice=renewal, reason="x", actor=factories.staff())
    with pytest.raises(payments.PaymentRefused):
        write_offs.write_off(invoice=renewal, reason=" ", actor=accountant)
    assert (fresh(renewal).status, Payment.objects.filter(source="write_off").count()) == ("unpaid", 0)


def test_a_pending_order_is_cancelled_rather_than_written_off(customer, accountant):
    invoice = unpaid_invoice(customer)
    with pytest.raises(payments.PaymentRefused):
        write_offs.write_off(invoice=invoice, reason="x", actor=accountant)
    assert (fresh(invoice).status, invoice.order.services.get().status) == ("unpaid", "pending")


@pytest.mark.parametrize("kind", ["add_funds", "change"])
def test_what_nobody_owes_is_not_written_off(renewal, accountant, kind):
    Invoice.objects.filter(pk=renewal.pk).update(kind=kind)
    with pytest.raises(payments.PaymentRefused):
        write_offs.write_off(invoice=renewal, reason="x", actor=accountant)
    assert fresh(renewal).status == "unpaid"
