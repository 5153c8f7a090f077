"""The one function that prices what was configured (P1): items in, a quote of lines out. No database, no clock.

A quote's amounts are net of tax. Where the shop's prices include it, they are taken apart so that
``subtotal − discount + tax`` is the sum of the prices shown, to the rupiah (T4).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from accounts.texts import Text
from catalog import configuration
from catalog.configuration import describe
from catalog.cycles import Cycle
from catalog.lines import ConfigurationError, Described, Item, Line
from catalog.models import Promotion, TaxRule
from catalog.money import DEFAULT_CURRENCY, ZERO, round_money, spread

__all__ = [
    "ConfigurationError",
    "Described",
    "Item",
    "ItemQuote",
    "Line",
    "Preview",
    "PromotionTerms",
    "Quote",
    "RecurringTotal",
    "Settlement",
    "TaxTerms",
    "describe",
    "preview",
    "quote",
    "settle",
]


@dataclass(frozen=True)
class TaxTerms:
    """A tax rule as it is copied onto an invoice (T1)."""

    name: str
    rate: Decimal
    base_numerator: int = 1
    base_denominator: int = 1
    code: str = ""

    @classmethod
    def of(cls, rule: TaxRule) -> "TaxTerms":
        return cls(rule.name, Decimal(rule.rate), rule.base_numerator, rule.base_denominator, rule.code)

    @property
    def base_fraction(self) -> Fraction:
        return Fraction(self.base_numerator, self.base_denominator)

    @property
    def effective_rate(self) -> Fraction:
        """Tax per net amount: 12 % on 11/12 gives 11/100."""
        return Fraction(self.rate) / 100 * self.base_fraction

    @property
    def label(self) -> str:
        """``PPN 11%``: the effective rate, which is what people compute with."""
        percent = round(self.effective_rate * 100, 2)
        return f"{self.name} {Decimal(percent.numerator) / Decimal(percent.denominator):f}%"

    def tax_on(self, net: Decimal, currency: str) -> Decimal:
        """From the unrounded base, rounded once (T2, T3)."""
        return round_money(Fraction(net) * self.effective_rate, currency)

    def net_of(self, gross: Decimal, currency: str) -> Decimal:
        """What is left of a price that includes the tax (T4)."""
        return round_money(Fraction(gross) / (1 + self.effective_rate), currency)


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


class SettledLine(Protocol):
    """What a total is made of; an invoice's lines are such too."""

    amount: Decimal
    discount: Decimal
    taxable: bool


@dataclass(frozen=True)
class Settlement:
    """``total = subtotal − discount + tax``. ``tax_base`` is the printed "DPP nilai lain" (T3)."""

    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    tax_base: Decimal

    @property
    def net(self) -> Decimal:
        return self.subtotal - self.discount

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def settle(
    lines: Iterable[SettledLine], *, tax: TaxTerms | None = None, currency: str = DEFAULT_CURRENCY
) -> Settlement:
    """The totals of ready lines with net amounts; tax is rounded once over all taxable ones (T2)."""
    lines = list(lines)
    taxable = _sum(line.amount - line.discount for line in lines if line.taxable)
    return _settlement(lines, tax, tax.tax_on(taxable, currency) if tax else ZERO, taxable, currency)


def _settlement(lines, tax: TaxTerms | None, tax_amount: Decimal, taxable: Decimal, currency: str) -> Settlement:
    return Settlement(
        subtotal=_sum(line.amount for line in lines),
        discount=_sum(line.discount for line in lines),
        tax=tax_amount,
        tax_base=round_money(Fraction(taxable) * tax.base_fraction, currency) if tax else ZERO,
    )


