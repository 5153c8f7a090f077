"""What gets cheaper: in effect at once, and what is left of what was paid becomes credit, or nothing (S6)."""

from datetime import date

import pytest

from billing import changes, crediting, payments
from billing.models import CreditNote, Invoice, Service, ServiceChange
from catalog.cycles import Cycle
from tests import factories
from tests.billing.changing import allow, change, without_credit
from tests.billing.shop import emails
from tests.billing.years import active_order, disagreements, pay, run
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED, TODAY, NEXT_DUE = date(2026, 6, 1), date(2026, 6, 13), date(2026, 7, 1)


@pytest.fixture
def small(account):
    return factories.product(name_id="Kecil", prices={Cycle.MONTHLY: 300_000})


@pytest.fixture
def large(small):
    made = factories.product(name_id="Besar", prices={Cycle.MONTHLY: 500_000})
    allow(small, made)
    allow(made, small)
    return made


@pytest.fixture
def service(customer, large) -> Service:
    return active_order(customer, ORDERED, large).services.get()


def notes() -> list[tuple]:
    return list(CreditNote.objects.order_by("pk").values_list("invoice__kind", "subtotal", "total"))


def test_s6_the_rest_becomes_credit_at_once(customer, service, small):
    made = change(service, small, TODAY)
    assert (made.unused, made.charged, made.credited, made.invoice) == (300_000, 180_000, 120_000, None)
    assert notes() == [("order", 120_000, 120_000)]
    assert payments.credit_balance(customer) == 120_000
    changed = Service.objects.get()
    assert (changed.name_id, changed.recurring_net, changed.next_due) == ("Kecil", 300_000, NEXT_DUE)
    assert [len(emails(name)) for name in ("change_requested", "change_applied")] == [0, 2]
    assert disagreements() == []


def test_s6_the_tax_of_the_rest_is_given_back_too(customer, large, small, ppn):
    change(active_order(customer, ORDERED, large).services.get(), small, TODAY)
    assert notes() == [("order", 120_000, 133_200)]
    assert payments.credit_balance(customer) == 133_200


def test_s6_or_nothing_where_the_shop_says_so(customer, service, small):
    without_credit()
    made = change(service, small, TODAY)
    assert (made.applied_at is not None, made.credited, made.invoice) == (True, 0, None)
    assert notes() == []
    assert payments.credit_balance(customer) == 0
    assert disagreements() == []


def test_what_was_not_given_back_counts_when_it_gets_dearer_again(service, small, large):
    without_credit()
    change(service, small, TODAY)
    again = change(service, large, date(2026, 6, 14))
    assert (again.unused, again.charged, again.invoice) == (283_333, 283_333, None)


def test_what_was_given_back_is_not_counted_again(customer, service, small, large):
    change(service, small, TODAY)
    again = change(service, large, date(2026, 6, 14))
    # 17 of 30 days of 500.000, less 17 of 18 of the 120.000 that are credit now.
    assert (again.unused, again.charged) == (170_000, 283_333)
    pay(again.invoice, date(2026, 6, 14))
    back = change(service, small, date(2026, 6, 14))
    assert (back.unused, back.charged, back.credited) == (283_333, 170_000, 113_333)
    assert notes() == [("order", 120_000, 120_000), ("change", 113_333, 113_333)]
    again.invoice.refresh_from_db()
    assert again.invoice.status == "refunded"
    up = change(service, large, date(2026, 6, 14))
    assert (up.unused, up.charged) == (170_000, 283_333)
    assert disagreements() == []


def test_the_latest_paid_period_gives_first(customer, service, small):
    run(date(2026, 6, 17))
    pay(renewals_of(customer)[0], date(2026, 6, 18))
    made = change(service, small, date(2026, 6, 21))
    assert made.credited == 200_000 + 66_667
    assert notes() == [("renewal", 266_667, 266_667)]


def test_what_was_credited_for_another_reason_was_not_paid(customer, service, small, verifier):
    invoice = Invoice.objects.get(kind="order")
    crediting.credit(
        invoice=invoice, amounts={invoice.lines.get().pk: 200_000}, reason="Gangguan", cause="staff:1", actor=verifier
    )
    made = change(service, small, TODAY)
    assert (made.unused, made.charged, made.applied_at is not None) == (180_000, 180_000, True)


def test_a_setup_fee_is_paid_from_the_rest(customer, service):
    cheap = factories.product(prices={Cycle.MONTHLY: (100_000, 300_000)})
    allow(service.product, cheap)
    made = change(service, cheap, TODAY)
    assert (made.unused, made.charged, made.once) == (300_000, 60_000, 300_000)
    [line] = made.invoice.lines.all()
    assert (line.kind, line.amount, line.discount, made.invoice.total) == ("setup", 300_000, 240_000, 60_000)
    pay(made.invoice, TODAY)
    assert notes() == []
    # What made up for the setup fee is used up.
    dearer = change(service, dearer_than(cheap), date(2026, 6, 22))
    assert dearer.unused == 30_000
    assert disagreements() == []


def dearer_than(cheap):
    made = factories.product(prices={Cycle.MONTHLY: 900_000})
    allow(cheap, made)
    return made


def test_an_unpaid_renewal_is_replaced_by_one_at_the_new_price(customer, service, small):
    day = date(2026, 6, 20)
    run(day)
    change(service, small, day)
    run(day)
    assert [(one.status, one.subtotal) for one in renewals_of(customer)] == [
        ("cancelled", 500_000),
        # The credit of the downgrade has paid a part of it (C3).
        ("unpaid", 300_000),
    ]
    assert renewals_of(customer)[1].amount_paid == 73_333
    assert disagreements() == []


def test_it_happens_once_and_can_no_longer_be_cancelled(service, small):
    made = change(service, small, TODAY)
    with pytest.raises(changes.CannotChange):
        changes.cancel(change=made, actor=None)
    assert ServiceChange.objects.get().applied_at == made.applied_at
