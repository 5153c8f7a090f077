"""V2 for bank statements: a recognised line is money of the shop's books, to the rupiah; any other is not."""

from collections.abc import Iterator

from django.db import models

from billing.ledger.breach import Breach, breaches, sum_for_each, unequal
from billing.models import Payment, StatementLine

RECOGNISED = (StatementLine.Status.MATCHED, StatementLine.Status.ASSIGNED)


def lines_are_in_the_books_once() -> Iterator[Breach]:
    kept = Payment.objects.filter(statement_line__isnull=False, reversal=None)
    lines = StatementLine.objects.annotate(
        recorded=sum_for_each(kept, "statement_line", "amount"),
        expected=models.Case(
            models.When(status__in=RECOGNISED, then=models.F("amount")),
            default=models.Value(0),
            output_field=models.DecimalField(max_digits=16, decimal_places=2),
        ),
    )
    yield from breaches(
        "V2",
        "statement line",
        unequal(lines, "recorded", "expected"),
        "of {row.amount} is {row.status}, payments of it sum to {row.recorded}",
    )
