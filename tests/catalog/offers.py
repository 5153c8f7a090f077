"""Offers for tests of pure pricing, made without a database."""

from decimal import Decimal

from accounts.texts import Text
from catalog.cycles import Cycle
from catalog.lines import Item
from catalog.models import Option, Product
from catalog.offers import (
    AddonOffer,
    ChoiceOffer,
    ExtensionOffer,
    OptionGroupOffer,
    OptionOffer,
    PriceTag,
    ProductOffer,
)
from catalog.pricing import PromotionTerms, TaxTerms
from catalog.selection import Selection

PPN = TaxTerms("PPN", Decimal(12), 11, 12, "04")


def tags(prices: dict) -> dict[str, PriceTag]:
    """``{"monthly": 150_000}`` or ``{"monthly": (150_000, setup fee)}``."""
    pairs = {cycle: price if isinstance(price, tuple) else (price, 0) for cycle, price in prices.items()}
    return {cycle: PriceTag(Decimal(amount), Decimal(setup)) for cycle, (amount, setup) in pairs.items()}


def option(kind: str, key: str, *, prices: dict | None = None, choices: dict | None = None, **fields) -> OptionOffer:
    defaults = {
        "name": Text(key.title()),
        "help": Text(""),
        "unit": Text("akun", "accounts"),
        "required": kind not in {Option.Kind.YES_NO, Option.Kind.TEXT},
        "as_radio": False,
        "minimum": 0,
        "maximum": None,
        "step": 1,
        "included": 0,
        "text_rule": Option.TextRule.NONE,
        "pattern": "",
        "example": "",
    }
    made = tuple(ChoiceOffer(name, Text(name.title()), tags(cost)) for name, cost in (choices or {}).items())
    return OptionOffer(kind=kind, key=key, prices=tags(prices or {}), choices=made, **{**defaults, **fields})


def users(price: int | tuple, **fields) -> OptionOffer:
    return option(Option.Kind.QUANTITY, "users", prices={"monthly": price}, **fields)


def addon(key: str, prices: dict, *, pk: int = 1, **fields) -> AddonOffer:
    defaults = {"taxable": True, "pph23": False, "activation": Product.Activation.ON_PAYMENT}
    return AddonOffer(
        id=pk, key=key, name=Text(key.title()), description=Text(""), prices=tags(prices), **{**defaults, **fields}
    )


def extension(name: str, *, register: int | None = None, transfer: int | None = None, renew: int = 0) -> ExtensionOffer:
    return ExtensionOffer(
        name,
        register if register is None else Decimal(register),
        transfer if transfer is None else Decimal(transfer),
        Decimal(renew),
        Text(""),
    )


def offer(prices: dict | None = None, *, options: tuple[OptionOffer, ...] = (), pk: int = 1, **fields) -> ProductOffer:
    defaults = {
        "slug": f"produk-{pk}",
        "group_slug": "kelompok",
        "group_name": Text("Kelompok", "Group"),
        "name": Text(f"Produk {pk}", f"Product {pk}"),
        "tagline": Text(""),
        "features": Text(""),
        "description": Text(""),
        "featured": False,
        "hidden": False,
        "retired": False,
        "quantity_mode": Product.Quantity.NONE,
        "taxable": True,
        "pph23": False,
        "activation": Product.Activation.ON_PAYMENT,
        "stock_left": None,
        "domain_ways": (),
        "subdomain_of": "",
    }
    groups = (OptionGroupOffer(Text("Kapasitas"), options),) if options else ()
    prices = tags(prices or {Cycle.MONTHLY.value: 150_000})
    return ProductOffer(id=pk, prices=prices, option_groups=groups, **{**defaults, **fields})


def item(of: ProductOffer, cycle: str = "monthly", **selection) -> Item:
    if "addons" in selection:
        selection["addons"] = frozenset(selection["addons"])
    return Item(of, Selection(cycle=cycle, **selection))


def promotion(kind: str = "percent", value: int = 10, **fields) -> PromotionTerms:
    for name in ("product_ids", "addon_ids", "cycles"):
        fields[name] = frozenset(fields.get(name, ()))
    return PromotionTerms(id=1, code="PROMO", name=Text("Promo"), kind=kind, value=Decimal(value), **fields)
