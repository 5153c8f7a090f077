"""Tax on net amounts, on prices that include it, and the totals of ready lines (RULES T)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from catalog import snapshots
from catalog.models import TaxRule
from catalog.money import DEFAULT_CURRENCY, ZERO, round_money, spread, total_of


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


def in_force(day: date) -> TaxTerms | None:
    """The terms of the rule in force on the invoice's date (T1)."""
    rule = TaxRule.objects.in_force(day)
    return TaxTerms.of(rule) if rule else None


def cached_in_force(day: date) -> TaxTerms | None:
    """The same, as this process last read it: for pages, never for an invoice."""
    return snapshots.remember(f"tax:{day}", lambda: in_force(day))


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
    taxable = total_of(line.amount - line.discount for line in lines if line.taxable)
    return settled(lines, tax, tax.tax_on(taxable, currency) if tax else ZERO, taxable, currency)


def settled(
    lines: Sequence[SettledLine], tax: TaxTerms | None, tax_amount: Decimal, taxable: Decimal, currency: str
) -> Settlement:
    """The totals with a tax that is known already; ``taxable`` is the net that it is on."""
    return Settlement(
        subtotal=total_of(line.amount for line in lines),
        discount=total_of(line.discount for line in lines),
        tax=tax_amount,
        tax_base=round_money(Fraction(taxable) * tax.base_fraction, currency) if tax else ZERO,
    )


def net_columns(
    amounts: list[Decimal], discounts: list[Decimal], tax: TaxTerms, currency: str
) -> tuple[list[Decimal], list[Decimal], Decimal]:
    """Net amounts and discounts of gross ones, and the tax: what is paid and what is taken off are each spread by largest
    remainder, so that a line without a discount gets none and all lines sum to half_up(gross / (1 + r)).
    """
    paid = [amount - discount for amount, discount in zip(amounts, discounts, strict=True)]
    gross = total_of(paid)
    net = tax.net_of(gross, currency)
    nets = spread(net, paid, currency)
    net_discounts = spread(tax.net_of(total_of(discounts), currency), discounts, currency)
    net_amounts = [part + discount for part, discount in zip(nets, net_discounts, strict=True)]
    return net_amounts, net_discounts, gross - net
