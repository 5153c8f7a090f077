"""The staff's pages of the catalog."""

from catalog.admin import options, products, promotions, rules

__all__ = ["options", "products", "promotions", "rules"]
