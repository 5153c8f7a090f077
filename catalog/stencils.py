"""HTML that a process renders once and fills in for each request: the words stay, what differs is put in, escaped."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import Shop
from catalog import snapshots

# Letters and digits only, so that no escaping changes a mark; nobody outside knows it.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(rf"q{_SECRET}x(\w+?)x{_SECRET}q")


def filled(
    name: str,
    make: Callable[[Mapping[str, str]], str],
    *,
    vary: Sequence[object] = (),
    values: Mapping[str, object] | None = None,
) -> SafeString:
    """The HTML that ``make`` renders, with ``values`` in it.

    ``make`` gets a mark for each value, to be written as it is, and may otherwise use only what ``vary`` names, the
    catalog, the shop and the language: its result is kept for all that have these in common.
    """
    key = ":".join(["stencil", name, get_language() or "", Shop.current().fingerprint, *map(str, vary)])
    values = values or {}
    parts = snapshots.remember(key, lambda: _MARK.split(make({one: _mark(one) for one in values})))
    # Words at even places, names of values at odd ones.
    texts = [conditional_escape(values[part]) if place % 2 else part for place, part in enumerate(parts)]
    # ``make`` rendered a template, and every value is escaped above.
    return mark_safe("".join(texts))


def _mark(name: str) -> str:
    return f"q{_SECRET}x{name}x{_SECRET}q"
