"""The same configuration in each cycle that a product is sold in, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog import configuration
from catalog.cycles import MONTHS, PER, Cycle
from catalog.money import total_of
from catalog.offers import ProductOffer
from catalog.pricing import Item
from catalog.selection import Selection


@dataclass(frozen=True)
class CycleTotal:
    """What a configuration costs in one of the product's cycles, as the catalog's prices are meant, and what it saves."""

    cycle: str
    total: Decimal
    setup: Decimal
    saving: int

    @property
    def label(self) -> str:
        return Cycle(self.cycle).label

    @property
    def per(self) -> str:
        return PER[self.cycle]


def cycle_totals(offer: ProductOffer, selection: Selection) -> list[CycleTotal]:
    """The same configuration in each cycle. ``saving`` is whole percent, rounded down, against the shortest cycle."""
    items = [Item(offer, replace(selection, cycle=cycle, domain=None)) for cycle in offer.cycles]
    found = []
    for cycle, (lines, _problems) in zip(offer.cycles, configuration.read(items), strict=True):
        total = total_of(line.amount for line in lines if line.cycle == cycle and line.kind != "setup")
        found.append((cycle, total, total_of(line.amount for line in lines if line.kind == "setup")))
    return [CycleTotal(cycle, total, setup, _saving(cycle, total, found)) for cycle, total, setup in found]


def _saving(cycle: str, total: Decimal, found: Sequence[tuple[str, Decimal, Decimal]]) -> int:
    recurring = [(one, amount) for one, amount, _setup in found if MONTHS[one]]
    if not MONTHS[cycle] or not recurring:
        return 0
    shortest, amount = recurring[0]
    full = amount * MONTHS[cycle] / MONTHS[shortest]
    return int((full - total) * 100 / full) if full > total else 0
