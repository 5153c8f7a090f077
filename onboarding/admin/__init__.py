"""The staff's pages of onboarding."""

from onboarding.admin import contacts, roles, templates

__all__ = ["contacts", "roles", "templates"]
