"""First payments that go to a fixed day of the month (RULES S9)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cycles import Cycle, next_due
from catalog.pricing import Period, TaxTerms, quote
from catalog.proration import first_periods
from catalog.selection import DomainSelection
from tests.catalog.offers import PPN, addon, extension, item, offer, promotion, users
from tests.catalog.test_pricing_properties import orders, promotions, tax_rules

JANUARY = date(2026, 1, 1)
days_of_month = st.integers(1, 28)
dates = st.dates(date(2026, 1, 1), date(2030, 12, 31))
cycles = st.sampled_from([cycle for cycle in Cycle.values if cycle != Cycle.ONE_TIME])


def first_of_month(prices=None, **fields):
    return offer(prices or {"monthly": 310_000}, proration_day=1, proration_cutoff=20, **fields)


def lines(quoted) -> list[tuple]:
    return [(line.key, line.amount, line.period.first, line.period.last) for line in quoted.lines if line.period]


@pytest.mark.parametrize(
    ("day", "total", "due"),
    [
        (15, 170_000, date(2026, 2, 1)),
        (25, 380_000, date(2026, 3, 1)),
        (1, 310_000, date(2026, 2, 1)),
        (19, 130_000, date(2026, 2, 1)),
        (20, 120_000 + 310_000, date(2026, 3, 1)),
        (31, 10_000 + 310_000, date(2026, 3, 1)),
    ],
)
def test_s9_the_worked_example(day, total, due):
    quoted = quote([item(first_of_month())], on=JANUARY.replace(day=day))

    assert quoted.total == total
    [renewal] = quoted.recurring
    assert (renewal.net, renewal.starts_on) == (310_000, due)


def test_s9_a_part_and_a_whole_cycle_are_lines_of_their_own():
    quoted = quote([item(first_of_month())], on=date(2026, 1, 25))

    assert lines(quoted) == [
        ("part:product", 70_000, date(2026, 1, 25), date(2026, 1, 31)),
        ("product", 310_000, date(2026, 2, 1), date(2026, 2, 28)),
    ]
    assert [line.recurring_amount for line in quoted.lines] == [0, 310_000]
    assert [(part.days, part.whole_days) for part in quoted.parts] == [(7, 31)]


def test_s9_options_and_addons_go_like_the_product_and_setup_is_whole():
    plan = first_of_month(
        {"monthly": (310_000, 50_000)},
        options=(users(31_000),),
        addons=(addon("care", {"monthly": 62_000}, pk=1), addon("install", {"one_time": 90_000}, pk=2)),
    )
    quoted = quote([item(plan, options={"users": 2}, addons={"care", "install"})], on=date(2026, 1, 15))

    assert {line.key: line.amount for line in quoted.lines} == {
        "product": 170_000,
        "setup:product": 50_000,
        "option:users": 34_000,
        "addon:care": 34_000,
        "addon:install": 90_000,
    }
    assert [(one.net, one.starts_on) for one in quoted.recurring] == [(434_000, date(2026, 2, 1))]


def test_s9_a_part_of_a_longer_cycle_counts_the_days_of_the_cycle_from_the_day_before():
    year = quote([item(first_of_month({"annually": 3_650_000}), "annually")], on=date(2026, 1, 15))
    quarter = quote([item(first_of_month({"quarterly": 900_000}), "quarterly")], on=date(2026, 1, 25))

    assert lines(year) == [("product", 170_000, date(2026, 1, 15), date(2026, 1, 31))]
    assert lines(quarter) == [
        ("part:product", 70_000, date(2026, 1, 25), date(2026, 1, 31)),
        ("product", 900_000, date(2026, 2, 1), date(2026, 4, 30)),
    ]


def test_s9_the_day_may_lie_before_or_after_that_of_the_order():
    middle = offer({"monthly": 310_000}, proration_day=15)

    before = quote([item(middle)], on=date(2026, 1, 10))
    after = quote([item(middle)], on=date(2026, 1, 20))

    assert lines(before) == [("product", 50_000, date(2026, 1, 10), date(2026, 1, 14))]
    assert lines(after) == [("product", 260_000, date(2026, 1, 20), date(2026, 2, 14))]


def test_s9_a_domain_is_bought_by_the_year_from_the_day_of_the_order():
    plan = first_of_month(domain_ways=("register",), extensions=(extension(".id", register=220_000, renew=250_000),))
    quoted = quote([item(plan, domain=DomainSelection("register", "contoh.id"))], on=date(2026, 1, 15))

    assert lines(quoted) == [
        ("product", 170_000, date(2026, 1, 15), date(2026, 1, 31)),
        ("domain", 220_000, date(2026, 1, 15), date(2027, 1, 14)),
    ]
    assert [(one.cycle, one.starts_on) for one in quoted.recurring] == [
        ("monthly", date(2026, 2, 1)),
        ("annually", date(2027, 1, 15)),
    ]


def test_s9_a_promotion_takes_its_share_of_a_part():
    on = date(2026, 1, 15)
    percent = quote([item(first_of_month())], promotion=promotion(recurring=True), on=on)
    special = quote([item(first_of_month())], promotion=promotion("price_override", 155_000, recurring=True), on=on)

    assert [(line.discount, line.recurring_discount) for line in percent.lines] == [(17_000, 31_000)]
    assert [(line.discount, line.recurring_discount) for line in special.lines] == [(85_000, 155_000)]


def test_s9_a_special_price_holds_for_the_part_and_the_whole_cycle():
    quoted = quote([item(first_of_month())], promotion=promotion("price_override", 155_000), on=date(2026, 1, 25))

    assert [(line.key, line.discount) for line in quoted.lines] == [("part:product", 35_000), ("product", 155_000)]


def test_s9_what_renews_on_another_day_is_another_renewal():
    items = [item(first_of_month()), item(offer({"monthly": 100_000}, pk=2))]
    quoted = quote(items, on=date(2026, 1, 15), tax=PPN)

    assert [(one.net, one.tax, one.starts_on) for one in quoted.recurring] == [
        (310_000, 34_100, date(2026, 2, 1)),
        (100_000, 11_000, date(2026, 2, 15)),
    ]


def test_without_a_day_whole_cycles_are_priced():
    quoted = quote([item(first_of_month())])

    assert (quoted.total, quoted.parts, quoted.lines[0].period) == (310_000, [], None)


@given(dates, cycles, days_of_month, st.none() | st.integers(1, 31))
def test_s9_periods_follow_on_each_other_and_end_before_the_day(on, cycle, day, cutoff):
    periods = first_periods(on, cycle, day, cutoff)

    assert periods[0].first == on
    assert [one.first for one in periods[1:]] == [one.next_due for one in periods[:-1]]
    assert {one.next_due.day for one in periods} == {day}
    assert periods[0].days <= 31 or not periods[0].is_part
    whole = [one for one in periods if not one.is_part]
    assert all(one.next_due == next_due(one.first, cycle, day) for one in whole)
    assert len(whole) == (on.day == day or (cutoff is not None and on.day >= cutoff))


@given(dates, cycles)
def test_s2_without_a_day_the_first_period_is_one_cycle(on, cycle):
    assert first_periods(on, cycle, None, None) == (
        Period(on, next_due(on, cycle, on.day) - timedelta(days=1), on.day, (next_due(on, cycle, on.day) - on).days),
    )


@given(orders, st.none() | promotions(), tax_rules, st.booleans(), dates, days_of_month, st.none() | st.integers(1, 31))
def test_s9_every_order_sums_up_and_its_renewals_are_those_of_whole_cycles(
    order, promo, tax, inclusive, on, day, cutoff
):
    prorated = [replace(one, offer=replace(one.offer, proration_day=day, proration_cutoff=cutoff)) for one in order]
    quoted = quote(prorated, promotion=promo, tax=tax, tax_inclusive=inclusive, on=on)
    whole = quote(order, promotion=promo, tax=tax, tax_inclusive=inclusive)

    assert quoted.total == quoted.subtotal - quoted.discount + quoted.tax
    assert quoted.subtotal == sum(line.amount for line in quoted.lines)
    assert quoted.discount == sum(line.discount for line in quoted.lines)
    for line in quoted.lines:
        assert 0 <= line.discount <= line.amount == line.amount.to_integral_value()
        assert 0 <= line.recurring_discount <= line.recurring_amount
    assert [(one.cycle, one.net, one.tax) for one in quoted.recurring] == [
        (one.cycle, one.net, one.tax) for one in whole.recurring
    ]


@given(st.integers(0, 5_000_000), dates, cycles, days_of_month)
def test_s9_no_part_costs_more_than_the_whole(price, on, cycle, day):
    plan = offer({cycle: price}, proration_day=day)
    quoted = quote([item(plan, cycle)], on=on, tax=TaxTerms("PPN", Decimal(11)), tax_inclusive=True)

    assert quoted.total <= price
