"""The staff's pages of tickets."""

from tickets.admin import departments, inbound, knowledge, rules, tickets

__all__ = ["departments", "inbound", "knowledge", "rules", "tickets"]
