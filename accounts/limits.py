"""How often one visitor may knock at a door, and who the visitor is behind the proxies.

allauth limits its own doors (``ACCOUNT_RATE_LIMITS``); these are the shop's. The counters live in the cache: while it is
down, the doors stay open.
"""

import hashlib
import ipaddress
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 — a name for "not known", nothing listens on it


@dataclass(frozen=True)
class Limit:
    times: int
    seconds: int


LIMITS = {
    "promo": Limit(20, 300),
    "quote": Limit(240, 60),
    "checkout": Limit(30, 600),
    "upload": Limit(30, 600),
    "invite": Limit(30, 3600),
    "transfer": Limit(30, 3600),
    "transfer_link": Limit(60, 600),
    "invitation": Limit(60, 600),
    "download": Limit(240, 600),
    "ticket": Limit(10, 3600),
    "ticket_reply": Limit(60, 3600),
    "vote": Limit(30, 3600),
    # Of one address that calls a webhook of payment providers or bank movements: each call is kept, whoever sends it.
    "webhook": Limit(1200, 60),
    "mutations": Limit(600, 60),
}


def allow(action: str, *key_parts: object) -> bool:
    """Count one try of ``action`` by the person or address that ``key_parts`` name; false once the window's tries are used.

    Raises ``KeyError`` for an action that has no limit in ``LIMITS``.
    """
    limit = LIMITS[action]
    window = int(time.time() // limit.seconds)
    who = hashlib.sha256(repr(key_parts).encode()).hexdigest()[:32]
    key = f"limit:{action}:{window}:{who}"
    cache.add(key, 0, timeout=limit.seconds)
    try:
        return cache.incr(key) <= limit.times
    except ValueError:
        # The cache threw the counter out between the two calls: the window starts again.
        return True


def client_ip(request: HttpRequest) -> str:
    """The visitor's address: the connection's own, or what the outermost of ``TRUSTED_PROXIES`` proxies wrote down.

    Everything left of that in X-Forwarded-For was written by the visitor and is not believed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= settings.TRUSTED_PROXIES:
            address = hops[-settings.TRUSTED_PROXIES]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return UNKNOWN_ADDRESS
