"""Offers as JSON: what a quotation promised stays on offer at its prices, whatever the catalog says later."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cattrs import Converter

from catalog.offers import Prices, PriceTag, ProductOffer

_converter = Converter()
_converter.register_unstructure_hook(Decimal, str)
_converter.register_structure_hook(Decimal, lambda text, _type: Decimal(text))
# As rows and not by key: PostgreSQL keeps a JSON object's keys in an order of its own, and prices have theirs.
_converter.register_unstructure_hook_func(
    lambda kind: kind == Prices,
    lambda prices: [[cycle, str(tag.amount), str(tag.setup_fee)] for cycle, tag in prices.items()],
)
_converter.register_structure_hook_func(
    lambda kind: kind == Prices,
    lambda rows, _type: {cycle: PriceTag(Decimal(amount), Decimal(setup)) for cycle, amount, setup in rows},
)


def to_json(offers: Iterable[ProductOffer]) -> dict[str, Any]:
    """For a JSON column: whole offers by product id, amounts as text so that none is rounded."""
    return {str(offer.id): _converter.unstructure(offer) for offer in offers}


def from_json(data: Mapping[str, Any]) -> dict[int, ProductOffer]:
    """Raises ``cattrs.BaseValidationError`` for what is no offer."""
    return {int(key): _converter.structure(one, ProductOffer) for key, one in data.items()}
