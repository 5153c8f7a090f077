import pytest

from billing import attempts, credit, payments, paymethods, transitions
from billing.models import Invoice, PaymentAttempt
from tests import factories
from tests.billing.shop import confirm, place
from tests.billing_attempts.pretend import invoice_by, method_of

pytestmark = pytest.mark.django_db

Status, Job = PaymentAttempt.Status, PaymentAttempt.Job


def test_an_order_by_a_payment_page_has_its_attempt_when_the_invoice_is_shown(invoice, attempt):
    assert (attempt.status, attempt.job, attempt.amount, attempt.currency) == (Status.QUEUED, Job.START, 150_000, "IDR")
    assert attempt.order_id.startswith(f"{invoice.slug}-")
    assert [(event.kind, event.to_status) for event in attempt.events.all()] == [("created", "queued")]


def test_an_order_by_virtual_account_waits_for_the_choice_of_a_bank(customer, va):
    assert not invoice_by(va, customer).payment_attempts.exists()


def test_an_order_that_costs_nothing_or_is_transferred_begins_none(customer, page):
    place(customer, factories.product(), method=factories.bank_account().method)
    assert not PaymentAttempt.objects.exists()


def test_beginning_again_goes_on_with_the_same(invoice, attempt):
    assert attempts.begin(invoice=invoice, actor=None) == attempt
    assert PaymentAttempt.objects.count() == 1


def test_another_bank_closes_the_first_account(customer, va):
    invoice = invoice_by(va, customer)
    first = attempts.begin(invoice=invoice, channel="bca", actor=None)
    second = attempts.begin(invoice=invoice, channel="mandiri", actor=None)
    first.refresh_from_db()
    assert (first.status, first.job, second.status) == (Status.CANCELLED, Job.NONE, Status.QUEUED)
    assert attempts.latest(invoice) == second


def test_what_the_provider_knows_is_closed_there_too(invoice, attempt):
    PaymentAttempt.objects.filter(pk=attempt.pk).update(status=Status.OPEN, job=Job.ASK)
    attempt.refresh_from_db()
    attempts.cancel(attempt, actor=None)
    assert (attempt.status, attempt.job) == (Status.CANCELLED, Job.CLOSE)


@pytest.mark.parametrize("channel", ["", "bni", "BCA"])
def test_a_bank_that_is_not_offered_is_refused(customer, va, channel):
    invoice = invoice_by(va, customer)
    with pytest.raises(attempts.CannotStart, match="Pilih salah satu bank"):
        attempts.begin(invoice=invoice, channel=channel, actor=None)
    assert not PaymentAttempt.objects.exists()


def test_a_payment_page_has_no_bank_to_choose(invoice, attempt):
    with pytest.raises(attempts.CannotStart, match="Pilih salah satu bank"):
        attempts.begin(invoice=invoice, channel="bca", actor=None)
    assert PaymentAttempt.objects.get() == attempt


def test_an_invoice_that_waits_for_no_payment_begins_none(customer, page):
    invoice = place(customer, factories.product(), method=method_of(page)).invoice
    transitions.move(invoice, Invoice.Status.CANCELLED, actor=None)
    with pytest.raises(attempts.CannotStart, match="tidak lagi menunggu"):
        attempts.begin(invoice=invoice, actor=None)
    assert PaymentAttempt.objects.get().invoice == invoice


def test_nothing_begins_while_a_confirmation_is_verified(customer, page):
    account = factories.bank_account()
    invoice = place(customer, factories.product(), method=account.method).invoice
    confirm(invoice)
    invoice.payment_method = method_of(page)
    invoice.save()
    with pytest.raises(attempts.CannotStart, match="sedang diperiksa"):
        attempts.begin(invoice=invoice, actor=None)
    assert not PaymentAttempt.objects.exists()


def test_a_method_without_its_keys_is_not_offered_and_begins_none(customer, page, monkeypatch):
    method = method_of(page)
    assert method in paymethods.active()
    invoice = place(customer, factories.product(), method=method).invoice
    PaymentAttempt.objects.all().delete()
    monkeypatch.setattr("billing.gateways.is_open", lambda provider: False)
    assert method not in paymethods.active()
    with pytest.raises(attempts.CannotStart, match="tidak lagi tersedia"):
        attempts.begin(invoice=invoice, actor=None)
    transferred = place(customer, factories.product(), method=factories.bank_account().method).invoice
    with pytest.raises(paymethods.CannotChoose):
        paymethods.choose(invoice=transferred, method=method, actor=None)
    assert not PaymentAttempt.objects.exists()


def test_an_attempt_that_asks_for_what_is_no_longer_due_is_closed_by_the_sweep(customer, page, va):
    method = method_of(page)
    fine, paid, part_paid, cancelled, moved = (
        place(customer, factories.product(), method=method).invoice for _ in range(5)
    )
    for invoice, amount in ((paid, 150_000), (part_paid, 40_000)):
        payments.record(
            customer=customer, amount=amount, currency="IDR", source="staff", cause=f"staff:{invoice.pk}", method=None,
            received_on=invoice.issued_on, reference="", actor=None, invoices=[invoice],
        )  # fmt: skip
    transitions.move(cancelled, Invoice.Status.CANCELLED, actor=None)
    paymethods.choose(invoice=moved, method=method_of(va), actor=None)
    assert attempts.cancel_stale() == 4
    assert list(PaymentAttempt.objects.live().values_list("invoice", flat=True)) == [fine.pk]
    assert attempts.cancel_stale() == 0


def test_a_partly_paid_invoice_gets_an_attempt_for_the_rest(invoice, attempt, customer):
    payments.record(
        customer=customer, amount=40_000, currency="IDR", source="staff", cause="staff:1", method=None,
        received_on=invoice.issued_on, reference="", actor=None,
    )  # fmt: skip
    credit.use(invoice=invoice, actor=customer.users.first())
    again = attempts.begin(invoice=invoice, actor=None)
    attempt.refresh_from_db()
    assert (again.amount, attempt.status) == (110_000, Status.CANCELLED)


def test_an_order_id_fits_the_provider_however_long_the_invoices_number_is():
    invoice = Invoice(number="INV/" + "9" * 80, slug="INV-" + "9" * 80)
    made = {attempts.new_order_id(invoice) for _ in range(200)}
    assert len(made) == 200
    assert {len(one) for one in made} == {50}