@dataclass(frozen=True)
class RecurringTotal:
    """What renews together each ``cycle``, at today's tax."""

    cycle: str
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class ItemQuote:
    """One item's part, without tax. ``recurring`` is what its own cycle costs; a domain renews in a cycle of its own."""

    item: Item
    lines: tuple[Line, ...]

    @property
    def due_today(self) -> Decimal:
        return _sum(line.net for line in self.lines)

    @property
    def recurring_by_cycle(self) -> dict[str, Decimal]:
        """Net per renewal by cycle, shortest first."""
        return {
            cycle: _sum(line.recurring_net for line in self.lines if line.cycle == cycle)
            for cycle in _recurring_cycles(self.lines)
        }

    @property
    def recurring(self) -> Decimal:
        return self.recurring_by_cycle.get(self.item.selection.cycle, ZERO)


@dataclass(frozen=True)
class Quote:
    """A price for everything asked for. ``subtotal`` is the sum of the lines' amounts; ``setup`` is its part for setup."""

    lines: tuple[Line, ...]
    items: tuple[ItemQuote, ...]
    settlement: Settlement
    recurring: tuple[RecurringTotal, ...]
    tax_terms: TaxTerms | None
    promotion: PromotionTerms | None
    currency: str = DEFAULT_CURRENCY

    @property
    def subtotal(self) -> Decimal:
        return self.settlement.subtotal

    @property
    def setup(self) -> Decimal:
        return _sum(line.amount for line in self.lines if line.kind == "setup")

    @property
    def discount(self) -> Decimal:
        return self.settlement.discount

    @property
    def net(self) -> Decimal:
        return self.settlement.net

    @property
    def tax(self) -> Decimal:
        return self.settlement.tax

    @property
    def tax_base(self) -> Decimal:
        return self.settlement.tax_base

    @property
    def total(self) -> Decimal:
        return self.settlement.total

    @property
    def promotion_discounts_nothing(self) -> bool:
        """A code was accepted, yet nothing here gets cheaper: say so (D5)."""
        return self.promotion is not None and not any(line.discount or line.recurring_discount for line in self.lines)


@dataclass(frozen=True)
class Preview:
    """A price while the form is still being filled in; no quote where nothing can be priced yet."""

    quote: Quote | None
    problems: Mapping[str, str]


def quote(
    items: Sequence[Item],
    *,
    promotion: PromotionTerms | None = None,
    tax: TaxTerms | None = None,
    tax_inclusive: bool = False,
    currency: str = DEFAULT_CURRENCY,
) -> Quote:
    """The price of the items, first payment and renewals.

    Raises ``ConfigurationError`` for the first item that is not configured as its offer allows (P3, P4).
    """
    lines: list[Line] = []
    for index, (read, problems) in enumerate(configuration.read(items)):
        if problems:
            raise ConfigurationError(problems, index)
        lines += read
    return _quote(items, lines, promotion, tax, tax_inclusive, currency)


def preview(
    item: Item,
    *,
    promotion: PromotionTerms | None = None,
    tax: TaxTerms | None = None,
    tax_inclusive: bool = False,
    currency: str = DEFAULT_CURRENCY,
) -> Preview:
    """The price of one item with what is wrong in it left out: for the summary beside a form, never for an order."""
    [(lines, problems)] = configuration.read([item])
    priced = _quote([item], lines, promotion, tax, tax_inclusive, currency) if lines else None
    return Preview(priced, problems)


def _quote(
    items: Sequence[Item],
    lines: list[Line],
    promotion: PromotionTerms | None,
    tax: TaxTerms | None,
    tax_inclusive: bool,
    currency: str,
) -> Quote:
    if promotion is not None:
        lines = _discounted(items, lines, promotion, currency)
    if tax is not None and tax_inclusive:
        lines, settlement = _taken_apart(lines, tax, currency)
        lines, recurring = _recurring_taken_apart(lines, tax, currency)
    else:
        settlement = settle(lines, tax=tax, currency=currency)
        recurring = [_recurring_total(lines, cycle, tax, currency) for cycle in _recurring_cycles(lines)]
    return Quote(
        lines=tuple(lines),
        items=tuple(
            ItemQuote(item, tuple(line for line in lines if line.item == index)) for index, item in enumerate(items)
        ),
        settlement=settlement,
        recurring=tuple(recurring),
        tax_terms=tax,
        promotion=promotion,
        currency=currency,
    )


# Discounts (RULES D)


