"""How the demo's rows are made: each once, with everything below it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from catalog.models import Addon, Choice, Option, OptionGroup, Price, Product, ProductGroup

# (Indonesian, English)
Words = tuple[str, str]
# By cycle: a price, or (price, setup fee).
Prices = Mapping[str, int | tuple[int, int]]


def both(name: str, words: Words) -> dict[str, str]:
    """``{"name_id": …, "name_en": …}`` for a model's fields."""
    return {f"{name}_id": words[0], f"{name}_en": words[1]}


def yearly(monthly: int, *, saving: int = 15) -> int:
    """Twelve months at a saving in percent, to the next lower thousand."""
    return monthly * 12 * (100 - saving) // 100 // 1000 * 1000


def group(slug: str, name: Words, tagline: Words, *, sort: int) -> ProductGroup:
    fields = {**both("name", name), **both("tagline", tagline), "sort": sort}
    return ProductGroup.objects.get_or_create(slug=slug, defaults=fields)[0]


def product(
    of: ProductGroup,
    slug: str,
    name: Words,
    tagline: Words,
    features: Iterable[Words],
    *,
    prices: Prices,
    options: Iterable[OptionGroup] = (),
    addons: Iterable[Addon] = (),
    **fields,
) -> Product:
    listed = list(features)
    texts = {
        **both("name", name),
        **both("tagline", tagline),
        "features_id": "\n".join(words[0] for words in listed),
        "features_en": "\n".join(words[1] for words in listed),
    }
    made, is_new = Product.objects.get_or_create(group=of, slug=slug, defaults={**texts, **fields})
    if is_new:
        set_prices(prices, product=made)
        made.option_groups.set(options)
        made.addons.set(addons)
    return made


def set_prices(prices: Prices, **owner) -> None:
    pairs = {cycle: price if isinstance(price, tuple) else (price, 0) for cycle, price in prices.items()}
    Price.objects.bulk_create(
        Price(cycle=cycle, amount=Decimal(amount), setup_fee=Decimal(setup), **owner)
        for cycle, (amount, setup) in pairs.items()
    )


class Options:
    """A group of options; they are added to it only where it is new."""

    def __init__(self, name: Words, *, sort: int = 0) -> None:
        fields = {"name_en": name[1], "sort": sort}
        self.group, self.is_new = OptionGroup.objects.get_or_create(name_id=name[0], defaults=fields)

    def _add(self, key: str, kind: str, name: Words, **fields) -> Option | None:
        if not self.is_new:
            return None
        sort = self.group.options.count()
        return Option.objects.create(group=self.group, key=key, kind=kind, sort=sort, **both("name", name), **fields)

    def quantity(self, key: str, name: Words, unit: Words, *, prices: Prices, **fields) -> None:
        made = self._add(key, Option.Kind.QUANTITY, name, **both("unit", unit), **fields)
        if made:
            set_prices(prices, option=made)

    def yes_no(self, key: str, name: Words, *, prices: Prices, **fields) -> None:
        made = self._add(key, Option.Kind.YES_NO, name, required=False, **fields)
        if made:
            set_prices(prices, option=made)

    def choice(self, key: str, name: Words, choices: Mapping[str, tuple[Words, Prices]], **fields) -> None:
        made = self._add(key, Option.Kind.CHOICE, name, **fields)
        if made:
            for sort, (choice_key, (words, prices)) in enumerate(choices.items()):
                choice = Choice.objects.create(option=made, key=choice_key, sort=sort, **both("name", words))
                set_prices(prices, choice=choice)

    def text(self, key: str, name: Words, **fields) -> None:
        self._add(key, Option.Kind.TEXT, name, **fields)


def addon(key: str, name: Words, description: Words, *, prices: Prices, **fields) -> Addon:
    texts = {**both("name", name), **both("description", description)}
    made, is_new = Addon.objects.get_or_create(key=key, defaults={**texts, **fields})
    if is_new:
        set_prices(prices, addon=made)
    return made
