"""What another configuration of a running service costs (S6): by the same prices as an order (P1), for the days that are
left, less what is left of what was paid. Nothing here writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from accounts.models import Shop
from accounts.texts import Text
from billing import repricing
from billing.changes import remaining, selections
from billing.changes.selections import Family
from billing.models import Service
from catalog import pricing, tax
from catalog.cycles import PER
from catalog.models import Addon, Option, Promotion
from catalog.money import ZERO, round_money, spread, total_of
from catalog.offers import ProductOffer
from catalog.pricing import Line
from catalog.renewals import Renewal
from catalog.selection import Selection

CHANGED, ADDED, ENDED = "changed", "added", "ended"


@dataclass(frozen=True)
class Part:
    """One service that the change touches. ``lines`` are what it consists of afterwards, ``once`` those that are paid one
    time now; ``unused`` and ``charged`` are for the rest of the period, unrounded.
    """

    key: str
    what: str
    name: Text
    service: Service | None
    lines: tuple[Line, ...] = ()
    once: tuple[Line, ...] = ()
    discount: Decimal = ZERO
    unused: Fraction = Fraction(0)
    charged: Fraction = Fraction(0)

    @property
    def recurring_net(self) -> Decimal:
        return total_of(line.recurring_amount for line in self.lines)

    @property
    def difference(self) -> Fraction:
        return self.charged - self.unused

    @property
    def main(self) -> Line:
        """The line that says what it is and how it is taxed."""
        return self.lines[0]


@dataclass(frozen=True)
class Charge:
    """One line of the invoice to come; ``recurring`` ones are for the rest of the period."""

    part: Part
    line: Line
    amount: Decimal
    recurring: bool
    discount: Decimal = ZERO

    @property
    def taxable(self) -> bool:
        return self.line.taxable


@dataclass(frozen=True)
class ChangeQuote:
    """A priced change. Amounts are net: ``difference`` is charged − unused, ``due`` what is to pay now, ``given_back`` what
    becomes credit.
    """

    family: Family
    offer: ProductOffer
    selection: Selection
    parts: tuple[Part, ...]
    stays: tuple[Service, ...]
    today: date
    tax_terms: tax.TaxTerms | None
    gives_credit: bool

    @property
    def service(self) -> Service:
        return self.family.service

    @property
    def currency(self) -> str:
        return self.service.currency

    @property
    def main(self) -> Part:
        return self.parts[0]

    @cached_property
    def unused(self) -> Decimal:
        return self._rounded(sum((part.unused for part in self.parts), Fraction(0)))

    @cached_property
    def charged(self) -> Decimal:
        return self._rounded(sum((part.charged for part in self.parts), Fraction(0)))

    @property
    def once(self) -> Decimal:
        return total_of(line.amount for part in self.parts for line in part.once)

    @property
    def difference(self) -> Decimal:
        return self.charged - self.unused

    @property
    def _returned(self) -> Decimal:
        """What the customer gets back of the rest of the period, in any way."""
        return max(ZERO, -self.difference) if self.gives_credit else ZERO

    @property
    def due(self) -> Decimal:
        return max(ZERO, max(ZERO, self.difference) + self.once - self._returned)

    @property
    def given_back(self) -> Decimal:
        return max(ZERO, self._returned - self.once)

    @cached_property
    def charges(self) -> list[Charge]:
        """What is charged, summing exactly to ``due``: never below zero, so what gets cheaper lowers the rest."""
        dearer = [part for part in self.parts if part.difference > 0]
        shares = spread(max(ZERO, self.difference), [_decimal(part.difference) for part in dearer], self.currency)
        found = [Charge(part, part.main, amount, True) for part, amount in zip(dearer, shares, strict=True) if amount]
        once = [(part, line) for part in self.parts for line in part.once if line.amount]
        amounts = [line.amount for _part, line in once]
        off = spread(min(self._returned, total_of(amounts)), amounts, self.currency)
        for (part, line), taken in zip(once, off, strict=True):
            found.append(Charge(part, line, line.amount, False, taken))
        return found

    @cached_property
    def settlement(self) -> tax.Settlement:
        return tax.settle(self.charges, tax=self.tax_terms, currency=self.currency)

    @property
    def total(self) -> Decimal:
        """What is to pay now, tax included."""
        return self.settlement.total

    @cached_property
    def values(self) -> list[Decimal]:
        """For each part, what its rest of the period is worth more than before; they sum to what was charged or given
        back for it. What gets cheaper without credit only makes up for what gets dearer.
        """
        rounded = [self._rounded(part.difference) for part in self.parts]
        largest = max(range(len(rounded)), key=lambda index: abs(rounded[index]))
        rounded[largest] += self.difference - total_of(rounded)
        if self.difference >= ZERO or self.gives_credit:
            return rounded
        dearer = total_of(value for value in rounded if value > ZERO)
        cheaper = spread(dearer, [max(ZERO, -value) for value in rounded], self.currency)
        return [value if value > ZERO else -less for value, less in zip(rounded, cheaper, strict=True)]

    @cached_property
    def renewal(self) -> Renewal:
        """What renews with the service from its next due date on, tax included."""
        service, cycle = self.service, self.selection.cycle
        left = service.discounted_renewals_left != 0
        renewing = [
            _Renewing(part.recurring_net, part.discount if left else ZERO, part.main.taxable)
            for part in self.parts
            if part.lines and part.main.cycle == cycle
        ]
        for one in self.stays:
            if one.cycle == cycle and one.next_due == service.next_due:
                off = ZERO if one.discounted_renewals_left == 0 else one.recurring_discount
                renewing.append(_Renewing(one.recurring_net, off, one.taxable))
        total = tax.settle(renewing, tax=self.tax_terms, currency=self.currency).total
        return Renewal(total, PER[cycle], service.next_due)

    def _rounded(self, amount: Fraction) -> Decimal:
        return round_money(amount, self.currency)


@dataclass(frozen=True)
class _Renewing:
    amount: Decimal
    discount: Decimal
    taxable: bool


@dataclass(frozen=True)
class Preview:
    """A change while its form is still being filled in; no quote where nothing can be priced yet."""

    quote: ChangeQuote | None
    problems: Mapping[str, str]


def quote(family: Family, offer: ProductOffer, selection: Selection, today: date) -> ChangeQuote:
    """The price of a change today. Raises ``catalog.pricing.ConfigurationError`` as an order's quote does (P3, P4)."""
    terms = tax.in_force(today)
    priced = pricing.quote([pricing.Item(offer, selection)], **_conditions(family, terms))
    return _of_lines(family, offer, selection, priced.lines, today, terms)


