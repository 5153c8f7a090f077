"""The prices of one thing as staff edit them: a row for each cycle, an empty one for a cycle that is not offered (P4)."""

from collections.abc import Iterable, Mapping

from django.db import models

from catalog.cycles import Cycle
from catalog.models import Price
from catalog.money import DEFAULT_CURRENCY
from catalog.offers import PriceTag

Table = Mapping[str, PriceTag | None]


def read(owner: models.Model) -> dict[str, PriceTag]:
    """By cycle; a prefetched ``prices`` costs no query."""
    return {
        price.cycle: PriceTag(price.amount, price.setup_fee)
        for price in owner.prices.all()
        if price.currency == DEFAULT_CURRENCY
    }


def write(owner: models.Model, table: Table) -> None:
    """Make the owner's prices of the table's cycles what the table says; other cycles stay as they are."""
    for cycle, tag in table.items():
        rows = owner.prices.filter(cycle=cycle, currency=DEFAULT_CURRENCY)
        if tag is None:
            rows.delete()
        elif not rows.update(amount=tag.amount, setup_fee=tag.setup_fee):
            owner.prices.create(cycle=cycle, amount=tag.amount, setup_fee=tag.setup_fee)


def copy(source: models.Model, to: models.Model) -> None:
    """All of the source's prices, in every currency."""
    fields = {"currency", "cycle", "amount", "setup_fee"}
    for price in source.prices.all():
        to.prices.create(**{name: getattr(price, name) for name in fields})


def cycles_of(products: Iterable[models.Model]) -> list[str]:
    """The cycles that the products are sold in, shortest first; all of them where nothing is sold yet."""
    found = set(Price.objects.filter(product__in=products).values_list("cycle", flat=True))
    return [cycle for cycle in Cycle.values if cycle in found] or list(Cycle.values)


def as_words(tags: Mapping[str, PriceTag]) -> list[tuple[str, PriceTag]]:
    return [(str(Cycle(cycle).label), tags[cycle]) for cycle in Cycle.values if cycle in tags]
