"""What a promotion takes off which lines (RULES D2, D3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from accounts.texts import Text
from catalog.lines import Item, Line
from catalog.models import Promotion
from catalog.money import ZERO, round_money, spread, total_of


@dataclass(frozen=True)
class PromotionTerms:
    """What a promotion takes off, and of which lines; whether the buyer may use it is ``catalog.promotions``' question."""

    id: int
    code: str
    name: Text
    kind: str
    value: Decimal
    includes_setup: bool = False
    recurring: bool = False
    renewals: int | None = None
    product_ids: frozenset[int] = frozenset()
    addon_ids: frozenset[int] = frozenset()
    cycles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, promotion: Promotion) -> "PromotionTerms":
        """Reads the promotion's products and add-ons."""
        return cls(
            id=promotion.pk,
            code=promotion.code,
            name=Text.of(promotion, "name"),
            kind=promotion.kind,
            value=Decimal(promotion.value),
            includes_setup=promotion.includes_setup,
            recurring=promotion.recurring,
            renewals=promotion.renewals,
            product_ids=frozenset(product.pk for product in promotion.products.all()),
            addon_ids=frozenset(addon.pk for addon in promotion.addons.all()),
            cycles=frozenset(promotion.cycles),
        )

    @property
    def for_everything(self) -> bool:
        return not self.product_ids and not self.addon_ids

    def covers(self, item: Item, belongs_to: str) -> bool:
        """Whether it applies to this part of the item, whatever the cycle.

        Without products and add-ons named it applies to all of both. A domain's price is the registry's: no promotion
        applies to it.
        """
        if belongs_to == "domain":
            return False
        if belongs_to.startswith("addon:"):
            return self.for_everything or item.offer.addon(belongs_to.removeprefix("addon:")).id in self.addon_ids
        return self.for_everything or item.offer.id in self.product_ids

    def covers_cycle(self, item: Item, belongs_to: str) -> bool:
        if not self.cycles:
            return True
        cycle = item.selection.cycle
        if belongs_to.startswith("addon:"):
            cycle = item.offer.addon(belongs_to.removeprefix("addon:")).cycle_for(cycle)
        return cycle in self.cycles


def discounted(items: Sequence[Item], lines: list[Line], terms: PromotionTerms, currency: str) -> list[Line]:
    applies = [
        terms.covers(items[line.item], line.belongs_to) and terms.covers_cycle(items[line.item], line.belongs_to)
        for line in lines
    ]
    if terms.kind == Promotion.Kind.FREE_SETUP:
        first = [
            line.amount if fits and line.kind == "setup" else ZERO for line, fits in zip(lines, applies, strict=True)
        ]
        return _with(lines, discount=first)
    fits_first = [
        fits and (terms.includes_setup or line.kind != "setup") for line, fits in zip(lines, applies, strict=True)
    ]
    take = _DISCOUNTS[terms.kind]
    lines = _with(lines, discount=take(terms, lines, fits_first, "amount", currency))
    if terms.recurring:
        fits_later = [fits and line.recurring for line, fits in zip(lines, applies, strict=True)]
        lines = _with(lines, recurring_discount=take(terms, lines, fits_later, "recurring_amount", currency))
    return lines


def _with(lines: list[Line], **columns: list[Decimal]) -> list[Line]:
    [(name, values)] = columns.items()
    return [replace(line, **{name: value}) for line, value in zip(lines, values, strict=True)]


def _percent(terms: PromotionTerms, lines: list[Line], fits: list[bool], column: str, currency: str) -> list[Decimal]:
    return [
        round_money(Fraction(getattr(line, column)) * Fraction(terms.value) / 100, currency) if fit else ZERO
        for line, fit in zip(lines, fits, strict=True)
    ]


def _fixed(terms: PromotionTerms, lines: list[Line], fits: list[bool], column: str, currency: str) -> list[Decimal]:
    """Once per order, spread over the lines it applies to, and never more than they cost (D3)."""
    weights = [getattr(line, column) if fit else ZERO for line, fit in zip(lines, fits, strict=True)]
    return spread(min(round_money(terms.value, currency), total_of(weights)), weights, currency)


def _override(terms: PromotionTerms, lines: list[Line], fits: list[bool], column: str, currency: str) -> list[Decimal]:
    """The product itself costs ``value`` a piece, or what it cost before where that is less; a part of a cycle its share."""
    shares = [line.share if column == "amount" else 1 for line in lines]
    return [
        max(ZERO, getattr(line, column) - round_money(Fraction(terms.value * line.quantity) * share, currency))
        if fit and line.key in {"product", "part:product"}
        else ZERO
        for line, fit, share in zip(lines, fits, shares, strict=True)
    ]


_DISCOUNTS: dict[str, Callable[[PromotionTerms, list[Line], list[bool], str, str], list[Decimal]]] = {
    Promotion.Kind.PERCENT: _percent,
    Promotion.Kind.FIXED: _fixed,
    Promotion.Kind.PRICE_OVERRIDE: _override,
}
