"""Renewal invoices: made in time, once, for the right period and amount (S2, S3, I4, D2, C3, T1)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import OutboxEmail, Shop
from billing import credit, invoicing, payments, renewals
from billing.models import BillingFailure, Invoice, InvoiceLine, Service
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import emails
from tests.billing.years import active_order, disagreements, on, pay, periods, run, run_days
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 31)


@pytest.fixture
def monthly(account):
    return factories.product(prices={Cycle.MONTHLY: 150_000, Cycle.ANNUALLY: 1_500_000})


@pytest.fixture
def service(customer, monthly) -> Service:
    return active_order(customer, ORDERED, monthly).services.get()


def test_s2_the_anchor_day_is_kept_through_short_months(customer, service):
    for due in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)):
        run(due - timedelta(days=14))
        pay(renewals_of(customer)[-1], due)
    service.refresh_from_db()
    assert [invoice.due_on for invoice in renewals_of(customer)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert periods(renewals_of(customer)) == [
        (date(2026, 2, 28), date(2026, 3, 30)),
        (date(2026, 3, 31), date(2026, 4, 29)),
        (date(2026, 4, 30), date(2026, 5, 30)),
    ]
    assert service.next_due == service.renews_from == date(2026, 5, 31)


def test_s2_a_leap_day_comes_back_in_the_next_leap_year(customer, monthly):
    yearly = {monthly: Selection(cycle=Cycle.ANNUALLY)}
    active_order(customer, date(2028, 2, 29), selections=yearly)
    for year in (2029, 2030, 2031, 2032):
        run(date(year, 2, 20))
        pay(renewals_of(customer)[-1], date(year, 2, 25))
    assert [invoice.due_on for invoice in renewals_of(customer)] == [
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
        date(2032, 2, 29),
    ]


def test_s5_a_renewal_is_invoiced_14_days_before_it_is_due_and_a_yearly_one_30(customer, monthly):
    active_order(customer, date(2026, 3, 10), monthly)
    active_order(customer, date(2025, 4, 10), selections={monthly: Selection(cycle=Cycle.ANNUALLY)})
    for day, count in [(date(2026, 3, 10), 0), (date(2026, 3, 11), 1), (date(2026, 3, 26), 1), (date(2026, 3, 27), 2)]:
        run(day)
        assert len(renewals_of(customer)) == count


def test_s3_running_again_the_same_day_changes_nothing(customer, service):
    day = date(2026, 2, 14)
    counts = [run(day).counts["renewals"] for _time in range(3)]
    assert counts == [{"invoices": 1, "services": 1}, *[{"invoices": 0, "services": 0}] * 2]
    assert len(renewals_of(customer)) == 1
    assert len(emails("renewal_invoice")) == 1


def test_a_service_that_is_years_behind_gets_one_invoice_a_day(customer, service):
    days = [date(2027, 6, day) for day in (1, 2, 3)]
    for day in [days[0], *days, days[2]]:
        with on(day):
            renewals.renew_due(day)
    assert [invoice.due_on for invoice in renewals_of(customer)] == [day + timedelta(days=3) for day in days]
    assert [start for start, _end in periods(renewals_of(customer))] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_days_that_were_missed_are_caught_up_once(customer, service):
    run(date(2026, 2, 10))
    run(date(2026, 2, 24))
    run(date(2026, 2, 25))
    assert [invoice.issued_on for invoice in renewals_of(customer)] == [date(2026, 2, 24)]


def test_i4_what_is_due_the_same_day_is_one_invoice(customer, monthly):
    other = factories.product(prices={Cycle.MONTHLY: 50_000})
    later = factories.product()
    active_order(customer, date(2026, 1, 10), monthly)
    active_order(customer, date(2026, 1, 10), other)
    active_order(customer, date(2026, 1, 11), later)
    run_days(date(2026, 1, 25), date(2026, 2, 1))
    assert [(one.due_on, one.subtotal, one.lines.count()) for one in renewals_of(customer)] == [
        (date(2026, 2, 10), Decimal(200_000), 2),
        (date(2026, 2, 11), Decimal(150_000), 1),
    ]


def test_i4_a_customer_may_have_one_invoice_for_each_service(customer, monthly):
    customer.separate_invoices = True
    customer.save()
    active_order(customer, date(2026, 1, 10), monthly)
    active_order(customer, date(2026, 1, 10), factories.product())
    run(date(2026, 1, 27))
    assert [one.lines.count() for one in renewals_of(customer)] == [1, 1]


def test_two_customers_never_share_an_invoice(customer, monthly):
    other = factories.customer(factories.user())
    active_order(customer, date(2026, 1, 10), monthly)
    active_order(other, date(2026, 1, 10), monthly)
    run(date(2026, 1, 27))
    assert [len(renewals_of(one)) for one in (customer, other)] == [1, 1]
    assert [one.sequence for one in Invoice.objects.filter(kind="renewal").order_by("pk")] == [3, 4]


def test_p7_t1_the_price_is_the_one_it_was_sold_at_and_the_tax_the_one_of_the_invoice_date(customer, monthly):
    factories.ppn()
    active_order(customer, date(2026, 1, 10), monthly)
    monthly.prices.filter(cycle=Cycle.MONTHLY).update(amount=999_000)
    run(date(2026, 1, 27))
    (invoice,) = renewals_of(customer)
    assert (invoice.subtotal, invoice.tax, invoice.total) == (150_000, 16_500, 166_500)
    assert (invoice.tax_name, invoice.tax_rate, invoice.tax_code) == ("PPN", 12, "04")
    assert invoice.buyer["name"] == customer.name


def test_p9_d2_a_promotion_for_two_renewals_discounts_invoices_1_2_3_and_not_4(customer, account):
    factories.ppn()
    product = factories.product(prices={Cycle.MONTHLY: (150_000, 50_000)})
    factories.quantity_option(product, prices={Cycle.MONTHLY: 12_500})
    factories.promotion(code="HEMAT", recurring=True, renewals=2)
    chosen = {product: Selection(cycle=Cycle.MONTHLY, options={"users": 10})}
    order = active_order(customer, date(2026, 1, 10), selections=chosen, promotion_code="HEMAT")
    for month in (2, 3, 4, 5):
        run(date(2026, month, 1))
        pay(renewals_of(customer)[-1], date(2026, month, 2))
    assert [order.invoice.discount, *(one.discount for one in renewals_of(customer))] == [27_500, 27_500, 27_500, 0, 0]
    assert renewals_of(customer)[0].total == 274_725
    assert [one.total for one in renewals_of(customer)][2:] == [305_250, 305_250]


def test_d2_a_promotion_that_does_not_recur_is_over_after_the_first_invoice(customer, monthly):
    factories.promotion(code="SEKALI")
    order = active_order(customer, date(2026, 1, 10), monthly, promotion_code="SEKALI")
    run(date(2026, 1, 27))
    assert [order.invoice.discount, renewals_of(customer)[0].discount] == [15_000, 0]


def test_d2_a_promotion_without_an_end_discounts_for_ever(customer, monthly):
    factories.promotion(code="SELALU", recurring=True)
    active_order(customer, date(2026, 1, 10), monthly, promotion_code="SELALU")
    for month in range(2, 8):
        run(date(2026, month, 1))
        pay(renewals_of(customer)[-1], date(2026, month, 2))
    assert [one.discount for one in renewals_of(customer)] == [15_000] * 6


def test_i5_a_renewal_that_costs_nothing_is_paid_at_once_and_asks_for_nothing(customer, account):
    free = factories.product(prices={Cycle.MONTHLY: 0})
    service = active_order(customer, date(2026, 1, 10), free).services.get()
    run(date(2026, 1, 27))
    (invoice,) = renewals_of(customer)
    service.refresh_from_db()
    assert (invoice.status, invoice.total) == ("paid", 0)
    assert service.next_due == date(2026, 3, 10)
    assert emails("renewal_invoice") == []


def give_credit(customer, amount: int, day: date, cause: str = "kredit") -> None:
    with on(day):
        payments.record(
            customer=customer,
            amount=Decimal(amount),
            currency="IDR",
            source="staff",
            cause=cause,
            method=None,
            received_on=day,
            reference="",
            actor=None,
        )


def test_c3_credit_pays_a_renewal_when_it_is_made(customer, service):
    give_credit(customer, 100_000, ORDERED, "satu")
    give_credit(customer, 80_000, ORDERED, "dua")
    run(date(2026, 2, 14))
    (invoice,) = renewals_of(customer)
    service.refresh_from_db()
    assert (invoice.status, payments.credit_balance(customer)) == ("paid", 30_000)
    assert [one.amount for one in invoice.allocations.all()] == [100_000, 50_000]
    assert service.next_due == date(2026, 3, 31)
    assert disagreements() == []


def test_c3_credit_that_is_not_enough_pays_a_part(customer, service):
    give_credit(customer, 40_000, ORDERED)
    run(date(2026, 2, 14))
    (invoice,) = renewals_of(customer)
    assert (invoice.status, invoice.balance, payments.credit_balance(customer)) == ("unpaid", 110_000, 0)
    assert disagreements() == []


def test_c3_a_customer_may_keep_the_credit(customer, service):
    customer.credit_pays_renewals = False
    customer.save()
    give_credit(customer, 500_000, ORDERED)
    run(date(2026, 2, 14))
    assert (renewals_of(customer)[0].status, payments.credit_balance(customer)) == ("unpaid", 500_000)


def test_t5_credit_leaves_the_tax_as_it_is(customer, monthly):
    factories.ppn()
    active_order(customer, ORDERED, monthly)
    give_credit(customer, 100_000, ORDERED)
    run(date(2026, 2, 14))
    assert [(one.tax, one.total) for one in renewals_of(customer)] == [(16_500, 166_500)]


def test_credit_is_spent_once_even_when_it_is_spent_again(customer, service):
    give_credit(customer, 40_000, ORDERED)
    run(date(2026, 2, 14))
    (invoice,) = renewals_of(customer)
    assert credit.spend(invoice=invoice, actor=None) == 0
    assert payments.credit_balance(customer) == 0


@pytest.mark.parametrize("status", ["pending", "suspended", "terminated", "cancelled"])
def test_only_active_services_are_renewed(customer, service, status):
    extra = {"suspended_at": service.created_at, "suspended_because": "staff"} if status == "suspended" else {}
    Service.objects.filter(pk=service.pk).update(status=status, **extra)
    run(date(2026, 2, 14))
    assert renewals_of(customer) == []


def test_a_cancelled_renewal_invoice_waives_its_period(customer, service):
    run(date(2026, 2, 14))
    with on(date(2026, 2, 15)):
        invoicing.cancel(invoice=renewals_of(customer)[0], actor=None)
    service.refresh_from_db()
    assert (service.next_due, service.renews_from) == (date(2026, 3, 31), date(2026, 3, 31))
    run(date(2026, 2, 16))
    assert len(renewals_of(customer)) == 1


def test_periods_that_are_paid_out_of_order_leave_the_first_open_one_due(customer, service):
    run(date(2026, 2, 14))
    run(date(2026, 3, 17))
    first, second = renewals_of(customer)
    pay(second, date(2026, 3, 18))
    service.refresh_from_db()
    assert service.next_due == date(2026, 2, 28)
    pay(first, date(2026, 3, 19))
    service.refresh_from_db()
    assert service.next_due == date(2026, 4, 30)


def test_one_customer_s_failure_stops_no_other_and_is_shown_until_it_works(customer, monthly, caplog):
    broken = factories.customer(factories.user())
    for one in (broken, customer):
        active_order(one, date(2026, 1, 10), monthly)
    # A period that somebody invoiced behind the shop's back: the database refuses the second line (S3).
    twice = broken.services.get()
    line = InvoiceLine.objects.create(
        invoice=Invoice.objects.get(customer=broken),
        service=twice,
        kind="renewal",
        description="x",
        period_start=date(2026, 2, 10),
        unit_price=0,
        amount=0,
    )
    done = run(date(2026, 1, 27))
    assert (done.failed, done.counts["renewals"]) == (1, {"invoices": 1, "services": 1})
    assert [len(renewals_of(one)) for one in (broken, customer)] == [0, 1]
    together, alone = (one for one in caplog.records if one.exc_info)
    assert together.getMessage() == "Renewals of 2 customers failed together, and are tried one by one"
    assert alone.getMessage() == f"The daily run failed at renewal of customer:{broken.pk}"
    failure = BillingFailure.objects.get()
    assert (failure.step, failure.subject, failure.customer, failure.settled_at) == (
        "renewal",
        f"customer:{broken.pk}",
        broken,
        None,
    )
    line.delete()
    assert run(date(2026, 1, 28)).failed == 0
    failure.refresh_from_db()
    assert failure.settled_at is not None
    assert len(renewals_of(broken)) == 1


def test_an_email_goes_to_the_billing_address_in_its_language(customer, service):
    customer.language = "en"
    customer.save()
    run(date(2026, 2, 14))
    (email,) = OutboxEmail.objects.filter(template="billing/renewal_invoice")
    assert (email.to, email.language, email.customer) == (customer.billing_email, "en", customer)
    assert renewals_of(customer)[0].lines.get().description == service.name_en


def test_what_is_not_due_costs_nothing(customer, service, django_assert_num_queries):
    Shop.current()
    with on(date(2026, 2, 1)), django_assert_num_queries(1):
        assert renewals.renew_due(date(2026, 2, 1)).invoices == 0


def test_a_batch_takes_as_many_queries_for_one_service_as_for_twenty(customer, monthly, django_assert_max_num_queries):
    for _number in range(20):
        active_order(factories.customer(factories.user()), date(2026, 1, 10), monthly)
    Shop.current()
    with on(date(2026, 1, 27)), django_assert_max_num_queries(22):
        assert renewals.renew_due(date(2026, 1, 27)).invoices == 20
