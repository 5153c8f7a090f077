"""T6: a company keeps PPh 23 back; staff verifies its slip, and the invoice is settled without that money coming in."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Customer
from billing import confirmations, ledger, payments, withholding
from billing.models import Allocation, CreditEntry, Invoice, Payment, PaymentConfirmation, ProofFile, Service
from tests import factories
from tests.billing.shop import confirm, emails, picture, place, rupiah

pytestmark = pytest.mark.django_db


def services_invoice(customer: Customer, **order) -> Invoice:
    """Rp1.000.000 of services that PPh 23 applies to, and PPN."""
    product = factories.product(prices={"monthly": 1_000_000}, pph23=True)
    return place(customer, product, **order).invoice


@pytest.fixture
def invoice(customer, account, ppn) -> Invoice:
    return services_invoice(customer)


def state_what_is_withheld(invoice: Invoice, amount: int = 1_090_000, **fields) -> PaymentConfirmation:
    slips = [picture("navy", name="bukti-potong.png")]
    return confirm(invoice, amount=rupiah(amount), withholds=True, withholding_slips=slips, **fields)


def approve(confirmation: PaymentConfirmation, amount: int, verifier) -> Invoice:
    confirmations.approve(confirmation=confirmation, amount=rupiah(amount), actor=verifier)
    return Invoice.objects.get(pk=confirmation.invoice_id)


def test_t6_two_percent_of_the_net_without_ppn_are_kept_back(invoice):
    assert (invoice.subtotal, invoice.tax, invoice.total) == (1_000_000, 110_000, 1_110_000)
    assert withholding.claimable(invoice) == 20_000
    assert invoice.balance - withholding.claimable(invoice) == 1_090_000


def test_t6_the_discount_lowers_it_and_other_lines_do_not_count(customer, account, ppn):
    flagged = factories.product(prices={"monthly": 1_000_000}, pph23=True)
    factories.promotion(code="HEMAT10")
    both = place(customer, flagged, factories.product(), promotion_code="HEMAT10").invoice
    assert withholding.claimable(both) == 18_000


def test_t6_it_is_a_settlement_of_its_own_kind_and_no_discount(invoice, verifier):
    paid = approve(state_what_is_withheld(invoice), 1_090_000, verifier)
    assert (paid.status, paid.total, paid.discount, paid.amount_withheld) == ("paid", 1_110_000, 0, 20_000)
    settled = list(Payment.objects.order_by("pk").values_list("source", "amount"))
    assert settled == [("withholding", 20_000), ("confirmation", 1_090_000)]
    assert Service.objects.get().status == Service.Status.ACTIVE
    assert not CreditEntry.objects.exists()
    assert list(ledger.verify()) == []


def test_t6_the_slip_is_kept_beside_the_proof(invoice):
    confirmation = state_what_is_withheld(invoice)
    assert confirmation.withheld == 20_000
    assert list(confirmation.proofs.values_list("kind", "name")) == [
        (ProofFile.Kind.TRANSFER, "bukti.png"),
        (ProofFile.Kind.WITHHOLDING, "bukti-potong.png"),
    ]


def test_t6_the_customer_hears_of_one_payment_and_of_nothing_missing(invoice, verifier):
    approve(state_what_is_withheld(invoice), 1_090_000, verifier)
    assert emails("partially_paid") == []
    assert len(emails("payment_received")) == 2


def test_t6_a_transfer_that_is_short_as_well_asks_for_the_rest_only(invoice, verifier):
    short = approve(state_what_is_withheld(invoice), 1_000_000, verifier)
    assert (short.status, short.balance) == ("unpaid", 90_000)
    assert len(emails("partially_paid")) == 2
    assert withholding.claimable(short) == 0


def test_t6_a_rejected_slip_settles_nothing(invoice, verifier):
    confirmations.reject(confirmation=state_what_is_withheld(invoice), reason="Bukti potong buram", actor=verifier)
    invoice.refresh_from_db()
    assert (invoice.amount_withheld, Payment.objects.count()) == (0, 0)
    assert withholding.claimable(invoice) == 20_000


def test_t6_without_a_slip_nothing_is_taken_in(invoice):
    with pytest.raises(ValidationError) as refusal:
        confirm(invoice, amount=rupiah(1_090_000), withholds=True)
    assert set(refusal.value.message_dict) == {"withholding_slips"}
    assert not PaymentConfirmation.objects.exists()


def test_t6_whoever_keeps_it_back_cannot_have_sent_it_too(invoice):
    with pytest.raises(ValidationError) as refusal:
        state_what_is_withheld(invoice, amount=1_110_000)
    assert refusal.value.message_dict == {
        "amount": ["Setelah dipotong PPh 23, jumlah transfer paling banyak Rp1.090.000."]
    }
    assert not PaymentConfirmation.objects.exists()


def test_t6_people_keep_nothing_back(owner, account, ppn):
    person = factories.customer(owner, kind=Customer.Kind.PERSON)
    invoice = services_invoice(person)
    assert withholding.claimable(invoice) == 0
    with pytest.raises(confirmations.NothingToWithhold):
        state_what_is_withheld(invoice)
    assert not PaymentConfirmation.objects.exists()


def test_t6_what_pph23_does_not_apply_to_is_paid_in_full(customer, account, ppn):
    assert withholding.claimable(place(customer, factories.product()).invoice) == 0


def test_t6_when_the_invoice_was_paid_another_way_meanwhile_the_transfer_alone_is_credit(invoice, customer, verifier):
    confirmation = state_what_is_withheld(invoice)
    payments.record(
        customer=customer,
        amount=invoice.total,
        currency="IDR",
        source=Payment.Source.GATEWAY,
        cause="gateway:1",
        method=None,
        received_on=invoice.issued_on,
        reference="",
        actor=None,
        invoices=[invoice],
    )
    paid = approve(confirmation, 1_090_000, verifier)
    assert (paid.amount_paid, paid.amount_withheld) == (1_110_000, 0)
    assert payments.credit_balance(customer) == 1_090_000
    assert list(ledger.verify()) == []


def settle(invoice: Invoice, verifier, cause: str = "staff:withheld:1", amount: int = 20_000) -> Payment:
    return payments.record_withheld(
        invoice=invoice,
        amount=rupiah(amount),
        cause=cause,
        received_on=invoice.issued_on,
        reference="BP-0001",
        actor=verifier,
    )


def test_t6_a_slip_that_comes_after_the_transfer_closes_the_invoice(invoice, verifier):
    partly = approve(confirm(invoice, amount=rupiah(1_090_000)), 1_090_000, verifier)
    assert (partly.status, withholding.claimable(partly)) == ("unpaid", 20_000)
    settle(partly, verifier)
    partly.refresh_from_db()
    assert (partly.status, partly.amount_withheld) == ("paid", 20_000)
    assert Service.objects.get().status == Service.Status.ACTIVE


def test_c5_one_cause_settles_once_and_another_is_refused(invoice, verifier):
    assert settle(invoice, verifier) == settle(invoice, verifier)
    with pytest.raises(payments.PaymentRefused):
        settle(invoice, verifier, cause="staff:withheld:2")
    invoice.refresh_from_db()
    assert (invoice.amount_paid, invoice.amount_withheld, Allocation.objects.count()) == (20_000, 20_000, 1)


def test_t6_more_than_is_left_to_pay_is_refused(invoice, verifier):
    with pytest.raises(payments.PaymentRefused):
        settle(invoice, verifier, amount=1_110_001)
    assert not Payment.objects.exists()


def test_c5_a_slip_that_proves_false_is_taken_back(invoice, verifier):
    paid = approve(state_what_is_withheld(invoice), 1_090_000, verifier)
    withheld = Payment.objects.get(source=Payment.Source.WITHHOLDING)
    payments.reverse(payment=withheld, reason="Bukti potong palsu", actor=verifier)
    paid.refresh_from_db()
    assert (paid.status, paid.amount_withheld, paid.balance) == ("unpaid", 0, 20_000)
    assert list(ledger.verify()) == []
