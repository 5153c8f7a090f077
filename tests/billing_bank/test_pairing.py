"""Which line is said to prove which transfer: the very amount and a name or number, never the amount alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.bank import pairing, recognition
from billing.bank.pairing import AMOUNT, BUYER, NUMBER, SENDER, Claim, Seen

DAY = date(2026, 11, 20)


def claim(pk: int = 1, amount: int = 150_000, **fields) -> Claim:
    given = {"sender": "Budi Santoso", "buyer": "PT Maju Jaya", **fields}
    return Claim(
        id=pk,
        account=given.get("account", 1),
        amount=Decimal(amount),
        on=given.get("on", DAY),
        at=datetime(2026, 11, 20, 9, pk, tzinfo=UTC),
        sender=recognition.words(given["sender"]),
        buyer=recognition.words(given["buyer"]),
        numbers=given.get("numbers", ((12, "INV/2026/11/00012"),)),
    )


def line(pk: int = 1, amount: int = 150_000, text: str = "", account: int = 1, days: int = 0) -> Seen:
    return Seen(pk, account, Decimal(amount), DAY + timedelta(days=days), text)


@pytest.mark.parametrize(
    ("text", "signs", "sure"),
    [
        ("SWITCHING CR", {AMOUNT}, False),
        ("TRSF BUDI SANTOSO", {AMOUNT, SENDER}, True),
        ("TRSF MAJU JAYA PT", {AMOUNT, BUYER}, True),
        ("lunas inv 2026 11 12", {AMOUNT, NUMBER}, True),
        ("BUDI", {AMOUNT}, False),
    ],
)
def test_the_amount_alone_is_likely_and_a_name_or_number_makes_it_sure(text, signs, sure):
    found = pairing.fit(claim(), line(text=text))
    assert (found.signs, found.sure) == (signs, sure)


@pytest.mark.parametrize(
    "other",
    [
        line(text="BUDI SANTOSO", account=2),
        line(text="BUDI SANTOSO", days=-2),
        line(text="BUDI SANTOSO", days=6),
        line(text="RATNA DEWI", amount=149_000),
        line(text="BUDI SANTOSO", amount=90_000),
    ],
)
def test_another_account_a_far_day_and_a_far_amount_are_no_proof(other):
    assert pairing.fit(claim(), other) is None


@pytest.mark.parametrize(("amount", "text"), [(149_000, "BUDI SANTOSO"), (50_000, "INV/2026/11/00012")])
def test_another_amount_of_the_same_sender_or_number_is_likely_with_the_difference(amount, text):
    found = pairing.fit(claim(), line(amount=amount, text=text))
    assert (found.sure, found.difference) == (False, amount - 150_000)


def test_each_line_goes_to_the_transfer_that_it_fits_best_and_to_one_alone():
    first, second = claim(1, sender="Anna Dewi"), claim(2)
    pairs = pairing.pair([first, second], [line(10, text="BUDI SANTOSO"), line(11)])
    assert {one: fit.line for one, fit in pairs.items()} == {2: 10, 1: 11}
    assert [pairs[1].sure, pairs[2].sure] == [False, True]


def test_a_line_that_fits_two_transfers_alike_is_sure_of_neither():
    pairs = pairing.pair([claim(1), claim(2)], [line(10, text="BUDI SANTOSO")])
    assert {one: (fit.line, fit.contested, fit.sure) for one, fit in pairs.items()} == {1: (10, True, False)}


def test_two_equal_lines_for_two_equal_transfers_are_one_each():
    pairs = pairing.pair([claim(1), claim(2)], [line(10, text="BUDI SANTOSO"), line(11, text="BUDI SANTOSO")])
    assert sorted((fit.line, fit.sure) for fit in pairs.values()) == [(10, True), (11, True)]


def test_a_sender_without_a_name_of_its_own_says_nothing():
    assert pairing.fit(claim(sender="PT", buyer="CV"), line(text="PT CV")).signs == {AMOUNT}


def test_many_transfers_of_one_amount_are_paired_quickly():
    claims = [claim(pk, sender=f"orang {chr(97 + pk % 26)}{chr(97 + pk // 26)}", numbers=()) for pk in range(50)]
    lines = [line(pk, text=f"ORANG {chr(97 + pk % 26)}{chr(97 + pk // 26)}".upper()) for pk in range(50)]
    pairs = pairing.pair(claims, lines)
    assert all(one == fit.line and fit.sure for one, fit in pairs.items())
    assert len(pairs) == 50
