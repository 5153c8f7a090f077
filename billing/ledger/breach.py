"""What a check finds, and the small queries that checks are made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models.functions import Coalesce

_MONEY = models.DecimalField(max_digits=20, decimal_places=2)
# Half of the smallest amount: SQLite adds in floating point.
_TOLERANCE = Decimal("0.005")


@dataclass(frozen=True)
class Breach:
    """``rule`` is V1…V9, ``row`` names what is wrong, ``message`` says how."""

    rule: str
    row: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule} {self.row}: {self.message}"


def sum_for_each(rows: models.QuerySet, owner: str, field: str) -> Coalesce:
    """The sum of ``field`` over the rows whose ``owner`` is the outer row; 0 without any."""
    sums = rows.filter(**{owner: models.OuterRef("pk")}).order_by().values(owner).annotate(_sum=models.Sum(field))
    return Coalesce(models.Subquery(sums.values("_sum"), output_field=_MONEY), Decimal(0), output_field=_MONEY)


def count_for_each(rows: models.QuerySet, owner: str) -> Coalesce:
    counts = rows.filter(**{owner: models.OuterRef("pk")}).order_by().values(owner).annotate(_count=models.Count("pk"))
    return Coalesce(models.Subquery(counts.values("_count")), 0)


def unequal(rows: models.QuerySet, one: str, other: str) -> models.QuerySet:
    """The rows in which two amounts differ."""
    gap = models.ExpressionWrapper(models.F(one) - models.F(other), output_field=_MONEY)
    return rows.annotate(_gap=gap).filter(models.Q(_gap__gt=_TOLERANCE) | models.Q(_gap__lt=-_TOLERANCE))


def more(rows: models.QuerySet, one: str, other: str) -> models.QuerySet:
    """The rows in which the first amount is more than the second."""
    gap = models.ExpressionWrapper(models.F(one) - models.F(other), output_field=_MONEY)
    return rows.annotate(_gap=gap).filter(_gap__gt=_TOLERANCE)


def breaches(rule: str, kind: str, rows: Iterable, message: str) -> Iterator[Breach]:
    """One breach for each row; ``message`` is filled in from the row's attributes."""
    found = rows.iterator(chunk_size=500) if isinstance(rows, models.QuerySet) else rows
    for row in found:
        yield Breach(rule, f"{kind} {row.pk} ({row})", message.format(row=row))
