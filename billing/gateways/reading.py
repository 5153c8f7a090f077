"""Reading what a provider writes: each field is of the documented type, or ``Unreadable`` names it (MO4)."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.gateways.base import Unreadable
from catalog.money import MINOR_DIGITS, round_money

_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,2})?")
_DIGITS = re.compile(r"[0-9]{4,30}")
# As many as the shop keeps of an id.
_MOST_CHARACTERS = 100


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds; a name that stands in it twice would let two readers see two things."""
    try:
        found = json.loads(body, object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("Bukan JSON yang terbaca.")) from error
    if not isinstance(found, dict):
        raise Unreadable(_("Bukan objek JSON."))
    return found


def text(data: Mapping[str, Any], name: str, most: int = _MOST_CHARACTERS) -> str:
    """A field that has to be there."""
    found = optional(data, name, most)
    if not found:
        raise Unreadable(_("Tidak ada %(field)s.") % {"field": name})
    return found


def digits(data: Mapping[str, Any], name: str) -> str:
    """A number to pay to, as people type it."""
    found = text(data, name)
    if not _DIGITS.fullmatch(found):
        raise Unreadable(_("%(field)s tidak terbaca.") % {"field": name})
    return found


def optional(data: Mapping[str, Any], name: str, most: int = _MOST_CHARACTERS) -> str:
    """A field that may be absent, which is an empty string; what is there is text without control characters."""
    found = data.get(name)
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > most or not found.isprintable():
        raise Unreadable(_("%(field)s tidak terbaca.") % {"field": name})
    return found


def amount(data: Mapping[str, Any], name: str, currency: str) -> Decimal:
    """``"24145.00"``, ``24145`` and ``24145.0`` alike, exactly; more digits than the currency has are refused."""
    if currency not in MINOR_DIGITS:
        raise Unreadable(_("Mata uang %(currency)s tidak dikenal.") % {"currency": currency})
    found = data.get(name)
    if isinstance(found, int | float) and not isinstance(found, bool):
        found = repr(found)
    if not isinstance(found, str) or not _AMOUNT.fullmatch(found):
        raise Unreadable(_("%(field)s tidak terbaca.") % {"field": name})
    exact = Decimal(found)
    if exact != (rounded := round_money(exact, currency)):
        raise Unreadable(
            _("%(field)s %(amount)s tidak bulat dalam %(currency)s.")
            % {"field": name, "amount": found, "currency": currency}
        )
    return rounded


def moment(data: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    """A time, in ``zone`` unless it says its own. None where there is none to be read: no money waits for its time."""
    try:
        found = datetime.fromisoformat(data.get(name) or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
