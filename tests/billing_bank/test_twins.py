"""U2 across sources: one movement that two of them tell is one line, and two equal transfers are two, in every order."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from billing.bank import importing, mutations, twins
from billing.bank.rows import Row
from billing.models import BankAccount, StatementImport, StatementLine, StatementTwin
from tests import factories

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
TRANSFER = "TRSF E-BANKING CR BUDI"


@pytest.fixture
def account(db):
    return factories.bank_account(number="0987654321")


def row(text: str = TRANSFER, amount: int = 150_000, day: date = DAY, **fields) -> Row:
    return Row(day, Decimal(amount), text, **fields)


def by_file(account: BankAccount, *rows: Row, feed: str = "csv") -> int:
    """How many lines were new."""
    imported = StatementImport.objects.create(account=account, source="x", sha256="0" * 64)
    return len(importing.take_in(imported=imported, reading=importing.Reading(rows, feed), actor=None))


def by_webhook(account: BankAccount, *ids: str, **fields) -> int:
    told = [mutations.Mutation(one, row(**{"bank_id": one} | fields)) for one in ids]
    return mutations.take_in(mutations.Call(account.number, "", told), account=account, body=b"")["new"]


def lines() -> int:
    return StatementLine.objects.count()


def test_a_webhook_then_the_days_csv(account):
    assert by_webhook(account, "m1") == 1
    assert by_file(account, row(balance=Decimal(1_150_000))) == 0
    line, twin = StatementLine.objects.get(), StatementTwin.objects.get()
    assert (line.feed, twin.line, twin.feed) == ("webhook", line, "csv")


def test_the_days_csv_then_a_webhook(account):
    assert by_file(account, row()) == 1
    assert by_webhook(account, "m1") == 0
    assert by_webhook(account, "m1") == 0
    assert (lines(), StatementTwin.objects.count()) == (1, 1)


def test_the_payer_may_stand_beside_the_text_or_in_it(account):
    by_webhook(account, "m1", text="trsf e-banking  cr", payer="Budi")
    assert by_file(account, row()) == 0


# What arrives, and that the second of two equal transfers comes only with the later statement.
DELIVERIES = {
    "m1": lambda account: by_webhook(account, "m1"),
    "m2": lambda account: by_webhook(account, "m2"),
    "morning": lambda account: by_file(account, row(balance=Decimal(1_150_000))),
    "evening": lambda account: by_file(account, row(balance=Decimal(1_150_000)), row(balance=Decimal(1_300_000))),
}


@pytest.mark.parametrize("order", list(permutations(DELIVERIES)), ids="-".join)
def test_two_equal_transfers_are_two_lines_in_every_order_of_arrival(account, order):
    for name in order:
        DELIVERIES[name](account)
    for name in order:
        assert DELIVERIES[name](account) == 0
    assert lines() == 2


@pytest.mark.parametrize("order", list(permutations(["m1", "both", "mt940"])), ids="-".join)
def test_statements_without_balances_tell_two_apart_by_their_number(account, order):
    deliveries = {
        "m1": lambda: by_webhook(account, "m1"),
        "both": lambda: by_file(account, row(), row()),
        "mt940": lambda: by_file(account, row(bank_id="R1"), row(bank_id="R2"), feed="mt940"),
    }
    for name in order:
        deliveries[name]()
    assert lines() == 2


def test_a_third_equal_transfer_that_only_the_bank_tells_of_is_a_third_line(account):
    by_webhook(account, "m1", "m2")
    assert by_file(account, row(), row(), row()) == 1
    assert lines() == 3


@pytest.mark.parametrize(
    "other",
    [
        row(text="TRSF E-BANKING CR SARI"),
        row(text="TRSF E-BANKING CR BUDI SANTOSO"),
        row(amount=150_001),
        row(day=date(2026, 11, 21)),
        row(text=""),
    ],
)
def test_another_payer_amount_or_day_is_another_line(account, other):
    by_webhook(account, "m1")
    assert by_file(account, other) == 1
    assert (lines(), StatementTwin.objects.count()) == (2, 0)


def test_balances_that_differ_say_that_it_is_another_transfer(account):
    by_webhook(account, "m1", balance=Decimal(1_150_000))
    assert by_file(account, row(balance=Decimal(1_300_000))) == 1
    assert by_file(account, row(balance=Decimal(1_150_000))) == 0
    assert lines() == 2


def test_the_one_with_the_same_balance_is_the_twin(account):
    by_webhook(account, "m1")
    by_webhook(account, "m2", balance=Decimal(7))
    by_file(account, row(balance=Decimal(7)))
    assert StatementTwin.objects.get().line.balance == 7


def test_movements_of_which_nothing_is_said_are_the_same_by_their_balance_only(account):
    by_webhook(account, "m1", text="")
    assert by_file(account, row(text="")) == 1
    by_webhook(account, "m2", text="", amount=5, balance=Decimal(9))
    assert by_file(account, row(text="", amount=5, balance=Decimal(9))) == 0


def test_another_account_has_its_own_lines(account):
    by_webhook(account, "m1")
    assert by_file(factories.bank_account(), row()) == 1


def test_what_staff_decided_about_a_line_stays_with_it(account):
    by_webhook(account, "m1")
    StatementLine.objects.update(status="ignored")
    assert by_file(account, row()) == 0
    assert StatementLine.objects.get().status == "ignored"


def test_a_line_told_in_other_words_is_shown_as_possibly_the_same(account):
    by_webhook(account, "m1", text="BUDI")
    by_file(account, row(), row(day=date(2026, 11, 23), text="LAIN"), row(day=date(2026, 11, 24), text="JAUH"))
    by_file(account, row(amount=1))
    line = StatementLine.objects.get(feed="webhook")
    assert [one.text for one in twins.possible(line)] == [TRANSFER, "LAIN"]
    assert list(twins.possible(StatementLine.objects.get(text=TRANSFER, amount=150_000))) == [line]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_delivery_costs_the_same_for_one_movement_and_three(account, rows, django_assert_num_queries):
    by_file(account, *(row(text=f"A{number}") for number in range(rows)))
    keyed = {f"k{number}": row(text=f"A{number}") for number in range(rows)}
    with django_assert_num_queries(4):
        importing.sort_out(account, "webhook", keyed)
