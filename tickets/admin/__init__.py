"""The staff's pages of tickets."""

from tickets.admin import departments, rules

__all__ = ["departments", "rules"]