def preview(family: Family, offer: ProductOffer, selection: Selection, today: date) -> Preview:
    """The same with what is wrong left out, for pages."""
    terms = tax.cached_in_force(today)
    priced = pricing.preview(pricing.Item(offer, selection), **_conditions(family, terms))
    if priced.quote is None:
        return Preview(None, priced.problems)
    return Preview(_of_lines(family, offer, selection, priced.quote.lines, today, terms), priced.problems)


def lines_of(family: Family, offer: ProductOffer, selection: Selection, day: date) -> dict[str, tuple[Line, ...]]:
    """The lines of a configuration by the part that they belong to, priced as on that day."""
    priced = pricing.quote([pricing.Item(offer, selection)], **_conditions(family, tax.in_force(day)))
    return _by_part(priced.lines)


def _conditions(family: Family, terms: tax.TaxTerms | None) -> dict:
    return {
        "promotion": _price_override(family.service),
        "tax": terms,
        "tax_inclusive": Shop.current().prices_include_tax,
        "currency": family.service.currency,
    }


def _price_override(service: Service) -> pricing.PromotionTerms | None:
    """A promotion that names the price itself takes off what the new price is above it."""
    if service.recurring_discount and service.promotion and service.promotion.kind == Promotion.Kind.PRICE_OVERRIDE:
        return pricing.PromotionTerms.of(service.promotion)
    return None


def discount_of(service: Service, key: str, item: pricing.Item, lines: Sequence[Line]) -> Decimal:
    """What a renewal of these lines is still discounted by: as was agreed, where the promotion covers them at all."""
    net = total_of(line.recurring_amount for line in lines)
    if not service.recurring_discount or service.promotion is None:
        return min(service.recurring_discount, net)
    terms = pricing.PromotionTerms.of(service.promotion)
    if not (terms.covers(item, key) and terms.covers_cycle(item, key)):
        return ZERO
    if terms.kind == Promotion.Kind.PRICE_OVERRIDE:
        return total_of(line.recurring_discount for line in lines)
    return repricing.discount_at(service, net)


def _by_part(lines: Sequence[Line]) -> dict[str, tuple[Line, ...]]:
    parts: dict[str, tuple[Line, ...]] = {}
    for line in lines:
        key = line.belongs_to if line.belongs_to.startswith("addon:") else "product"
        parts[key] = (*parts.get(key, ()), line)
    return parts


