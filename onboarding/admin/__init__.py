"""The staff's pages of onboarding."""

from onboarding.admin import cases, contacts, documents, quotations, roles, templates

__all__ = ["cases", "contacts", "documents", "quotations", "roles", "templates"]
