"""Typed readers for environment variables: a bad or missing value stops the start and names itself."""

import os
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
LEAST_SECRET = 32


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {why}.")
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be one of true, false, yes, no, on, off, 1, 0; it is {value!r}.")


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from None


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def secrets(name: str) -> list[str]:
    """A comma-separated list of keys, none of which can be guessed."""
    keys = words(name)
    if any(len(key) < LEAST_SECRET for key in keys):
        raise ImproperlyConfigured(f"Every key of {name} must have {LEAST_SECRET} characters or more.")
    return keys


def prefixed(prefix: str, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Every variable whose name starts with ``prefix``, the prefix cut off."""
    return {
        name.removeprefix(prefix): value
        for name, value in os.environ.items()
        if name.startswith(prefix) and name not in without
    }
