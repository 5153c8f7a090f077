"""What the store's pages show: groups with their plans, and what each plan costs at least."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from accounts.models import Shop
from accounts.texts import Text
from catalog import offers, snapshots, tax
from catalog.cycles import MONTHS, PER
from catalog.models import Option, ProductGroup
from catalog.money import ZERO, round_money
from catalog.offers import OptionOffer, PriceTag, ProductOffer
from catalog.tax import TaxTerms


@dataclass(frozen=True)
class Shelf:
    """A group of the store with the ids of the products that it shows."""

    slug: str
    name: Text
    tagline: Text
    product_ids: tuple[int, ...]


@dataclass(frozen=True)
class StartingPrice:
    """The least that an order of a plan costs: ``monthly`` a month when billed each ``cycle``, or once."""

    cycle: str
    amount: Decimal
    setup_fee: Decimal

    @property
    def monthly(self) -> Decimal | None:
        """``None`` for what is paid once."""
        months = MONTHS[self.cycle]
        return round_money(Fraction(self.amount) / months) if months else None

    @property
    def per(self) -> str:
        return PER[self.cycle]


@dataclass(frozen=True)
class Plan:
    """A plan's card."""

    offer: ProductOffer
    starting: StartingPrice | None

    @property
    def feature_list(self) -> list[str]:
        return [line.strip() for line in str(self.offer.features).splitlines() if line.strip()]


@dataclass(frozen=True)
class PriceBasis:
    """What the prices shown are, said once a page; no rule in force means that there is nothing to say."""

    tax: TaxTerms | None
    inclusive: bool


def shelves() -> tuple[Shelf, ...]:
    """The groups that the store shows, the empty ones too, as this process last read them."""
    return snapshots.remember("shelves", _read_shelves)


def _read_shelves() -> tuple[Shelf, ...]:
    """In one query: each group that is shown as often as it has products that are listed, or once without any."""
    listed = FilteredRelation("products", condition=Q(products__hidden=False, products__retired=False))
    groups = ProductGroup.objects.filter(hidden=False).annotate(listed=listed, product_id=F("listed__pk"))
    rows = list(groups.order_by("sort", "pk", "listed__sort", "listed__pk"))
    return tuple(
        shelf_of(group, [row.product_id for row in found if row.product_id is not None])
        for group, found in groupby(rows, key=lambda row: row)
    )


def shelf(slug: str) -> Shelf | None:
    return next((one for one in shelves() if one.slug == slug), None)


def shelf_of(group: ProductGroup, product_ids: Iterable[int] = ()) -> Shelf:
    return Shelf(group.slug, Text.of(group, "name"), Text.of(group, "tagline"), tuple(product_ids))


def plans(of: Shelf) -> list[Plan]:
    """The cards of a group's products in staff's order; one without any price is not for sale."""
    found = offers.cached(of.product_ids)
    cards = [plan(found[pk]) for pk in of.product_ids if pk in found]
    return [card for card in cards if card.starting]


def plan(offer: ProductOffer) -> Plan:
    starting = [starting_price(offer, cycle) for cycle in offer.cycles]
    # By the month where it recurs; what is paid once has one price only.
    return Plan(
        offer, min(starting, key=lambda price: (price.monthly or price.amount, MONTHS[price.cycle]), default=None)
    )


def starting_price(offer: ProductOffer, cycle: str) -> StartingPrice:
    """The product with the least that must be configured with it."""
    tags = [offer.prices[cycle], *(_least(option, cycle) for option in offer.options)]
    return StartingPrice(cycle, sum((tag.amount for tag in tags), ZERO), sum((tag.setup_fee for tag in tags), ZERO))


_FREE = PriceTag(ZERO, ZERO)


def _least(option: OptionOffer, cycle: str) -> PriceTag:
    if not option.required or not option.offered(cycle):
        return _FREE
    if option.kind == Option.Kind.CHOICE:
        return min((choice.prices[cycle] for choice in option.choices_in(cycle)), key=lambda tag: tag.amount)
    if option.kind == Option.Kind.QUANTITY:
        billable = max(0, option.minimum - option.included)
        tag = option.prices[cycle]
        return PriceTag(tag.amount * billable, tag.setup_fee) if billable else _FREE
    return _FREE


def lowest(of: Shelf) -> StartingPrice | None:
    """What the cheapest plan of a group that can be ordered starts at."""
    starting = [card.starting for card in plans(of) if not card.offer.sold_out]
    return min(starting, key=lambda price: price.monthly or price.amount, default=None)


def price_basis() -> PriceBasis:
    return PriceBasis(tax.cached_in_force(timezone.localdate()), Shop.current().prices_include_tax)
