"""Fake payment providers: they speak Midtrans' and Xendit's documented HTTP, for the tests and for the demo shop.

They know nothing of the shop and import nothing of it.
"""

from tests.providers.server import Providers, running

__all__ = ["Providers", "running"]