def _discounted(items: Sequence[Item], lines: list[Line], terms: PromotionTerms, currency: str) -> list[Line]:
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
    return spread(min(round_money(terms.value, currency), _sum(weights)), weights, currency)


def _override(terms: PromotionTerms, lines: list[Line], fits: list[bool], column: str, currency: str) -> list[Decimal]:
    """The product itself costs ``value`` a piece, or what it cost before where that is less."""
    return [
        max(ZERO, getattr(line, column) - terms.value * line.quantity) if fit and line.kind == "product" else ZERO
        for line, fit in zip(lines, fits, strict=True)
    ]


_DISCOUNTS: dict[str, Callable[[PromotionTerms, list[Line], list[bool], str, str], list[Decimal]]] = {
    Promotion.Kind.PERCENT: _percent,
    Promotion.Kind.FIXED: _fixed,
    Promotion.Kind.PRICE_OVERRIDE: _override,
}


# Renewals


def _recurring_cycles(lines: Iterable[Line]) -> list[str]:
    found = {line.cycle for line in lines if line.recurring}
    return [cycle for cycle in Cycle.values if cycle in found]


def _recurring_total(lines: list[Line], cycle: str, tax: TaxTerms | None, currency: str) -> RecurringTotal:
    renewing = [line for line in lines if line.cycle == cycle]
    taxable = _sum(line.recurring_net for line in renewing if line.taxable)
    return RecurringTotal(
        cycle=cycle,
        net=_sum(line.recurring_net for line in renewing),
        tax=tax.tax_on(taxable, currency) if tax else ZERO,
    )


# Prices that include tax (T4)


def _net_columns(
    amounts: list[Decimal], discounts: list[Decimal], tax: TaxTerms, currency: str
) -> tuple[list[Decimal], list[Decimal], Decimal]:
    """Net amounts and discounts of gross ones, and the tax: what is paid and what is taken off are each spread by largest
    remainder, so that a line without a discount gets none and all lines sum to half_up(gross / (1 + r)).
    """
    paid = [amount - discount for amount, discount in zip(amounts, discounts, strict=True)]
    gross = _sum(paid)
    net = tax.net_of(gross, currency)
    nets = spread(net, paid, currency)
    net_discounts = spread(tax.net_of(_sum(discounts), currency), discounts, currency)
    net_amounts = [part + discount for part, discount in zip(nets, net_discounts, strict=True)]
    return net_amounts, net_discounts, gross - net


def _taken_apart(lines: list[Line], tax: TaxTerms, currency: str) -> tuple[list[Line], Settlement]:
    taxable = [index for index, line in enumerate(lines) if line.taxable]
    amounts, discounts, tax_amount = _net_columns(
        [lines[index].amount for index in taxable], [lines[index].discount for index in taxable], tax, currency
    )
    apart = list(lines)
    for index, amount, discount in zip(taxable, amounts, discounts, strict=True):
        unit_price = tax.net_of(lines[index].unit_price, currency)
        apart[index] = replace(lines[index], amount=amount, discount=discount, unit_price=unit_price)
    net = _sum(apart[index].net for index in taxable)
    return apart, _settlement(apart, tax, tax_amount, net, currency)


def _recurring_taken_apart(lines: list[Line], tax: TaxTerms, currency: str) -> tuple[list[Line], list[RecurringTotal]]:
    apart = list(lines)
    totals = []
    for cycle in _recurring_cycles(lines):
        taxable = [index for index, line in enumerate(lines) if line.cycle == cycle and line.taxable]
        amounts, discounts, tax_amount = _net_columns(
            [lines[index].recurring_amount for index in taxable],
            [lines[index].recurring_discount for index in taxable],
            tax,
            currency,
        )
        for index, amount, discount in zip(taxable, amounts, discounts, strict=True):
            apart[index] = replace(apart[index], recurring_amount=amount, recurring_discount=discount)
        net = _sum(line.recurring_net for line in apart if line.cycle == cycle)
        totals.append(RecurringTotal(cycle, net, tax_amount))
    return apart, totals


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
