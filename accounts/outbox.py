"""Outgoing email: a row in the event's transaction first, delivered by a worker afterwards (RELIABILITY, email and tasks).

An app registers each of its emails in ``<app>/emails.py``::

    @outbox.email("billing/payment_rejected")
    def payment_rejected(*, confirmation_id: int, reveal: bool) -> outbox.Content:
        confirmation = PaymentConfirmation.objects.get(pk=confirmation_id)
        return outbox.Content({"confirmation": confirmation})

and its templates are ``templates/email/<app>/<name>.subject.txt``, ``.txt`` and ``.html``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from accounts.models import Customer, OutboxEmail, User


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Content:
    """What an email's templates are given, and its attachments."""

    context: Mapping[str, object]
    attachments: tuple[Attachment, ...] = field(default_factory=tuple)


_BUILDERS: dict[str, Callable[..., Content]] = {}


def email(template: str) -> Callable[[Callable[..., Content]], Callable[..., Content]]:
    """Register the function that builds an email's content from primitive arguments.

    It is called with ``reveal=True`` for the copy that is sent and ``reveal=False`` for the copy that is kept, in which
    login details and one-time links must be masked.
    """

    def register(builder: Callable[..., Content]) -> Callable[..., Content]:
        if template in _BUILDERS:
            raise ValueError(f"two emails are registered as {template!r}")
        _BUILDERS[template] = builder
        return builder

    return register


def enqueue(
    *,
    key: str,
    to: str,
    template: str,
    arguments: Mapping[str, str | int | None],
    language: str = "id",
    user: User | None = None,
    customer: Customer | None = None,
) -> OutboxEmail:
    """Ask for an email, once per ``key``: a second call returns the first's row. Delivery starts after the commit."""
    if template not in _BUILDERS:
        raise LookupError(f"no email is registered as {template!r}")
    row, _made = OutboxEmail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "template": template,
            "arguments": dict(arguments),
            "language": language,
            "user": user,
            "customer": customer,
        },
    )
    return row
