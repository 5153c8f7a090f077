"""U2: each line is taken in once, by the same file again and by one that overlaps."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.bank import importing
from billing.bank.rows import StatementError
from billing.models import StatementImport, StatementLine
from tests import factories
from tests.billing_bank import statements
from tests.racing import at_once

pytestmark = pytest.mark.django_db


def uploaded(account, staff, text: str, name: str = "mutasi.csv") -> StatementImport:
    return importing.upload(account=account, file=SimpleUploadedFile(name, text.encode()), actor=staff)


def take_in(account, staff, text: str, name: str = "mutasi.csv") -> tuple[StatementImport, list[int]]:
    imported = uploaded(account, staff, text, name)
    ids = importing.take_in(imported=imported, reading=importing.read(text.encode(), account), actor=staff)
    return imported, ids


def test_money_that_came_in_is_written_with_what_the_bank_says(account, staff):
    imported, ids = take_in(account, staff, statements.BNI)

    line = StatementLine.objects.get(pk__in=ids)
    assert (line.booked_on, line.amount, line.status) == (date(2026, 11, 6), Decimal(330_225), "review")
    assert line.text == "TRF/PAY/TOP-UP ECHANNEL | BUDI"
    assert [event.to_status for event in line.events.all()] == ["review"]
    assert imported.counts == {"new": 1, "known": 0, "ignored": 1}


def test_the_same_file_again_and_an_overlapping_one_bring_only_what_is_new(account, staff):
    take_in(account, staff, statements.BRI)
    longer = statements.BRI + "08/11/26\tNBMB BUDI\t8888\t0.00\t90000.00\t2640000.00\n"

    again, ids = take_in(account, staff, statements.BRI)
    overlapping, new = take_in(account, staff, longer)

    assert (again.counts, ids) == ({"new": 0, "known": 2, "ignored": 0}, [])
    assert overlapping.counts == {"new": 1, "known": 2, "ignored": 0}
    assert list(StatementLine.objects.order_by("pk").values_list("amount", flat=True)) == [275_000, 275_000, 90_000]
    assert len(new) == 1


def test_a_file_of_more_lines_than_a_query_takes_is_known_again(account, staff, monkeypatch):
    monkeypatch.setattr(importing, "KEYS_AT_ONCE", 2)
    rows = "".join(f"08/11/26\tNBMB BUDI {number}\t8888\t0.00\t90000.00\t1\n" for number in range(5))
    take_in(account, staff, statements.BRI + rows)
    again, ids = take_in(account, staff, statements.BRI + rows)
    assert (again.counts, ids) == ({"new": 0, "known": 7, "ignored": 0}, [])


def test_the_same_line_on_another_account_is_another_line(account, staff):
    take_in(account, staff, statements.BNI)
    take_in(factories.bank_account(account.method, number="999"), staff, statements.BNI)

    assert StatementLine.objects.count() == 2


def test_the_columns_are_kept_for_the_accounts_next_file(account, staff):
    take_in(account, staff, statements.BNI)
    account.refresh_from_db()

    assert account.statement_columns["date"] == "Post Date"
    assert importing.read(statements.BNI.encode(), account).columns.to_json() == account.statement_columns


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("mutasi.pdf", b"%PDF", "CSV"), ("mutasi.csv", b"x" * (importing.MAX_BYTES + 1), "5 MB")],
)
def test_what_is_no_statement_by_name_or_size_is_refused_and_not_kept(account, staff, name, content, says):
    with pytest.raises(StatementError, match=says):
        importing.upload(account=account, file=SimpleUploadedFile(name, content), actor=staff)
    assert not StatementImport.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_file_by_eight_at_once_is_taken_in_once(account, staff):
    made = [uploaded(account, staff, statements.BRI) for _n in range(8)]
    reading = importing.read(statements.BRI.encode(), account)
    waiting = iter(made)

    outcomes = at_once(8, lambda: importing.take_in(imported=next(waiting), reading=reading, actor=staff))

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert StatementLine.objects.count() == 2
