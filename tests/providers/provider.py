"""What every fake provider has: switches, a record of what the shop asked, notifications, and a lock around its state."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.providers.notices import Notices, Notify
from tests.providers.switches import Switches
from tests.providers.web import Answer, Request

WIB = timezone(timedelta(hours=7), "WIB")


def now() -> datetime:
    """In seconds: no provider says more, and what is kept is what was said."""
    return datetime.now(UTC).replace(microsecond=0)


def moment(kept: str) -> datetime:
    return datetime.fromisoformat(kept)


class Provider:
    """A subclass names the provider and answers ``handle``; its state is changed under ``lock`` alone.

    Nothing is delivered to the shop under the lock: the shop asks back before it believes.
    """

    name = ""

    def __init__(self, *, notify: Notify, stop: threading.Event, changed: Callable[[], None]) -> None:
        self.switches = Switches()
        self.requests: list[Request] = []
        self.notices = Notices(f"/webhooks/{self.name}/", notify, self.switches)
        self.lock = threading.RLock()
        self.is_changed = False
        self._stop = stop
        self._changed = changed

    @property
    def notifications(self) -> list[tuple[bytes, dict[str, str]]]:
        """All that were ever prepared, as ``(body, headers)``, the oldest first."""
        return [(notification.body, notification.headers) for notification in self.notices.prepared]

    def answer(self, request: Request) -> Answer | None:
        """``None``: the connection ends without an answer."""
        self.requests.append(request)
        if self.switches.down:
            return None
        if self.switches.refuse > 0:
            self.switches.refuse -= 1
            return Answer.html("<h1>Service unavailable</h1>", self.switches.refuse_with)
        with self.lock:
            answer = self.handle(request)
            self.is_changed |= request.method != "GET"
        self._changed()
        self._stop.wait(self.switches.slow)
        return None if self.switches.lost else answer

    def tell(self) -> None:
        """Keep what happened and tell the shop, in this thread, as the switches say."""
        self._changed()
        self.notices.flush()

    def deliver(self) -> list[int]:
        """Send every notification that waits, in this thread. Returns the shop's answers."""
        return self.notices.deliver()

    def handle(self, request: Request) -> Answer:
        raise NotImplementedError

    def expire_due(self) -> None:
        """Let everything expire whose time has come."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """All that a second start must still know, fit for JSON."""
        raise NotImplementedError

    def restore(self, state: dict[str, Any]) -> None:
        raise NotImplementedError


def dispatch(owner: object, routes: tuple[tuple[str, str, str], ...], request: Request) -> Answer | None:
    """Call the method whose route fits; the groups of its pattern follow the request. ``None`` where none does."""
    for method, pattern, name in routes:
        if request.method == method and (found := re.fullmatch(pattern, request.path)):
            return getattr(owner, name)(request, *found.groups())
    return None
