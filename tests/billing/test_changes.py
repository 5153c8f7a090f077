"""Upgrades and downgrades (S6): priced by days, in effect when paid, once."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from billing import cancellations, changes, payments, suspensions
from billing.models import Invoice, Service, ServiceChange, ServiceTransfer
from catalog.cycles import Cycle
from catalog.pricing import ConfigurationError
from catalog.selection import Selection
from tests import factories
from tests.billing.changing import allow, change, quoted, without_credit
from tests.billing.shop import confirm, emails, place
from tests.billing.years import active_order, disagreements, on, pay, run
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

# A month of 30 days, of which 18 are left on the 13th.
ORDERED, TODAY, NEXT_DUE = date(2026, 6, 1), date(2026, 6, 13), date(2026, 7, 1)


@pytest.fixture
def small(account):
    return factories.product(
        name_id="Kecil", name_en="Small", prices={Cycle.MONTHLY: 300_000, Cycle.ANNUALLY: 3_000_000}
    )


@pytest.fixture
def large(small):
    made = factories.product(
        name_id="Besar", name_en="Large", prices={Cycle.MONTHLY: (500_000, 50_000), Cycle.ANNUALLY: 5_000_000}
    )
    allow(small, made)
    allow(made, small)
    return made


@pytest.fixture
def no_setup(large):
    large.prices.update(setup_fee=0)
    return large


@pytest.fixture
def service(customer, small) -> Service:
    return active_order(customer, ORDERED, small).services.get()


def fresh(service: Service) -> Service:
    return Service.objects.get(pk=service.pk)


def test_s6_the_rest_of_the_period_is_charged_less_what_is_left(service, no_setup):
    asked = change(service, no_setup, TODAY)
    invoice = asked.invoice
    assert (asked.unused, asked.charged, asked.once) == (180_000, 300_000, 0)
    assert (invoice.kind, invoice.status, invoice.subtotal, invoice.total) == ("change", "unpaid", 120_000, 120_000)
    assert [(line.amount, line.period_start, line.period_end) for line in invoice.lines.all()] == [
        (120_000, TODAY, date(2026, 6, 30))
    ]
    assert fresh(service).name_id == "Kecil"


def test_s6_it_takes_effect_when_paid_and_the_next_due_date_stays(service, no_setup):
    asked = change(service, no_setup, TODAY)
    pay(asked.invoice, TODAY)
    changed, asked = fresh(service), ServiceChange.objects.get()
    assert (changed.name_id, changed.product, changed.recurring_net) == ("Besar", no_setup, 500_000)
    assert (changed.next_due, changed.renews_from, changed.anchor_day) == (NEXT_DUE, NEXT_DUE, 1)
    assert [(part.key, part.amount) for part in changed.components.all()] == [("product", 500_000)]
    assert asked.applied_at is not None
    assert list(changed.events.filter(kind="changed").values_list("note", flat=True)) == ["Paket: Kecil → Besar"]
    assert len(emails("change_requested")) == 2
    assert len(emails("change_applied")) == 2
    assert disagreements() == []


def test_s6_the_tax_is_that_of_the_day_of_the_change(service, no_setup, ppn):
    invoice = change(service, no_setup, TODAY).invoice
    assert (invoice.subtotal, invoice.tax, invoice.total) == (120_000, 13_200, 133_200)


def test_the_next_renewal_is_at_the_new_price(customer, service, no_setup):
    pay(change(service, no_setup, TODAY).invoice, TODAY)
    run(date(2026, 6, 17))
    [renewal] = renewals_of(customer)
    assert (renewal.subtotal, renewal.lines.get().description) == (500_000, "Besar")


def test_an_unpaid_renewal_makes_way_and_comes_again_at_the_new_price(customer, service, no_setup):
    day = date(2026, 6, 20)
    run(day)
    asked = change(service, no_setup, day)
    assert [one.status for one in renewals_of(customer)] == ["cancelled"]
    run(day)
    assert len(renewals_of(customer)) == 1
    pay(asked.invoice, day)
    run(day)
    assert [(one.status, one.subtotal) for one in renewals_of(customer)] == [
        ("cancelled", 300_000),
        ("unpaid", 500_000),
    ]
    assert disagreements() == []


def test_other_services_of_the_renewal_keep_their_lines(customer, small, service, no_setup):
    other = active_order(customer, ORDERED, factories.product(prices={Cycle.MONTHLY: 70_000})).services.get()
    day = date(2026, 6, 20)
    run(day)
    change(service, no_setup, day)
    first, again = renewals_of(customer)
    assert (first.status, first.subtotal) == ("cancelled", 370_000)
    assert (again.status, [line.service for line in again.lines.all()]) == ("unpaid", [other])
    assert again.due_on == first.due_on == NEXT_DUE


def test_setup_fees_of_what_is_new_are_charged_in_full(service, large):
    asked = change(service, large, TODAY)
    assert (asked.unused, asked.charged, asked.once) == (180_000, 300_000, 50_000)
    assert [(line.kind, line.net, line.period_start) for line in asked.invoice.lines.all()] == [
        ("change", 120_000, TODAY),
        ("setup", 50_000, None),
    ]


def test_periods_that_are_paid_ahead_count_too(customer, service, no_setup):
    """18 days of June and the whole of July: what is charged is measured in the same periods."""
    run(date(2026, 6, 17))
    pay(renewals_of(customer)[0], date(2026, 6, 18))
    asked = change(service, no_setup, date(2026, 6, 21))
    assert (asked.unused, asked.charged) == (100_000 + 300_000, 166_667 + 500_000)
    assert (asked.period_start, asked.period_end) == (date(2026, 6, 21), date(2026, 7, 31))


def test_another_cycle_keeps_the_next_due_date(service, small):
    without_credit()
    asked = change(service, small, TODAY, cycle=Cycle.ANNUALLY)
    # 18 of the 365 days that end on 1 July.
    assert (asked.unused, asked.charged) == (180_000, 147_945)
    changed = fresh(service)
    assert (changed.cycle, changed.next_due, changed.recurring_net) == (Cycle.ANNUALLY, NEXT_DUE, 3_000_000)


def test_two_changes_in_a_row_build_on_what_was_paid(service, small, no_setup):
    pay(change(service, no_setup, TODAY).invoice, TODAY)
    larger = factories.product(name_id="Raksasa", prices={Cycle.MONTHLY: 900_000})
    allow(no_setup, larger)
    asked = change(service, larger, date(2026, 6, 22))
    # Of 300.000 nine days in thirty, of 120.000 nine in eighteen.
    assert (asked.unused, asked.charged) == (150_000, 270_000)


def test_another_form_of_the_price_is_seen_first(service, no_setup):
    quote = quoted(service, no_setup, Selection(Cycle.MONTHLY), TODAY)
    seen = changes.Seen.of(quote)
    no_setup.prices.filter(cycle=Cycle.MONTHLY).update(amount=600_000)
    with pytest.raises(changes.PriceChanged) as refusal:
        change(service, no_setup, TODAY, seen=seen)
    assert refusal.value.quote.due == 180_000
    assert not ServiceChange.objects.exists()
    assert change(service, no_setup, TODAY, seen=changes.Seen.of(refusal.value.quote)).invoice.subtotal == 180_000


def test_the_same_form_sent_twice_is_one_change(service, no_setup):
    key = uuid.uuid4()
    first = change(service, no_setup, TODAY, key=key)
    assert change(service, no_setup, TODAY, key=key) == first
    pay(first.invoice, TODAY)
    assert change(service, no_setup, TODAY, key=key) == first
    assert Invoice.objects.filter(kind="change").count() == 1


def test_a_key_of_another_service_is_refused(customer, small, service, no_setup):
    other = active_order(customer, ORDERED, small).services.get()
    key = change(service, no_setup, TODAY).key
    with pytest.raises(changes.CannotChange):
        change(other, no_setup, TODAY, key=key)


def test_paying_twice_and_taking_the_payment_back_change_the_service_once(service, no_setup, verifier):
    asked = change(service, no_setup, TODAY)
    pay(asked.invoice, TODAY)
    with on(TODAY):
        payments.reverse(payment=asked.invoice.allocations.get().payment, reason="Salah catat", actor=verifier)
    assert fresh(service).name_id == "Besar"
    asked.invoice.refresh_from_db()
    pay(asked.invoice, date(2026, 6, 14))
    assert fresh(service).events.filter(kind="changed").count() == 1
    assert len(emails("change_applied")) == 2


def test_cancelled_it_comes_to_nothing_and_the_renewal_is_invoiced_again(customer, service, no_setup):
    day = date(2026, 6, 20)
    run(day)
    asked = change(service, no_setup, day)
    with on(day):
        changes.cancel(change=asked, actor=None)
    run(day)
    assert [(one.status, one.subtotal) for one in renewals_of(customer)] == [
        ("cancelled", 300_000),
        ("unpaid", 300_000),
    ]
    asked.refresh_from_db()
    assert (asked.invoice.status, asked.cancelled_at is not None, asked.applied_at) == ("cancelled", True, None)
    assert fresh(service).name_id == "Kecil"
    assert disagreements() == []


def test_a_change_in_effect_cannot_be_cancelled(service, no_setup):
    asked = change(service, no_setup, TODAY)
    pay(asked.invoice, TODAY)
    with pytest.raises(changes.CannotChange):
        changes.cancel(change=asked, actor=None)
    assert fresh(service).name_id == "Besar"


def assert_nothing_moved(service):
    assert fresh(service).name_id == "Kecil"
    assert not ServiceChange.objects.exists()
    assert not Invoice.objects.filter(kind="change").exists()
    assert emails("change_requested") == []


def test_nothing_to_change_is_refused(service, small):
    with pytest.raises(changes.NothingChanges):
        change(service, small, TODAY)
    assert_nothing_moved(service)


def test_one_change_at_a_time(service, no_setup):
    asked = change(service, no_setup, TODAY)
    with pytest.raises(changes.CannotChange, match="menunggu pembayaran"):
        change(service, no_setup, TODAY, cycle=Cycle.ANNUALLY)
    assert list(ServiceChange.objects.all()) == [asked]


def test_only_what_staff_allows_can_be_chosen(service, small, no_setup):
    for product in (factories.product(), factories.product(retired=True)):
        if product.retired:
            allow(small, product)
        with pytest.raises(changes.CannotChange, match="tidak dapat dipilih"):
            change(service, product, TODAY)
    assert_nothing_moved(service)


def test_p4_a_cycle_without_a_price_is_refused(service, no_setup):
    with pytest.raises(ConfigurationError):
        change(service, no_setup, TODAY, cycle=Cycle.QUARTERLY)
    assert_nothing_moved(service)


@pytest.mark.parametrize(
    "columns",
    [
        {"ends_on": NEXT_DUE},
        {"status": "suspended", "suspended_at": "2026-06-02T00:00:00Z", "suspended_because": "staff"},
        {"cycle": Cycle.ONE_TIME},
        {"kind": Service.Kind.DOMAIN},
        {"product": None},
    ],
)
def test_only_a_running_recurring_product_that_does_not_end_can_change(service, no_setup, columns):
    Service.objects.filter(pk=service.pk).update(**columns)
    with pytest.raises(changes.CannotChange), on(TODAY):
        changes.check(fresh(service), TODAY)
    assert_nothing_moved(service)


def test_the_order_is_paid_first(customer, small, no_setup):
    small.activation = "on_order"
    small.save()
    with on(ORDERED):
        service = place(customer, small).services.get()
    with pytest.raises(changes.CannotChange, match="Bayar dahulu"):
        change(service, no_setup, TODAY)
    assert_nothing_moved(service)


def test_a_renewal_that_is_due_is_paid_first(customer, service, no_setup):
    run(date(2026, 6, 17))
    with pytest.raises(changes.CannotChange, match=renewals_of(customer)[0].number):
        change(service, no_setup, NEXT_DUE)
    assert_nothing_moved(service)


def test_a_renewal_that_somebody_pays_just_now_is_waited_for(customer, service, no_setup):
    run(date(2026, 6, 17))
    [renewal] = renewals_of(customer)
    with on(date(2026, 6, 18)):
        confirm(renewal)
    with pytest.raises(changes.CannotChange, match="sedang dibayar"):
        change(service, no_setup, date(2026, 6, 18))
    assert_nothing_moved(service)
    renewal.refresh_from_db()
    assert renewal.status == "unpaid"


def test_an_offer_to_another_customer_is_withdrawn_first(customer, service, no_setup):
    ServiceTransfer.objects.create(
        service=service,
        from_customer=customer,
        email="a@example.com",
        token_hash="x",
        expires_at=timezone.now() + timedelta(days=9),
    )
    with pytest.raises(changes.CannotChange, match="Tarik dahulu"):
        change(service, no_setup, TODAY)
    assert_nothing_moved(service)


def test_a_service_with_an_open_change_is_not_ended_by_its_customer(service, no_setup):
    change(service, no_setup, TODAY)
    with on(TODAY), pytest.raises(cancellations.CannotEnd, match="perubahan"):
        cancellations.request(
            service=fresh(service), when="now", reason="other", comment="", actor=service.customer.users.first()
        )
    assert fresh(service).ends_on is None


def test_a_service_that_staff_ends_takes_its_change_along(service, no_setup, verifier):
    asked = change(service, no_setup, TODAY)
    with on(TODAY):
        suspensions.suspend(service=fresh(service), actor=verifier, note="Penyalahgunaan")
        suspensions.terminate(service=fresh(service), actor=verifier, note="Penyalahgunaan")
    asked.refresh_from_db()
    assert (asked.invoice.status, asked.cancelled_at is not None) == ("cancelled", True)
    assert disagreements() == []


def test_a_paid_change_of_a_suspended_service_takes_effect(service, no_setup, verifier):
    asked = change(service, no_setup, TODAY)
    with on(TODAY):
        suspensions.suspend(service=fresh(service), actor=verifier, note="Penyalahgunaan")
    pay(asked.invoice, TODAY)
    assert (fresh(service).name_id, fresh(service).status) == ("Besar", "suspended")


def test_unpaid_it_is_cancelled_some_days_after_it_was_due(service, no_setup):
    """Due on the 16th, by bank transfer: 7 days and 2."""
    asked = change(service, no_setup, TODAY)
    assert run(date(2026, 6, 24)).counts["changes"] == {"cancelled": 0}
    assert [run(date(2026, 6, 25)).counts["changes"]["cancelled"] for _time in range(2)] == [1, 0]
    asked.refresh_from_db()
    assert (asked.cancelled_at is not None, asked.invoice.status) == (True, "cancelled")
    assert len(emails("change_cancelled")) == 2
    assert disagreements() == []


def test_unpaid_it_is_cancelled_when_its_period_is_over(customer, service, no_setup):
    asked = change(service, no_setup, date(2026, 6, 29))
    assert asked.invoice.due_on == date(2026, 6, 30)
    assert run(date(2026, 6, 30)).counts["changes"]["cancelled"] == 0
    assert run(NEXT_DUE).counts["changes"]["cancelled"] == 1
    run(NEXT_DUE)
    assert [(one.subtotal, one.status) for one in renewals_of(customer)] == [(300_000, "unpaid")]


def test_k2_a_confirmed_change_is_not_cancelled(service, no_setup):
    asked = change(service, no_setup, TODAY)
    with on(TODAY):
        confirm(asked.invoice)
    assert run(date(2026, 6, 30)).counts["changes"] == {"cancelled": 0}
    asked.refresh_from_db()
    assert asked.is_open
