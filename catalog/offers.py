"""What the shop offers, read from the database into frozen values that pricing, pages and forms work on."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from django.db.models import F, Q

from accounts.texts import Text
from catalog import snapshots
from catalog.cycles import Cycle
from catalog.models import Addon, Choice, DomainExtension, Option, Price, Product
from catalog.models.prices import OWNERS
from catalog.money import DEFAULT_CURRENCY


@dataclass(frozen=True)
class PriceTag:
    amount: Decimal
    setup_fee: Decimal


# By cycle, shortest first. A cycle without a tag is not offered (P4).
Prices = Mapping[str, PriceTag]


@dataclass(frozen=True)
class ChoiceOffer:
    key: str
    name: Text
    prices: Prices


@dataclass(frozen=True)
class OptionOffer:
    """``prices`` is what yes, or one unit, costs; a choice option's prices stand at its choices, a text has none."""

    key: str
    kind: str
    name: Text
    help: Text
    unit: Text
    required: bool
    as_radio: bool
    minimum: int
    maximum: int | None
    step: int
    included: int
    text_rule: str
    pattern: str
    example: str
    prices: Prices = field(default_factory=dict)
    choices: tuple[ChoiceOffer, ...] = ()

    def offered(self, cycle: str) -> bool:
        """Whether it can be configured in this cycle at all (P4)."""
        if self.kind == Option.Kind.TEXT:
            return True
        if self.kind == Option.Kind.CHOICE:
            return bool(self.choices_in(cycle))
        return cycle in self.prices

    def choices_in(self, cycle: str) -> tuple[ChoiceOffer, ...]:
        return tuple(choice for choice in self.choices if cycle in choice.prices)

    def choice(self, key: object) -> ChoiceOffer | None:
        return next((choice for choice in self.choices if choice.key == key), None)


@dataclass(frozen=True)
class OptionGroupOffer:
    name: Text
    options: tuple[OptionOffer, ...]


@dataclass(frozen=True)
class AddonOffer:
    id: int
    key: str
    name: Text
    description: Text
    taxable: bool
    pph23: bool
    activation: str
    prices: Prices

    def cycle_for(self, parent_cycle: str) -> str | None:
        """The parent's cycle where it has a price for it, else one time, else not offered (P6)."""
        return next((cycle for cycle in (parent_cycle, Cycle.ONE_TIME.value) if cycle in self.prices), None)


@dataclass(frozen=True)
class ExtensionOffer:
    """Prices per year; ``None`` is not offered."""

    extension: str
    register: Decimal | None
    transfer: Decimal | None
    renew: Decimal
    requirements: Text


@dataclass(frozen=True)
class ProductOffer:
    """One product as it can be ordered now."""

    id: int
    slug: str
    group_slug: str
    group_name: Text
    name: Text
    tagline: Text
    features: Text
    description: Text
    featured: bool
    hidden: bool
    retired: bool
    quantity_mode: str
    taxable: bool
    pph23: bool
    activation: str
    stock_left: int | None
    domain_ways: tuple[str, ...]
    subdomain_of: str
    prices: Prices
    option_groups: tuple[OptionGroupOffer, ...] = ()
    addons: tuple[AddonOffer, ...] = ()
    extensions: tuple[ExtensionOffer, ...] = ()
    # The day of the month to which the first payment goes, and from which day on it pays a whole cycle besides (S9).
    proration_day: int | None = None
    proration_cutoff: int | None = None

    @property
    def cycles(self) -> tuple[str, ...]:
        """The cycles it is sold in, shortest first."""
        return tuple(self.prices)

    @property
    def requires_domain(self) -> bool:
        return bool(self.domain_ways)

    @property
    def sold_out(self) -> bool:
        return self.stock_left is not None and self.stock_left <= 0

    @property
    def options(self) -> tuple[OptionOffer, ...]:
        """All options, in the order of the configure page."""
        return tuple(option for group in self.option_groups for option in group.options)

    def addon(self, key: str) -> AddonOffer | None:
        return next((addon for addon in self.addons if addon.key == key), None)

    def extension(self, extension: str) -> ExtensionOffer | None:
        return next((offer for offer in self.extensions if offer.extension == extension), None)


def load(product_ids: Collection[int], currency: str = DEFAULT_CURRENCY) -> dict[int, ProductOffer]:
    """The offers by product id, read fresh in at most five queries however many options there are.

    Hidden and retired products are read too: who may order them is the caller's question. Unknown ids are left out.
    """
    products = list(Product.objects.filter(pk__in=product_ids).select_related("group"))
    ids = [product.pk for product in products]
    rows = _Rows.read(ids, currency)
    extensions = _extensions(currency) if any(_sells_domains(product) for product in products) else ()
    return {product.pk: _product_offer(product, rows, extensions) for product in products}


def cached(product_ids: Collection[int], currency: str = DEFAULT_CURRENCY) -> dict[int, ProductOffer]:
    """The offers as this process last read them, at most a few seconds behind staff's edits: for pages, never for money."""
    return snapshots.remember_many(f"offer:{currency}", product_ids, lambda missing: load(missing, currency))


def _sells_domains(product: Product) -> bool:
    return product.domain_register or product.domain_transfer


