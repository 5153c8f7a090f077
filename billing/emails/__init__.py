"""The emails of billing: what each is told of, in the reader's language; the words stand in ``templates/email/billing/``."""

from billing.emails import books, changes, credit, orders, prices, renewals, retention, tax_invoices, transfers  # noqa: F401
