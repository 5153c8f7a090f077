"""Refunds through each provider that gives back: down, refused, answered late, told by its own call."""

from decimal import Decimal

import pytest
from django.utils import timezone

from billing import attempts, crediting, gateways, ledger, provider_refunds, refunds
from billing.attempts import refunding
from billing.models import PaymentAttempt, ProviderRefund, Refund
from billing.payments import credit_balance
from tests import factories
from tests.billing.shop import TEMPLATES, register_missing_emails
from tests.billing_attempts.pretend import invoice_by

register_missing_emails(TEMPLATES)
pytestmark = pytest.mark.django_db

Status = ProviderRefund.Status
each_gateway = pytest.mark.parametrize("code", ["midtrans_snap", "xendit_invoice"])


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch):
    """The shop gives an answer up after half a second."""
    wire_for = refunding.wire_for

    def impatient(attempt, kind):
        wire = wire_for(attempt, kind)
        wire.read_seconds = 0.5
        return wire

    monkeypatch.setattr(refunding, "wire_for", impatient)


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def notify(client, at_once):
    def deliver(path, body, headers):
        sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        with at_once():
            return client.post(path, body, content_type="application/json", **sent).status_code

    return deliver


@pytest.fixture
def payer(db):
    return factories.staff(refunds.PAY, crediting.ISSUE)


@pytest.fixture
def paid(providers, customer, at_once):
    """An order that was paid through the gateway, and the fake provider."""

    def pay(code: str, channel: str = "", method: str = "gopay"):
        with at_once():
            invoice = invoice_by(gateways.named(code), customer)
            if channel:
                attempts.begin(invoice=invoice, channel=channel, actor=None)
        attempt = invoice.payment_attempts.get()
        if code == "midtrans_snap":
            providers.midtrans.choose_for(attempt.order_id, method)
        fake = getattr(providers, attempt.provider)
        fake.pay(attempt.order_id)
        providers.deliver()
        invoice.refresh_from_db()
        assert invoice.status == "paid"
        return invoice, fake

    return pay


@pytest.fixture
def ask(payer):
    """Staff credits a part of the invoice and has it sent back; no worker was told."""

    def credited(invoice, amount: int = 50_000, cause: str = "staff:1") -> ProviderRefund:
        line = invoice.lines.get()
        [made] = provider_refunds.credit_and_send_back(
            invoice=invoice, amounts={line.pk: Decimal(amount)}, reason="Sebagian batal", cause=cause, actor=payer
        )
        agree()
        return made

    return credited


def agree() -> None:
    assert [str(breach) for breach in ledger.verify()] == []


def work(refund: ProviderRefund) -> str:
    ProviderRefund.objects.filter(pk=refund.pk).update(due_at=timezone.now())
    refunding.run(refund.pk)
    refund.refresh_from_db()
    agree()
    return refund.status


def gone(fake, invoice) -> Decimal:
    """What the fake really sent back."""
    attempt = invoice.payment_attempts.get()
    if attempt.provider == "midtrans":
        return fake.transactions[attempt.order_id].refunded
    return sum((Decimal(str(one["amount"])) for one in fake.refunds), Decimal(0))


@each_gateway
def test_a_part_goes_back_and_its_own_report_surprises_nobody(providers, paid, ask, customer, code):
    invoice, fake = paid(code)
    refund = ask(invoice)
    assert work(refund) == Status.DONE
    assert set(providers.deliver()) <= {200}
    attempt = invoice.payment_attempts.get()
    assert (attempt.status, attempt.refunded) == (PaymentAttempt.Status.PAID, 50_000)
    assert (gone(fake, invoice), credit_balance(customer), Refund.objects.get().amount) == (50_000, 0, 50_000)
    assert attempt.messages.filter(kind="refund").count() >= 1
    # And the rest.
    assert work(ask(invoice, 100_000, "staff:2")) == Status.DONE
    assert (gone(fake, invoice), Refund.objects.count()) == (150_000, 2)


@each_gateway
@pytest.mark.parametrize("trouble", [{"down": True}, {"refuse": 9}, {"lost": True}])
def test_a_provider_in_trouble_sends_it_once_when_it_is_back(paid, ask, customer, code, trouble):
    invoice, fake = paid(code)
    fake.switches.turn(**trouble)
    refund = ask(invoice)
    assert (work(refund), credit_balance(customer)) == (Status.QUEUED, 0)
    assert refund.error
    fake.switches.reset()
    assert work(refund) == Status.DONE
    assert (gone(fake, invoice), Refund.objects.count(), credit_balance(customer)) == (50_000, 1, 0)


@each_gateway
def test_an_answer_that_comes_too_late_is_found_by_asking(paid, ask, code):
    invoice, fake = paid(code)
    refund = ask(invoice)
    fake.switches.turn(slow=1)
    assert work(refund) == Status.QUEUED
    fake.switches.reset()
    assert work(refund) == Status.DONE
    assert (gone(fake, invoice), Refund.objects.count()) == (50_000, 1)


@each_gateway
def test_what_the_dashboard_sent_back_already_is_refused_and_the_credit_returns(paid, ask, customer, code):
    invoice, fake = paid(code)
    refund = ask(invoice, 120_000)
    attempt = invoice.payment_attempts.get()
    fake.switches.turn(notify="never")
    with fake.lock:
        if attempt.provider == "midtrans":
            fake.refund(attempt.order_id, 40_000)
        else:
            fake.give_back(fake.invoice(attempt.provider_id), Decimal(40_000), "", "OTHERS")
    assert work(refund) == Status.REFUSED
    assert refund.error
    assert (gone(fake, invoice), credit_balance(customer), Refund.objects.count()) == (40_000, 120_000, 0)


def test_a_way_of_paying_that_cannot_be_undone_is_refused_in_words(paid, ask, customer):
    invoice, fake = paid("midtrans_snap", method="bank_transfer")
    refund = ask(invoice)
    assert work(refund) == Status.REFUSED
    assert "Kembalikan dengan transfer" in refund.error
    assert (gone(fake, invoice), credit_balance(customer)) == (0, 50_000)


def test_virtual_accounts_are_not_offered(paid, customer):
    invoice, _fake = paid("midtrans_va", "bca")
    assert provider_refunds.of_invoice(invoice) == []
