"""The staff's pages of tickets."""

from tickets.admin import departments, inbound, knowledge, rules, service_history, tickets

__all__ = ["departments", "inbound", "knowledge", "rules", "service_history", "tickets"]
