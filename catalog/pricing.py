"""The one function that prices what was configured (P1): items in, a quote of lines out. No database, no clock.

A quote's amounts are net of tax. Where the shop's prices include it, they are taken apart so that
``subtotal − discount + tax`` is the sum of the prices shown, to the rupiah (T4).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from catalog import configuration, proration
from catalog.configuration import describe
from catalog.cycles import Cycle
from catalog.discounts import PromotionTerms, discounted
from catalog.lines import ConfigurationError, Described, Item, Line, Period
from catalog.money import DEFAULT_CURRENCY, ZERO, total_of
from catalog.tax import Settlement, TaxTerms, net_columns, settle, settled

__all__ = [
    "ConfigurationError",
    "Described",
    "Item",
    "ItemQuote",
    "Line",
    "Period",
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
class RecurringTotal:
    """What renews together each ``cycle``, at today's tax; ``starts_on`` is when first, where that is known."""

    cycle: str
    net: Decimal
    tax: Decimal
    starts_on: date | None = None

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
        return total_of(line.net for line in self.lines)

    @property
    def recurring_by_cycle(self) -> dict[str, Decimal]:
        """Net per renewal by cycle, shortest first."""
        return {
            cycle: total_of(line.recurring_net for line in self.lines if line.cycle == cycle)
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
        return total_of(line.amount for line in self.lines if line.kind == "setup")

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
    def parts(self) -> list[Period]:
        """The parts of cycles that are paid for now, each once (S9)."""
        found = (line.period for line in self.lines if line.period and line.period.is_part)
        return sorted(set(found), key=lambda period: (period.last, period.whole_days))

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
    on: date | None = None,
) -> Quote:
    """The price of the items, first payment and renewals.

    ``on`` is the day of the order, from which periods are counted and first payments prorated (S9). Without it whole
    cycles are priced: what something costs, rather than what ordering it asks for.

    Raises ``ConfigurationError`` for the first item that is not configured as its offer allows (P3, P4).
    """
    lines: list[Line] = []
    for index, (read, problems) in enumerate(configuration.read(items)):
        if problems:
            raise ConfigurationError(problems, index)
        lines += read
    return _quote(items, lines, promotion, tax, tax_inclusive, currency, on)


def preview(
    item: Item,
    *,
    promotion: PromotionTerms | None = None,
    tax: TaxTerms | None = None,
    tax_inclusive: bool = False,
    currency: str = DEFAULT_CURRENCY,
    on: date | None = None,
) -> Preview:
    """The price of one item with what is wrong in it left out: for the summary beside a form, never for an order."""
    [(lines, problems)] = configuration.read([item])
    priced = _quote([item], lines, promotion, tax, tax_inclusive, currency, on) if lines else None
    return Preview(priced, problems)


def _quote(
    items: Sequence[Item],
    lines: list[Line],
    promotion: PromotionTerms | None,
    tax: TaxTerms | None,
    tax_inclusive: bool,
    currency: str,
    on: date | None,
) -> Quote:
    if on is not None:
        lines = list(proration.begin(items, lines, on, currency))
    if promotion is not None:
        lines = discounted(items, lines, promotion, currency)
    if tax is not None and tax_inclusive:
        lines, settlement = _taken_apart(lines, tax, currency)
        lines, recurring = _recurring_taken_apart(lines, tax, currency)
    else:
        settlement = settle(lines, tax=tax, currency=currency)
        recurring = [_recurring_total(lines, when, tax, currency) for when in _renewals(lines)]
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


# Renewals


# A cycle, and the day on which it first renews: what has both in common is paid together.
_When = tuple[str, date | None]


def _when(line: Line) -> _When:
    return line.cycle, line.period and line.period.next_due


def _recurring_cycles(lines: Iterable[Line]) -> list[str]:
    found = {line.cycle for line in lines if line.recurring}
    return [cycle for cycle in Cycle.values if cycle in found]


def _renewals(lines: Iterable[Line]) -> list[_When]:
    """Shortest cycle first, then by day."""
    found = {_when(line) for line in lines if line.recurring}
    return sorted(found, key=lambda when: (Cycle.values.index(when[0]), when[1] or date.min))


def _recurring_total(lines: list[Line], when: _When, tax: TaxTerms | None, currency: str) -> RecurringTotal:
    renewing = [line for line in lines if _when(line) == when]
    taxable = total_of(line.recurring_net for line in renewing if line.taxable)
    cycle, starts_on = when
    return RecurringTotal(
        cycle=cycle,
        net=total_of(line.recurring_net for line in renewing),
        tax=tax.tax_on(taxable, currency) if tax else ZERO,
        starts_on=starts_on,
    )


# Prices that include tax (T4)


def _taken_apart(lines: list[Line], tax: TaxTerms, currency: str) -> tuple[list[Line], Settlement]:
    taxable = [index for index, line in enumerate(lines) if line.taxable]
    amounts, discounts, tax_amount = net_columns(
        [lines[index].amount for index in taxable], [lines[index].discount for index in taxable], tax, currency
    )
    apart = list(lines)
    for index, amount, discount in zip(taxable, amounts, discounts, strict=True):
        unit_price = tax.net_of(lines[index].unit_price, currency)
        apart[index] = replace(lines[index], amount=amount, discount=discount, unit_price=unit_price)
    net = total_of(apart[index].net for index in taxable)
    return apart, settled(apart, tax, tax_amount, net, currency)


def _recurring_taken_apart(lines: list[Line], tax: TaxTerms, currency: str) -> tuple[list[Line], list[RecurringTotal]]:
    apart = list(lines)
    totals = []
    for when in _renewals(lines):
        taxable = [index for index, line in enumerate(lines) if _when(line) == when and line.taxable]
        amounts, discounts, tax_amount = net_columns(
            [lines[index].recurring_amount for index in taxable],
            [lines[index].recurring_discount for index in taxable],
            tax,
            currency,
        )
        for index, amount, discount in zip(taxable, amounts, discounts, strict=True):
            apart[index] = replace(apart[index], recurring_amount=amount, recurring_discount=discount)
        net = total_of(line.recurring_net for line in apart if _when(line) == when)
        cycle, starts_on = when
        totals.append(RecurringTotal(cycle, net, tax_amount, starts_on))
    return apart, totals
