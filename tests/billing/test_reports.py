"""What reports add up: revenue spread exactly over its days, services won and lost, and what is owed by age."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Service
from billing.reports import months, receivables, recurring, revenue
from catalog.money import total_of
from tests import factories
from tests.billing import shop

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
JANUARY = date(2026, 1, 1)
YEAR = months.ending_with(date(2026, 12, 1), 12)


@st.composite
def spans(draw) -> tuple[date, date]:
    start = draw(DAYS)
    return start, start + timedelta(days=draw(st.integers(0, 1_200)))


def all_months(start: date, end: date) -> list[date]:
    found = [months.of(start)]
    while found[-1] < months.of(end):
        found.append(months.after(found[-1]))
    return found


@given(span=spans(), net=st.integers(0, 10**12))
def test_the_shares_of_all_months_sum_exactly_to_the_net(span, net):
    shares = revenue.spread(Decimal(net), *span, all_months(*span), "IDR")
    assert sum(shares) == net
    assert min(shares) >= 0
    assert all(share == share.to_integral_value() for share in shares)


@given(span=spans(), net=st.integers(0, 10**9), around=st.integers(0, 5))
def test_what_a_month_gets_does_not_depend_on_the_others_that_are_asked_for(span, net, around):
    whole = dict(zip(all_months(*span), revenue.spread(Decimal(net), *span, all_months(*span), "IDR"), strict=True))
    some = months.ending_with(months.of(span[0]), around + 1)
    shares = revenue.spread(Decimal(net), *span, some, "IDR")
    assert shares == [whole.get(month, 0) for month in some]


def test_a_month_gets_its_days_share():
    shares = revenue.spread(Decimal(310_000), date(2026, 1, 16), date(2026, 2, 15), YEAR[:3], "IDR")
    assert shares == [160_000, 150_000, 0]


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


def invoice(customer, *lines: dict, status: str = "unpaid", issued_on: date = JANUARY, **fields) -> Invoice:
    """A bare document, as reports read them."""
    number = Invoice.objects.count() + 1
    total = total_of(line["amount"] - line.get("discount", 0) for line in lines)
    columns = {"subtotal": total, "total": total}
    if status in {"paid", "refunded"}:
        columns |= {"amount_paid": total, "paid_at": timezone.now()}
    made = Invoice.objects.create(
        customer=customer,
        status=status,
        number=None if status == "draft" else f"X{number}",
        slug=None if status == "draft" else f"x{number}",
        issued_on=None if status == "draft" else issued_on,
        **{"due_on": issued_on, **columns, **fields},
    )
    for line in lines:
        InvoiceLine.objects.create(
            invoice=made, kind="manual", description="x", **{"unit_price": line["amount"], **line}
        )
    return made


def line(amount: int, start: date | None = None, end: date | None = None, **fields) -> dict:
    return {"amount": Decimal(amount), "period_start": start, "period_end": end, **fields}


def rows(wanted=YEAR) -> dict[str, list[int]]:
    found = revenue.recognised(wanted)
    return {name: [int(getattr(one, name)) for one in found] for name in ("paid", "unpaid", "credited")}


def test_periods_are_spread_and_the_rest_counts_when_it_was_invoiced(customer):
    invoice(customer, line(365_000, JANUARY, date(2026, 12, 31)), line(50_000), status="paid")
    invoice(customer, line(70_000, discount=20_000), issued_on=date(2026, 3, 9))
    found = rows(YEAR[:3])
    assert found["paid"] == [81_000, 28_000, 31_000]
    assert found["unpaid"] == [0, 0, 50_000]


def test_drafts_cancelled_invoices_and_added_funds_are_no_revenue(customer):
    invoice(customer, line(1_000), status="draft")
    invoice(customer, line(1_000), status="cancelled")
    invoice(customer, line(1_000), status="paid", kind=Invoice.Kind.ADD_FUNDS)
    assert rows()["paid"] + rows()["unpaid"] == [0] * 24


def note(of: Invoice, amount: int, issued_on: date) -> None:
    number = CreditNote.objects.count() + 1
    made = CreditNote.objects.create(
        invoice=of, cause=f"test:{number}", number=f"NK{number}", slug=f"nk{number}", series="NK", period="2026",
        sequence=number, issued_on=issued_on, reason="x", subtotal=amount, total=amount,
    )  # fmt: skip
    CreditNoteLine.objects.create(credit_note=made, invoice_line=of.lines.get(), amount=amount)


def test_a_credit_note_takes_off_the_days_still_to_come(customer):
    covered = invoice(customer, line(365_000, JANUARY, date(2026, 12, 31)), status="paid")
    note(covered, 31_000, date(2026, 12, 1))
    note(covered, 62_000, date(2026, 11, 1))
    assert rows()["credited"][10:] == [30_492, 62_508]


def test_a_credit_note_for_what_is_over_counts_on_its_own_day(customer):
    over = invoice(customer, line(31_000, JANUARY, date(2026, 1, 31)), status="paid")
    at_once = invoice(customer, line(50_000), status="paid")
    note(over, 5_000, date(2026, 6, 20))
    note(at_once, 7_000, date(2026, 7, 1))
    assert rows()["credited"][5:7] == [5_000, 7_000]


@pytest.mark.parametrize("seed", range(4))
def test_over_all_months_revenue_is_what_was_invoiced_and_not_credited(customer, seed):
    nets = []
    for number in range(12):
        start = date(2025, 1, 7) + timedelta(days=37 * number + seed)
        amount = 99_991 + 7_919 * number * (seed + 1)
        period = (start, start + timedelta(days=17 * number + seed)) if number % 3 else (None, None)
        made = invoice(customer, line(amount, *period, discount=number * 11), issued_on=start, status="paid")
        nets.append(made.lines.get().net)
        if number % 2:
            note(made, 1_000 + number, start + timedelta(days=9 * number))
            nets.append(-1_000 - number)
    found = revenue.recognised(all_months(date(2024, 12, 1), date(2028, 1, 1)))
    assert total_of(one.total for one in found) == sum(nets)


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


def service(customer, began: date, ended: date | None = None, **fields) -> Service:
    made = shop.place(customer, factories.product()).services.get()
    defaults = {
        "status": "terminated" if ended else "active",
        "activated_at": moment(began),
        "ended_at": ended and moment(ended),
        "cycle": "monthly",
        "recurring_net": 100_000,
    }
    Service.objects.filter(pk=made.pk).update(**{**defaults, **fields})
    return made


def test_mrr_divides_by_the_cycle_and_takes_off_the_promotion_while_it_lasts(customer):
    service(customer, JANUARY)
    service(customer, JANUARY, cycle="annually", recurring_net=1_200_000)
    service(customer, JANUARY, recurring_discount=10_000, discounted_renewals_left=2)
    service(customer, JANUARY, recurring_discount=10_000, discounted_renewals_left=0)
    service(customer, JANUARY, recurring_discount=10_000, discounted_renewals_left=None)
    service(customer, JANUARY, cycle="one_time", recurring_net=0)
    (found,) = recurring.by_month([JANUARY])
    assert found.closing == recurring.Size(5, Decimal(480_000))


def test_each_month_begins_where_the_one_before_ended(customer):
    service(customer, date(2025, 11, 30))
    service(customer, date(2026, 1, 15), recurring_net=150_000)
    service(customer, date(2026, 1, 31), ended=date(2026, 1, 31), recurring_net=70_000)
    service(customer, date(2025, 12, 1), ended=date(2026, 3, 1), recurring_net=30_000)
    found = recurring.by_month(YEAR[:4])
    assert [int(one.closing.mrr) for one in found] == [280_000, 280_000, 250_000, 250_000]
    assert [(one.won.services, one.lost.services) for one in found] == [(2, 1), (0, 0), (0, 1), (0, 0)]
    assert [one.opening for one in found[1:]] == [one.closing for one in found[:-1]]
    assert (found[2].lost_services_percent, found[2].lost_mrr_percent) == (Decimal("33.3"), Decimal("10.7"))


def test_churn_of_nothing_is_no_percentage(customer):
    (found,) = recurring.by_month([JANUARY])
    assert (found.closing, found.lost_services_percent) == (recurring.Size(), None)


def test_a_month_is_the_company_s_not_the_world_s(customer):
    """In Jakarta it was February already."""
    made = service(customer, JANUARY)
    Service.objects.filter(pk=made.pk).update(activated_at=datetime(2026, 1, 31, 18, tzinfo=UTC))
    assert [one.won.services for one in recurring.by_month(YEAR[:2])] == [0, 1]


def test_suspended_services_are_named_apart(customer):
    service(customer, JANUARY)
    made = service(customer, JANUARY)
    Service.objects.filter(pk=made.pk).update(
        status="suspended", suspended_at=timezone.now(), suspended_because="unpaid"
    )
    (found,) = recurring.by_cycle()
    assert (found.cycle, found.running.services, found.suspended.services) == ("monthly", 2, 1)


AT_AGE = {
    "not-due": (-5, 0),
    "1-30": (1, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "over-90": (91, 900),
}


@pytest.mark.parametrize(("days", "key"), [(days, key) for key, ends in AT_AGE.items() for days in ends])
def test_what_is_owed_stands_at_its_age(customer, days, key):
    today = date(2026, 6, 30)
    invoice(customer, line(100_000), amount_paid=Decimal(30_000), due_on=today - timedelta(days=days))
    invoice(customer, line(100_000), status="paid")
    found = {one.age.key: (one.invoices, one.amount) for one in receivables.by_age(today)}
    assert {name: value for name, value in found.items() if value[0]} == {key: (1, 70_000)}


def test_the_ages_hold_every_day_once():
    for days in range(-400, 400):
        assert sum(age.holds(days) for age in receivables.AGES) == 1
