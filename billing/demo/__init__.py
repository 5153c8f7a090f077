"""The demo shop's ways to pay, its terms, and orders in every state, made by the services that make real ones."""

from billing.demo import methods, orders, statements, written


def load() -> None:
    methods.load()
    orders.load()
    statements.load()
    written.load()
