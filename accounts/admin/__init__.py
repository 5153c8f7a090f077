"""The staff's pages of people, customers, the shop's settings and the outbox."""

from accounts.admin import customers, holidays, outbox, shop, users

__all__ = ["customers", "holidays", "outbox", "shop", "users"]
