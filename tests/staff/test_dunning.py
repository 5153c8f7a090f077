"""Who is late with paying: by customer, by age, and what happens next on which day, as it then does."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Shop
from billing import dunning
from billing.models import Invoice, InvoiceReminder, Order, Service
from billing.reports.receivables import OVERDUE
from tests import factories
from tests.billing import shop
from tests.billing.years import active_order, on, run, run_days
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 10)
INVOICED = date(2026, 1, 27)
DUE = date(2026, 2, 10)


@pytest.fixture
def customer():
    return factories.customer(factories.user(), name="PT Terlambat")


@pytest.fixture
def service(customer) -> Service:
    """Its renewal was invoiced and nobody pays."""
    factories.bank_account()
    made = active_order(customer, ORDERED, factories.product()).services.get()
    run(INVOICED)
    return made


@pytest.fixture
def at_work(client):
    client.force_login(factories.staff("billing.see_reports"))
    return client


def settings(**changes) -> None:
    current = Shop.current()
    for name, value in changes.items():
        setattr(current, name, value)
    current.save()


def late(today: date, age=None) -> list[dunning.Debtor]:
    with on(today):
        ids = [one["customer"] for one in dunning.customers_in_debt(today, age)]
        return dunning.debtors(ids, today, age)


def steps(today: date) -> list[tuple[date, str]]:
    (debtor,) = late(today)
    return [(step.on, str(step.words)) for step in debtor.invoices[0].steps]


def page(client, today: date, **query) -> str:
    with on(today):
        return client.get(reverse("admin:dunning"), query).content.decode()


def test_what_is_not_due_yet_is_not_late(service):
    assert late(DUE) == []
    assert [one.days for one in late(DUE + timedelta(days=1))] == [1]


def test_the_next_steps_are_named_with_their_days_in_order(service):
    tomorrow = DUE + timedelta(days=1)
    assert steps(tomorrow) == [
        (tomorrow, "Pengingat"),
        (DUE + timedelta(days=7), f"{service} ditangguhkan"),
    ]


def test_a_reminder_that_was_sent_is_the_last_one_and_the_next_is_another(service):
    run(DUE + timedelta(days=1))
    (debtor,) = late(DUE + timedelta(days=1))
    assert debtor.invoices[0].last_reminder == DUE + timedelta(days=1)
    assert steps(DUE + timedelta(days=1))[0] == (DUE + timedelta(days=3), "Pengingat")


def test_every_step_comes_on_the_day_that_was_named(service):
    """What the page says on each day is what the daily run then does."""
    settings(late_fee="fixed", late_fee_after_days=5)
    invoice = renewals_of(service.customer)[0]
    promised = {words: day for day, words in reversed(steps(DUE + timedelta(days=1)))}
    happened = {}
    for number in range(1, 12):
        day = DUE + timedelta(days=number)
        run(day)
        service.refresh_from_db()
        if InvoiceReminder.objects.filter(invoice=invoice, sent_on=day).exists():
            happened.setdefault("Pengingat", day)
        if Invoice.objects.filter(late_fee_of=invoice).exists():
            happened.setdefault("Denda", day)
        if service.status == "suspended":
            happened.setdefault(f"{service} ditangguhkan", day)
    assert happened == promised


def test_a_suspended_service_is_proposed_to_be_ended(service):
    run_days(DUE + timedelta(days=1), DUE + timedelta(days=8))
    assert steps(DUE + timedelta(days=9)) == [(DUE + timedelta(days=30), f"Diusulkan mengakhiri {service}")]


def test_an_unpaid_order_is_cancelled_on_the_day_that_was_named(customer):
    with on(ORDERED):
        invoice = shop.unpaid_invoice(customer)
    day = invoice.due_on + timedelta(days=1)
    ((ends_on, words),) = [one for one in steps(day) if one[1] == "Pesanan dibatalkan"]
    run_days(day, ends_on - timedelta(days=1))
    assert (Order.objects.get().status, words) == ("pending", "Pesanan dibatalkan")
    run(ends_on)
    assert Order.objects.get().status == "cancelled"


def test_k2_nothing_happens_by_itself_while_a_confirmation_waits(at_work, service):
    invoice = renewals_of(service.customer)[0]
    day = DUE + timedelta(days=2)
    with on(day):
        shop.confirm(invoice, transferred_on=day)
    (debtor,) = late(day)
    assert (debtor.invoices[0].waits, debtor.invoices[0].steps) == (True, [])
    assert "Konfirmasi menunggu verifikasi" in page(at_work, day)


def test_the_oldest_debt_comes_first_and_each_customer_once(service):
    old = factories.customer(factories.user())
    with on(ORDERED):
        invoices = [shop.unpaid_invoice(old) for _number in range(2)]
    today = DUE + timedelta(days=1)
    found = late(today)
    assert [(one.customer, len(one.invoices)) for one in found] == [(old, 2), (service.customer, 1)]
    assert (found[0].amount, found[0].days) == (300_000, (today - invoices[0].due_on).days)


def test_an_age_leaves_only_invoices_that_are_so_old(service):
    with on(ORDERED):
        shop.unpaid_invoice(service.customer)
    today = DUE + timedelta(days=1)
    by_age = {age.key: [len(one.invoices) for one in late(today, age)] for age in OVERDUE}
    assert by_age == {"1-30": [2], "31-60": [], "61-90": [], "over-90": []}
    assert [len(one.invoices) for one in late(today + timedelta(days=20), OVERDUE[1])] == [1]


def test_the_page_filters_and_the_file_has_a_row_for_each_invoice(at_work, service):
    today = DUE + timedelta(days=1)
    assert "PT Terlambat" in page(at_work, today)
    assert "Tidak ada tagihan yang lewat" in page(at_work, today, age="61-90")
    assert "PT Terlambat" in page(at_work, today, age="tidak-ada")
    rows = [row.split(";") for row in page(at_work, today, **{"as": "csv"}).splitlines()]
    (row,) = rows[1:]
    assert (row[0], row[3], row[5:7]) == ("PT Terlambat", renewals_of(service.customer)[0].number, ["1", "150000"])
    assert row[9:] == ["Pengingat", today.isoformat()]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(at_work, django_assert_num_queries, count):
    for _number in range(count):
        with on(ORDERED):
            shop.unpaid_invoice(factories.customer(factories.user()))
    page(at_work, DUE)
    with django_assert_num_queries(8):
        page(at_work, DUE)
