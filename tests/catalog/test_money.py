"""RULES MO: rounding, writing, reading and splitting money."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import money


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-0.5", -1), ("-2.5", -3)]
)
def test_mo1_rupiah_rounds_half_up_to_whole_numbers(amount, rounded):
    assert money.round_money(Decimal(amount)) == rounded
    assert money.round_money(Fraction(amount)) == rounded


def test_mo1_dollars_keep_two_digits():
    assert money.round_money(Decimal("1.005"), "USD") == Decimal("1.01")
    assert money.round_money(Fraction(1, 3), "USD") == Decimal("0.33")


def test_mo2_amounts_are_written_with_dots_and_no_space():
    assert money.format_money(1_250_000) == "Rp1.250.000"
    assert money.format_money(-5_000) == "−Rp5.000"
    assert money.format_money(0) == "Rp0"
    assert money.format_money(Decimal("1250.5"), "USD") == "US$1,250.50"


def test_mo2_a_receipt_shows_cents_and_the_amount_in_words():
    assert money.format_receipt(1_250_000) == "Rp1.250.000,00"
    assert money.in_words(1_250_000) == "satu juta dua ratus lima puluh ribu rupiah"
    assert money.in_words(330_225) == "tiga ratus tiga puluh ribu dua ratus dua puluh lima rupiah"
    assert money.in_words(1_111) == "seribu seratus sebelas rupiah"
    assert money.in_words(2_000, "en") == "two thousand rupiah"


@pytest.mark.parametrize(
    "typed",
    [
        "1250000",
        "1.250.000",
        "1,250,000",
        "Rp 1.250.000,00",
        "Rp1.250.000",
        "Rp. 1.250.000,-",
        "IDR 1,250,000.00",
        "1 250 000",
        "Rp\u00a01.250.000",
        " 1250000,00 ",
    ],
)
def test_mo3_reads_what_people_type(typed):
    assert money.parse_rupiah(typed) == Decimal(1_250_000)


def test_mo3_one_group_of_three_is_thousands():
    assert money.parse_rupiah("1.250") == money.parse_rupiah("1,250") == 1_250


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "abc",
        "12.50",
        "1,25",
        "1.2500",
        "12.5",
        "1.250.00",
        "1.25.000",
        "1.250,000",
        "-5000",
        "1 2",
        "1e6",
        "Rp",
    ],
)
def test_mo3_what_is_ambiguous_or_no_amount_is_refused_by_name(typed):
    with pytest.raises(money.AmountError) as refused:
        money.parse_rupiah(typed)
    assert refused.value.args == (typed,)


@given(st.integers(0, 10**12))
def test_mo3_reads_back_what_the_shop_writes(amount):
    assert money.parse_rupiah(money.format_money(amount)) == amount
    assert money.parse_rupiah(money.format_receipt(amount)) == amount


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
def test_d3_spread_sums_exactly_and_is_off_by_less_than_one_unit(total, weights):
    parts = money.spread(Decimal(total), [Decimal(weight) for weight in weights])

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(part) - Fraction(total * weight, sum(weights))) < 1


def test_d3_spread_gives_equal_remainders_to_the_earlier_line():
    assert money.spread(Decimal(100), [Decimal(1)] * 3) == [34, 33, 33]


def test_d3_spread_refuses_to_split_over_nothing():
    with pytest.raises(ValueError):
        money.spread(Decimal(1), [Decimal(0)])
