"""U3: what a line pays, read in one way or left to people."""

from datetime import date
from decimal import Decimal

import pytest

from billing.bank.recognition import Line, Open, Recognised, mentioned_in, mentions, recognise, sequences_in

DAY = date(2026, 11, 21)
NUMBER = "INV/2026/11/00042"


def invoice(pk: int, balance: int, number: str = NUMBER, issued_on: date = DAY) -> Open:
    return Open(pk, number, Decimal(balance), issued_on)


def line(amount: int, text: str = "") -> Line:
    return Line(DAY, Decimal(amount), text)


@pytest.mark.parametrize(
    "text",
    [
        "INV/2026/11/00042",
        "inv 2026 11 42",
        "Bayar Inv-2026-11-0042 ya",
        "TRSF150017.00INV20261100042 BUDI",
        "INV2026/11/42",
        "I N V 2026.11.00042",
        "INV 2026 11 000 42",
    ],
)
def test_a_number_is_found_whatever_its_case_spaces_punctuation_and_zeros(text):
    assert mentions(text, NUMBER)
    assert 42 in sequences_in(text)


@pytest.mark.parametrize(
    "text",
    ["INV/2026/11/00420", "INV/2026/11/00004", "INV/2026/10/00042", "INV/2025/11/00042", "2026/11/00042", "INV 42", ""],
)
def test_another_number_is_not_this_one(text):
    assert not mentions(text, NUMBER)


def test_a_number_of_digits_alone_is_not_found_inside_a_longer_one():
    assert mentions("ref 202600042 lunas", "2026/00042")
    assert not mentions("ref 9202600042", "2026/00042")


def test_the_exact_amount_of_an_open_transfer_comes_first():
    ours = invoice(1, 150_000)
    assert recognise(line(150_017), by_code=ours, mentioned=[]) == Recognised("code", (1,))


def test_a_text_that_names_another_invoice_than_the_amount_is_left_to_people():
    ours, other = invoice(1, 150_000), invoice(2, 90_000, "INV/2026/11/00043")
    assert recognise(line(150_017), by_code=ours, mentioned=[other]) is None
    assert recognise(line(150_017), by_code=ours, mentioned=[other, ours]) == Recognised("code", (1,))


def test_one_number_with_its_balance():
    assert recognise(line(150_000), by_code=None, mentioned=[invoice(1, 150_000)]) == Recognised("number", (1,))
    assert recognise(line(149_999), by_code=None, mentioned=[invoice(1, 150_000)]) is None
    assert recognise(line(150_001), by_code=None, mentioned=[invoice(1, 150_000)]) is None


def test_several_numbers_whose_balances_sum():
    two = [invoice(1, 100_000), invoice(2, 50_000, "INV/2026/11/00043")]
    assert recognise(line(150_000), by_code=None, mentioned=two) == Recognised("numbers", (1, 2))
    assert recognise(line(50_000), by_code=None, mentioned=two) == Recognised("number", (2,))
    assert recognise(line(120_000), by_code=None, mentioned=two) is None
    same = [invoice(1, 50_000), invoice(2, 50_000, "INV/2026/11/00043")]
    assert recognise(line(50_000), by_code=None, mentioned=same) is None


def test_nobody_pays_an_invoice_before_it_was_made():
    later = invoice(1, 150_000, issued_on=date(2026, 11, 22))
    assert recognise(line(150_000), by_code=None, mentioned=[later]) is None
    assert recognise(line(150_017), by_code=later, mentioned=[]) is None


def test_only_the_invoices_in_the_text_are_mentioned():
    open_ones = [invoice(1, 1), invoice(2, 2, "INV/2026/11/00043"), invoice(3, 3, "INV/2026/11/00421")]
    assert [one.id for one in mentioned_in("INV/2026/11/42 dan INV/2026/11/43", open_ones)] == [1, 2]
