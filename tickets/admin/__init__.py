"""The staff's pages of tickets."""

from tickets.admin import departments, knowledge, rules

__all__ = ["departments", "knowledge", "rules"]