def _of_lines(
    family: Family,
    offer: ProductOffer,
    selection: Selection,
    lines: Sequence[Line],
    today: date,
    terms: tax.TaxTerms | None,
) -> ChangeQuote:
    by_part = _by_part(lines)
    pricer = _Pricer(family, offer, selection, today)
    parts = [pricer.product(by_part.pop("product"))]
    stays = []
    for child in family.addons:
        mine = by_part.pop(f"addon:{child.addon.key}", ()) if child.addon else ()
        part = pricer.existing_addon(child, mine)
        if part is None:
            stays.append(child)
        else:
            parts.append(part)
    parts += [pricer.new_addon(key, mine) for key, mine in by_part.items()]
    gives_credit = Shop.current().downgrades_give_credit
    return ChangeQuote(family, offer, selection, tuple(parts), tuple(stays), today, terms, gives_credit)


class _Pricer:
    """Makes the parts of one change."""

    def __init__(self, family: Family, offer: ProductOffer, selection: Selection, today: date) -> None:
        self.family = family
        self.service = family.service
        self.offer = offer
        self.selection = selection
        self.left = remaining.left_of(self.service, family.ids, today)
        self.cycles = remaining.cycles_until(self.service.next_due, selection.cycle, self.service.anchor_day, today)
        self.is_new_product = offer.id != self.service.product_id

    def product(self, lines: tuple[Line, ...]) -> Part:
        renewing = tuple(line for line in lines if line.recurring)
        return self._part("product", CHANGED, self.offer.name, self.service, renewing, tuple(self._new_setup(lines)))

    def _new_setup(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Setup fees of what was not there before: another product, an option that was not had, another choice."""
        had = {part.key: part.quantity for part in self.service.components.all()}
        before = selections.of_service(self.family, self.offer).options
        choices = {option.key for option in self.offer.options if option.kind == Option.Kind.CHOICE}
        for line in lines:
            if line.kind != "setup":
                continue
            key = line.belongs_to.removeprefix("option:")
            other_choice = key in choices and before.get(key) != self.selection.options.get(key)
            is_new = self.is_new_product if key == "product" else not had.get(line.belongs_to) or other_choice
            if is_new:
                yield line

    def existing_addon(self, child: Service, lines: tuple[Line, ...]) -> Part | None:
        """How an add-on that is there takes part; ``None`` where it stays as it is, at its own price (P7)."""
        if not child.is_recurring:
            return None
        name = Text.of(child, "name")
        key = f"addon:{child.addon.key}" if child.addon else ""
        if not lines:
            return None if self._is_no_choice(child) else self._part(key, ENDED, name, child)
        renewing = tuple(line for line in lines if line.recurring)
        if not renewing or renewing[0].cycle == child.cycle:
            return None
        return self._part(key, CHANGED, name, child, renewing)

    def _is_no_choice(self, child: Service) -> bool:
        """An add-on that the form cannot show was not unticked: it stays where it still belongs to the product."""
        if child.addon is None:
            return True
        if self.offer.addon(child.addon.key):
            return False
        return not self.is_new_product or Addon.objects.filter(pk=child.addon_id, products=self.offer.id).exists()

    def new_addon(self, key: str, lines: tuple[Line, ...]) -> Part:
        name = self.offer.addon(key.removeprefix("addon:")).name
        once = tuple(line for line in lines if not line.recurring)
        return self._part(key, ADDED, name, None, tuple(line for line in lines if line.kind == "addon"), once)

    def _part(
        self,
        key: str,
        what: str,
        name: Text,
        service: Service | None,
        lines: tuple[Line, ...] = (),
        once: tuple[Line, ...] = (),
    ) -> Part:
        net = total_of(line.recurring_amount for line in lines)
        item = pricing.Item(self.offer, self.selection)
        off = discount_of(service, key, item, lines) if service and lines else ZERO
        # Its promotion has renewals left, or the last that it had is the one that runs.
        still = service and (service.discounted_renewals_left != 0 or service.pk in self.left.discounted)
        return Part(
            key,
            what,
            name,
            service,
            lines,
            once,
            discount=off,
            unused=self.left.values[service.pk] if service else Fraction(0),
            charged=self.cycles * Fraction(net - (off if still else ZERO)),
        )


def _decimal(amount: Fraction) -> Decimal:
    """Near enough to share by."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)
