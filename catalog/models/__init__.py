"""What the shop offers, at which prices, on which conditions."""

from catalog.models.domains import DomainExtension
from catalog.models.options import Addon, Choice, Option, OptionGroup
from catalog.models.prices import Price
from catalog.models.products import Product, ProductGroup
from catalog.models.promotions import Promotion
from catalog.models.stamps import CatalogStamp
from catalog.models.taxes import TaxRule

__all__ = [
    "Addon",
    "CatalogStamp",
    "Choice",
    "DomainExtension",
    "Option",
    "OptionGroup",
    "Price",
    "Product",
    "ProductGroup",
    "Promotion",
    "TaxRule",
]
