"""The staff's pages of onboarding."""

from onboarding.admin import cases, contacts, roles, templates

__all__ = ["cases", "contacts", "roles", "templates"]
