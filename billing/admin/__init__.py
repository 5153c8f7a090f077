"""The staff's pages of orders, services, invoices and money: status is read-only, buttons call the services."""

from billing.admin import (
    bank,
    changes,
    checks,
    confirmations,
    corrections,
    credit,
    invoices,
    methods,
    orders,
    payments,
    prices,
    runs,
    services,
    tax_invoices,
    terms,
    transfers,
)

__all__ = [
    "bank",
    "changes",
    "checks",
    "confirmations",
    "corrections",
    "credit",
    "invoices",
    "methods",
    "orders",
    "payments",
    "prices",
    "runs",
    "services",
    "tax_invoices",
    "terms",
    "transfers",
]
