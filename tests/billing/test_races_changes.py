"""Changes that meet each other, a renewal, an end, a payment or a cancellation: one of the two comes second and is told."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from billing import cancellations, changes, payments, renewals
from billing.changes import requests, unpaid
from billing.models import Invoice, InvoiceLine, Service, ServiceChange
from catalog.cycles import Cycle, previous_due
from catalog.models import Product
from catalog.selection import Selection
from tests import factories
from tests.billing.changing import allow
from tests.billing.races import assert_books_agree, at_once, meeting
from tests.billing.shop import place

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

FEW = 4


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    """The worker's turn comes after; here only the rows count."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def large() -> Product:
    return factories.product(name_id="Besar", prices={Cycle.MONTHLY: 500_000}, stock=1)


@pytest.fixture
def service(customer, large) -> Service:
    small = factories.product(name_id="Kecil", prices={Cycle.MONTHLY: 300_000})
    allow(small, large)
    return paid_order(customer, small)


def paid_order(customer, product) -> Service:
    order = place(customer, product, method=factories.bank_account().method)
    pay(order.invoice, "order")
    return order.services.get()


def pay(invoice, cause):
    return payments.record(
        customer=invoice.customer,
        amount=invoice.total,
        currency=invoice.currency,
        source="staff",
        cause=f"{cause}:{invoice.pk}",
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
        invoices=[invoice],
    )


def ask(service, large, key=None):
    # As a request does: every thread reads the service anew.
    return changes.request(
        service=Service.objects.get(pk=service.pk),
        product_id=large.pk,
        selection=Selection(Cycle.MONTHLY),
        key=key or uuid.uuid4(),
        seen=None,
        actor=service.customer.users.first(),
    )


def errors(outcomes, kind) -> int:
    return sum(isinstance(outcome.error, kind) for outcome in outcomes)


def test_of_changes_at_once_one_is_made(service, large):
    outcomes = at_once(*[lambda: ask(service, large)] * FEW)
    assert errors(outcomes, changes.CannotChange) == FEW - 1
    assert ServiceChange.objects.count() == Invoice.objects.filter(kind="change").count() == 1
    assert Product.objects.get(pk=large.pk).stock_taken == 1
    assert_books_agree()


def test_the_same_form_at_once_is_one_change(service, large):
    key = uuid.uuid4()
    outcomes = at_once(*[lambda: ask(service, large, key)] * FEW)
    assert [outcome.error for outcome in outcomes] == [None] * FEW
    assert len({outcome.value.pk for outcome in outcomes}) == 1


def test_control_without_holding_the_service_several_are_asked_for(service, large, monkeypatch):
    """What then stops the second is the database's own rule, with an error that nobody can read."""
    meet = meeting(2)
    monkeypatch.setattr(requests, "_hold", lambda *_args: [])
    real = requests.check

    def check(*args):
        real(*args)
        meet()

    monkeypatch.setattr(requests, "check", check)
    unguarded = changes.request.__wrapped__
    monkeypatch.setattr(changes, "request", unguarded)
    outcomes = at_once(*[lambda: ask(service, large)] * 2, guarded=False)
    assert errors(outcomes, changes.CannotChange) == 0
    assert sum(outcome.error is not None for outcome in outcomes) == 1


def test_the_last_piece_goes_to_one_of_two_services(customer, service, large):
    other = paid_order(customer, service.product)
    outcomes = at_once(lambda: ask(service, large), lambda: ask(other, large))
    assert errors(outcomes, changes.SoldOut) == 1
    assert_books_agree()


def test_a_change_and_a_renewal_do_not_both_name_the_price(service, large):
    """Either the renewal came first and makes way, or it waits for the change."""
    today = timezone.localdate()
    soon = today + timedelta(days=10)
    Service.objects.filter(pk=service.pk).update(next_due=soon, renews_from=soon, anchor_day=soon.day)
    InvoiceLine.objects.filter(service=service).update(
        period_start=previous_due(soon, Cycle.MONTHLY, soon.day), period_end=soon - timedelta(days=1)
    )
    outcomes = at_once(lambda: ask(service, large), lambda: renewals.renew_due(today))
    assert outcomes[1].error is None
    open_renewals = Invoice.objects.open().filter(kind="renewal").count()
    if outcomes[0].error:
        assert (errors(outcomes, changes.CannotChange), open_renewals) == (1, 1)
    else:
        assert open_renewals == 0
    assert_books_agree()


def test_a_change_and_an_end_do_not_both_happen(service, large):
    def end():
        return cancellations.request(
            service=Service.objects.get(pk=service.pk),
            when="period_end",
            reason="other",
            comment="",
            actor=service.customer.users.first(),
        )

    outcomes = at_once(lambda: ask(service, large), end)
    assert errors(outcomes, changes.CannotChange) + errors(outcomes, cancellations.CannotEnd) == 1
    ends = Service.objects.get(pk=service.pk).ends_on is not None
    assert ends != ServiceChange.objects.open().exists()


def test_a_change_that_is_paid_and_cancelled_at_once_is_one_of_both(service, large):
    made = ask(service, large)
    change = ServiceChange.objects.get(pk=made.pk)
    outcomes = at_once(
        lambda: pay(Invoice.objects.get(pk=change.invoice_id), "change"),
        lambda: changes.cancel(change=change, actor=None),
    )
    assert outcomes[0].error is None
    change.refresh_from_db()
    name = Service.objects.get(pk=service.pk).name_id
    if outcomes[1].error:
        assert isinstance(outcomes[1].error, changes.CannotChange)
        assert (change.applied_at is not None, name) == (True, "Besar")
    else:
        assert (change.cancelled_at is not None, name) == (True, "Kecil")
        assert payments.credit_balance(service.customer) == change.invoice.total
    assert_books_agree()


def test_paid_twice_at_once_it_takes_effect_once(service, large):
    made = ask(service, large)
    invoice = Invoice.objects.get(pk=made.invoice_id)
    at_once(*[lambda number=number: pay(Invoice.objects.get(pk=invoice.pk), f"change{number}") for number in range(2)])
    service.refresh_from_db()
    assert service.events.filter(kind="changed").count() == 1
    assert Product.objects.get(pk=large.pk).stock_taken == 1
    assert_books_agree()


def test_a_change_that_is_cancelled_by_hand_and_by_the_run_is_cancelled_once(service, large):
    made = ask(service, large)
    later = timezone.localdate() + timedelta(days=40)
    outcomes = at_once(
        lambda: unpaid.cancel_one(made.pk, later),
        lambda: changes.cancel(change=ServiceChange.objects.get(pk=made.pk), actor=None),
    )
    assert errors(outcomes, Exception) <= 1
    assert Invoice.objects.get(pk=made.invoice_id).status == "cancelled"
    assert service.events.filter(kind="change_cancelled").count() == 1
    assert Product.objects.get(pk=large.pk).stock_taken == 0
    assert_books_agree()