@dataclass(frozen=True)
class _Rows:
    """The rows of several products, grouped by what they belong to."""

    options: Mapping[int, list[Option]]
    choices: Mapping[int, list[Choice]]
    addons: Mapping[int, list[Addon]]
    prices: Mapping[tuple[str, int], dict[str, PriceTag]]

    @classmethod
    def read(cls, product_ids: list[int], currency: str) -> "_Rows":
        options, addons = defaultdict(list), defaultdict(list)
        rows = Option.objects.filter(group__products__in=product_ids).select_related("group")
        order = ("group__sort", "group_id", "sort", "pk")
        for option in rows.annotate(of_product=F("group__products")).order_by(*order):
            options[option.of_product].append(option)
        links = Addon.products.through.objects.filter(product_id__in=product_ids, addon__retired=False)
        for link in links.select_related("addon").order_by("addon__sort", "addon_id"):
            addons[link.product_id].append(link.addon)
        option_ids = {option.pk for found in options.values() for option in found}
        addon_ids = {addon.pk for found in addons.values() for addon in found}
        wanted = Q(product__in=product_ids) | Q(addon__in=addon_ids)
        wanted |= Q(option__in=option_ids) | Q(choice__option__in=option_ids)
        prices = list(Price.objects.filter(wanted, currency=currency).select_related("choice"))
        return cls(options, _choices(prices), addons, _tags(prices))

    def prices_of(self, kind: str, pk: int) -> Prices:
        tags = self.prices.get((kind, pk), {})
        return {cycle: tags[cycle] for cycle in Cycle.values if cycle in tags}


def _choices(prices: list[Price]) -> dict[int, list[Choice]]:
    """The priced choices by option, in their order; one without any price is not offered in any cycle."""
    found = {price.choice_id: price.choice for price in prices if price.choice_id is not None}
    choices: dict[int, list[Choice]] = defaultdict(list)
    for choice in sorted(found.values(), key=lambda choice: (choice.sort, choice.pk)):
        choices[choice.option_id].append(choice)
    return choices


def _tags(prices: list[Price]) -> dict[tuple[str, int], dict[str, PriceTag]]:
    tags: dict[tuple[str, int], dict[str, PriceTag]] = defaultdict(dict)
    for price in prices:
        kind = next(name for name in OWNERS if getattr(price, f"{name}_id") is not None)
        tags[kind, getattr(price, f"{kind}_id")][price.cycle] = PriceTag(price.amount, price.setup_fee)
    return tags


def _extensions(currency: str) -> tuple[ExtensionOffer, ...]:
    return tuple(
        ExtensionOffer(
            extension=row.extension,
            register=row.register_price,
            transfer=row.transfer_price,
            renew=row.renew_price,
            requirements=Text.of(row, "requirements"),
        )
        for row in DomainExtension.objects.filter(retired=False, currency=currency)
    )


def _product_offer(product: Product, rows: _Rows, extensions: tuple[ExtensionOffer, ...]) -> ProductOffer:
    return ProductOffer(
        id=product.pk,
        slug=product.slug,
        group_slug=product.group.slug,
        group_name=Text.of(product.group, "name"),
        name=Text.of(product, "name"),
        tagline=Text.of(product, "tagline"),
        features=Text.of(product, "features"),
        description=Text.of(product, "description"),
        featured=product.featured,
        hidden=product.hidden,
        retired=product.retired,
        quantity_mode=product.quantity_mode,
        taxable=product.taxable,
        pph23=product.pph23,
        activation=product.activation,
        stock_left=product.stock_left,
        domain_ways=tuple(product.domain_ways),
        subdomain_of=product.subdomain_of,
        prices=rows.prices_of("product", product.pk),
        option_groups=_group_offers(rows.options[product.pk], rows),
        addons=tuple(_addon_offer(addon, rows) for addon in rows.addons[product.pk]),
        extensions=extensions if _sells_domains(product) else (),
        proration_day=product.proration_day,
        proration_cutoff=product.proration_cutoff,
    )


def _group_offers(options: list[Option], rows: _Rows) -> tuple[OptionGroupOffer, ...]:
    """The product's options, which come sorted by their groups."""
    return tuple(
        OptionGroupOffer(Text.of(group, "name"), tuple(_option_offer(option, rows) for option in found))
        for group, found in groupby(options, key=lambda option: option.group)
    )


def _option_offer(option: Option, rows: _Rows) -> OptionOffer:
    return OptionOffer(
        key=option.key,
        kind=option.kind,
        name=Text.of(option, "name"),
        help=Text.of(option, "help"),
        unit=Text.of(option, "unit"),
        required=option.required,
        as_radio=option.as_radio,
        minimum=option.minimum,
        maximum=option.maximum,
        step=option.step,
        included=option.included,
        text_rule=option.text_rule,
        pattern=option.pattern,
        example=option.example,
        prices=rows.prices_of("option", option.pk),
        choices=tuple(
            ChoiceOffer(choice.key, Text.of(choice, "name"), rows.prices_of("choice", choice.pk))
            for choice in rows.choices.get(option.pk, [])
        ),
    )


def _addon_offer(addon: Addon, rows: _Rows) -> AddonOffer:
    return AddonOffer(
        id=addon.pk,
        key=addon.key,
        name=Text.of(addon, "name"),
        description=Text.of(addon, "description"),
        taxable=addon.taxable,
        pph23=addon.pph23,
        activation=addon.activation,
        prices=rows.prices_of("addon", addon.pk),
    )
