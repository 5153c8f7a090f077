"""A provider that fails while somebody orders, money that comes too late, and five notifications in every order."""

from functools import partial
from itertools import permutations

import pytest
from django.db import transaction

from billing import attempts, gateways, transitions
from billing.attempts import working
from billing.gateways.wire import Wire
from billing.ledger import verify
from billing.models import Invoice, Payment, PaymentAttempt, Service
from billing.payments import credit_balance
from tests.billing.shop import TEMPLATES, emails, register_missing_emails
from tests.billing_attempts.pretend import invoice_by

register_missing_emails(TEMPLATES)
pytestmark = pytest.mark.django_db

EVENTS = ("pending", "settlement", "expire", "cancel", "deny")


def begun(customer, code: str) -> PaymentAttempt:
    """An attempt that its provider opened."""
    gateway = gateways.named(code)
    invoice = invoice_by(gateway, customer)
    attempt = attempts.begin(invoice=invoice, channel="bca" if gateway.channels else "", actor=None)
    working.run(attempt.pk)
    attempt.refresh_from_db()
    assert (attempt.status, attempt.error) == ("open", "")
    return attempt


def ends(attempt: PaymentAttempt) -> tuple[str, str, int]:
    attempt.refresh_from_db()
    attempt.invoice.refresh_from_db()
    return attempt.status, attempt.invoice.status, Payment.objects.count()


@pytest.mark.parametrize("first", EVENTS)
def test_all_orders_of_five_notifications_end_paid_once(providers, client, customer, first):
    """All 120 are signed by Midtrans and all but one late: its status says that the payment is settled."""
    midtrans = providers.midtrans
    attempt = begun(customer, "midtrans_va")
    midtrans.switches.turn(notify="never")
    midtrans.pay(attempt.order_id)
    calls = {event: midtrans.notification(attempt.order_id, transaction_status=event) for event in EVENTS}
    orders = [order for order in permutations(EVENTS) if order[0] == first]
    assert len(orders) == 24
    for order in orders:
        with transaction.atomic():
            for event in order:
                body, headers = calls[event]
                answer = client.post("/webhooks/midtrans/", body, content_type="application/json", headers=headers)
                assert answer.status_code == 200
                working.run(attempt.pk)
            assert ends(attempt) == ("paid", "paid", 1), order
            assert [service.status for service in customer.services.all()] == [Service.Status.ACTIVE], order
            assert len({email.to for email in emails("payment_received")}) == len(emails("payment_received")), order
            assert list(verify()) == [], order
            transaction.set_rollback(True)


@pytest.mark.parametrize("trouble", [{"down": True}, {"slow": 1.0}, {"refuse": 3}, {"lost": True}])
@pytest.mark.parametrize("code", ["midtrans_snap", "xendit_invoice"])
def test_an_order_completes_while_its_provider_fails_and_is_paid_when_it_is_back(
    providers, customer, code, trouble, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(working, "Wire", partial(Wire, read_seconds=0.3))
    provider = getattr(providers, code.partition("_")[0])
    provider.switches.turn(**trouble)
    with django_capture_on_commit_callbacks(execute=True):
        invoice = invoice_by(gateways.named(code), customer)
    attempt = invoice.payment_attempts.get()
    assert (invoice.status, attempt.status, attempt.job) == ("unpaid", "queued", "start")
    assert attempt.error
    provider.switches.reset()
    # A start whose answer was lost is begun once more under another number.
    for _ in range(2):
        PaymentAttempt.objects.update(due_at=attempt.created_at)
        working.run(attempt.pk)
    attempt.refresh_from_db()
    assert (attempt.status, attempt.error) == ("open", "")
    if code == "midtrans_snap":
        provider.choose_for(attempt.order_id, "gopay")
    provider.switches.turn(notify="never")
    provider.pay(attempt.order_id)
    attempts.ask_now(attempt)
    working.run(attempt.pk)
    assert ends(attempt) == ("paid", "paid", 1)


def test_an_order_asks_no_provider_itself(providers, customer, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr("accounts.outbox.tell_worker", lambda task, row_id: told.append((task.name, row_id)))
    with django_capture_on_commit_callbacks(execute=True):
        invoice = invoice_by(gateways.named("midtrans_snap"), customer)
    assert ("billing.tasks.run_attempt", invoice.payment_attempts.get().pk) in told
    assert providers.midtrans.requests == []


@pytest.mark.parametrize("code", ["midtrans_va", "xendit_invoice"])
def test_money_for_an_invoice_that_was_cancelled_meanwhile_is_credit(providers, customer, code):
    attempt = begun(customer, code)
    transitions.move(attempt.invoice, Invoice.Status.CANCELLED, actor=None)
    getattr(providers, attempt.provider).pay(attempt.order_id)
    attempts.ask_now(attempt)
    working.run(attempt.pk)
    assert ends(attempt) == ("paid", "cancelled", 1)
    assert credit_balance(customer) == 150_000
    assert list(verify()) == []
