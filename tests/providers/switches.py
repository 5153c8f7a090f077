"""How a fake provider misbehaves. One set for each, to be turned from Python or by ``POST /switches``."""

from dataclasses import dataclass, field, fields
from typing import Any

NOTIFY = ("normal", "late", "doubled", "reordered", "never")
CAN_BE_WRONG = {"amount", "currency", "status"}


@dataclass
class Switches:
    # Seconds between doing what was asked and answering: a shop that gives up earlier does not know that it was done.
    slow: float = 0
    # Connections end without an answer and nothing is done.
    down: bool = False
    # What was asked is done, and the connection ends without an answer.
    lost: bool = False
    # So many of the next requests are answered with `refuse_with`, and nothing is done.
    refuse: int = 0
    refuse_with: int = 503
    # normal: at once. late: not before deliver(). doubled: each twice. reordered: what came later arrives first, and an
    # expiry that the provider took back arrives after the payment. never: not at all.
    notify: str = "normal"
    # What is said wrongly, under "amount", "currency" and "status": in notifications (signed all the same), and in answers
    # to the shop's question how a payment stands.
    wrong_notification: dict[str, Any] = field(default_factory=dict)
    wrong_status: dict[str, Any] = field(default_factory=dict)

    def turn(self, **values: Any) -> None:
        """Raises ``ValueError`` for a switch or position that does not exist; then none is turned."""
        unknown = set(values) - {known.name for known in fields(self)}
        unknown |= {
            key for name in ("wrong_notification", "wrong_status") for key in values.get(name, {})
        } - CAN_BE_WRONG
        if unknown:
            raise ValueError(f"there is no switch {', '.join(sorted(unknown))}")
        if values.get("notify", self.notify) not in NOTIFY:
            raise ValueError(f"notify is one of {', '.join(NOTIFY)}")
        for name, value in values.items():
            setattr(self, name, value)

    def reset(self) -> None:
        self.turn(**{known.name: getattr(Switches(), known.name) for known in fields(self)})
