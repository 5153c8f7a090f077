"""What a provider tells the shop, in the order and number that its switches ask for."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.providers.switches import Switches

# Delivers one notification to the shop: path, body, headers. Returns the shop's status; 0: it cannot be reached.
Notify = Callable[[str, bytes, dict[str, str]], int]

PENDING = "pending"
# A notification that the shop refuses is sent again after so many seconds, then no more.
AGAIN_AFTER = (2, 5, 15, 60, 300)


@dataclass(frozen=True)
class Notification:
    event: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class _Waiting:
    notification: Notification
    tries: int = 0
    not_before: float = 0


class Notices:
    """``prepared`` keeps all, delivered or not; ``delivered`` each attempt with the shop's answer."""

    def __init__(self, path: str, notify: Notify, switches: Switches) -> None:
        self.path = path
        self.prepared: list[Notification] = []
        self.delivered: list[tuple[Notification, int]] = []
        self._notify = notify
        self._switches = switches
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()

    def add(self, notification: Notification) -> None:
        """Put it in line; nothing is sent before ``flush`` or ``deliver``."""
        with self._lock:
            self.prepared.append(notification)
            if self._switches.notify != "never":
                copies = 2 if self._switches.notify == "doubled" else 1
                self._waiting += [_Waiting(notification)] * copies

    def flush(self) -> None:
        """Send what the switches let through, in the calling thread."""
        mode = self._switches.notify
        if mode == "late":
            return
        now = time.monotonic()
        with self._lock:
            due = [waiting for waiting in self._waiting if waiting.not_before <= now]
            if mode == "reordered":
                # A first notification is held back until there is a later one to overtake it.
                due = [] if {waiting.notification.event for waiting in due} <= {PENDING} else due[::-1]
            self._waiting = [waiting for waiting in self._waiting if waiting not in due]
        self._send(due)

    def deliver(self) -> list[int]:
        """Send everything that waits, whatever the switches say. Returns the shop's answers."""
        with self._lock:
            due, self._waiting = self._waiting, []
        return self._send(due)

    def _send(self, due: list[_Waiting]) -> list[int]:
        answers = []
        for waiting in due:
            status = self._notify(self.path, waiting.notification.body, dict(waiting.notification.headers))
            answers.append(status)
            self.delivered.append((waiting.notification, status))
            if not 200 <= status < 300 and waiting.tries < len(AGAIN_AFTER):
                later = time.monotonic() + AGAIN_AFTER[waiting.tries]
                with self._lock:
                    self._waiting.append(_Waiting(waiting.notification, waiting.tries + 1, later))
        return answers
