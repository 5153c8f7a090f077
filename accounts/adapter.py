"""How allauth works in this shop: its emails go through the outbox."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""


class MFAAdapter(DefaultMFAAdapter):
    """allauth's hooks for second factors."""
