"""Amounts cross the border exactly or not at all (MO4)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.gateways import asking, reading
from billing.gateways.base import Refused, Unreadable
from tests.gateways.conftest import make_attempt

RUPIAH = st.integers(min_value=0, max_value=10**15 - 1)


def read(value, currency="IDR"):
    return reading.amount({"amount": value}, "amount", currency)


@given(RUPIAH)
def test_mo4_rupiah_as_midtrans_and_as_xendit_write_them_come_in_as_they_went_out(whole):
    attempt = make_attempt("midtrans_va", amount=Decimal(whole))
    assert asking.rupiah(attempt) == whole
    assert {read(f"{whole}.00"), read(f"{whole}"), read(whole)} == {attempt.amount}
    assert str(read(f"{whole}.00")) == str(whole)


@given(st.integers(min_value=0, max_value=2**53))
def test_a_whole_number_with_a_point_is_the_same_number_where_it_can_be_written(whole):
    if "e" not in repr(float(whole)) and whole < 10**15:
        assert read(float(whole)) == whole


@given(RUPIAH, st.integers(min_value=1, max_value=99))
def test_rupiah_with_cents_are_refused(whole, cents):
    with pytest.raises(Unreadable):
        read(f"{whole}.{cents:02}")


@given(RUPIAH, st.integers(min_value=0, max_value=99))
def test_dollars_keep_their_cents(whole, cents):
    assert read(f"{whole}.{cents:02}", "USD") == Decimal(whole) + Decimal(cents) / 100


@given(st.one_of(st.text(), st.floats(), st.integers(), st.binary(), st.none(), st.booleans(), st.lists(st.integers())))
def test_whatever_comes_is_a_whole_amount_or_refused(value):
    try:
        found = read(value)
    except Unreadable:
        return
    assert found == found.to_integral_value() == Decimal(str(value))
    assert 0 <= found < 10**15


@given(st.decimals(min_value=1, max_value=10**12, places=2).filter(lambda amount: amount % 1))
def test_what_is_not_whole_is_not_asked_for(amount):
    with pytest.raises(Refused):
        asking.rupiah(make_attempt("midtrans_va"), amount)


def test_other_currencies_are_not_asked_for():
    with pytest.raises(Refused) as refusal:
        asking.rupiah(make_attempt("midtrans_va", currency="USD"))
    assert str(refusal.value) == "Cara bayar ini hanya menerima rupiah."
