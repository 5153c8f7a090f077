"""One movement told by two feeds, such as a mutation service and the bank's own CSV, is written once (U2).

Inside a feed the keys tell lines apart. Between feeds there is no common key: a row that is new to its feed is the same
movement as a line of another feed only where account, day, amount and words are the same and no running balance contradicts
it. Each line has at most one twin in each feed, so what one feed tells twice is two lines whatever the others told and in
whatever order they come: of equal movements there are as many lines as the feed that tells most of them has.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db import models

from billing.bank.rows import Row
from billing.models import BankAccount, StatementLine

# Banks book what was transferred on a weekend on the next working day.
DAYS_APART = 3


class Others:
    """The lines of an account that other feeds told of and this one has not yet."""

    def __init__(self, account: BankAccount, feed: str, days: Iterable[date]) -> None:
        untold = (
            StatementLine.objects.filter(account=account, booked_on__in=set(days))
            .exclude(feed=feed)
            .exclude(twins__feed=feed)
        )
        self._waiting: dict[tuple[date, Decimal], list[StatementLine]] = defaultdict(list)
        for line in untold.order_by("pk"):
            self._waiting[line.booked_on, line.amount].append(line)

    def take(self, row: Row) -> StatementLine | None:
        """The line that this row tells of as well; no other row gets it again."""
        here = self._waiting[row.booked_on, row.amount]
        same = [line for line in here if _is_told_by(line, row)]
        if not same:
            return None
        found = next((line for line in same if row.balance is not None and line.balance == row.balance), same[0])
        here.remove(found)
        return found

    def drop(self, line: StatementLine) -> bool:
        """This feed tells of it by a key that is known; true where it was still waiting for that."""
        here = self._waiting[line.booked_on, line.amount]
        left = [one for one in here if one.pk != line.pk]
        self._waiting[line.booked_on, line.amount] = left
        return len(left) < len(here)


def _is_told_by(line: StatementLine, row: Row) -> bool:
    words = _words(line.payer, line.text)
    if line.balance is not None and row.balance is not None:
        return line.balance == row.balance and words == _words(row.payer, row.text)
    # Without a single word nothing says that they are the same.
    return bool(words) and words == _words(row.payer, row.text)


def _words(payer: str, text: str) -> frozenset[str]:
    """As the database keeps them, whatever their case, spaces and punctuation; the payer stands in the text as well."""
    return frozenset(re.findall(r"[^\W_]+", f"{payer[:140]} {text[:600]}".upper()))


def possible(line: StatementLine) -> models.QuerySet[StatementLine]:
    """Lines of another feed that could be the same money in other words: for staff to look at before they decide."""
    near = (line.booked_on - timedelta(days=DAYS_APART), line.booked_on + timedelta(days=DAYS_APART))
    others = StatementLine.objects.filter(account=line.account_id, amount=line.amount, booked_on__range=near)
    return others.exclude(feed=line.feed).exclude(twins__feed=line.feed).order_by("booked_on", "pk")
