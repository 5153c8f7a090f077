"""Outgoing email: a row in the event's transaction first, delivered by a worker afterwards (RELIABILITY, email and tasks).

An app registers each of its emails in ``<app>/emails.py``::

    @outbox.email("billing/payment_rejected", sample=lambda: {"confirmation_id": 7})
    def payment_rejected(*, confirmation_id: int, reveal: bool) -> outbox.Content:
        confirmation = PaymentConfirmation.objects.get(pk=confirmation_id)
        return outbox.Content({"confirmation": confirmation})

and its templates are ``templates/email/<app>/<name>.subject.txt``, ``.txt`` and ``.html``, which know ``shop`` and
``base_url`` besides.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from celery import Task, current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from kombu.pools import producers

from accounts.models import Customer, OutboxEmail, Shop, User
from accounts.models.mail import RETRY_FOR
from accounts.roles import Ability

logger = logging.getLogger(__name__)

Arguments = Mapping[str, str | int | None]

MASK = "••••••••"
# After a nudge that failed, the broker is left alone this long: one slow request, not one for each email.
SECONDS_TO_LEAVE_THE_BROKER_ALONE = 10


class CannotResend(Exception):
    """The email held a link or code that was good once; it is not kept, so there is nothing to send again."""


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Content:
    """What an email's templates are given, its attachments, and what its head says beside the usual.

    ``reply_to`` is where answers go, the shop's address where it is empty; ``headers`` are such as ``References``.
    """

    context: Mapping[str, object]
    attachments: tuple[Attachment, ...] = field(default_factory=tuple)
    headers: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""


@dataclass(frozen=True)
class Email:
    """A registered email: how its content is built, example arguments for a preview, and which arguments are secrets."""

    template: str
    build: Callable[..., Content]
    sample: Callable[[], Arguments | None] | None
    secrets: tuple[str, ...]
    ability: Ability | None
    addressee: bool
    readable: Callable[[User], Q] | None


_EMAILS: dict[str, Email] = {}


def email(
    template: str,
    *,
    sample: Callable[[], Arguments | None] | None = None,
    secrets: Iterable[str] = (),
    ability: Ability | None = Ability.SEE_INVOICES,
    addressee: bool = False,
    readable: Callable[[User], Q] | None = None,
) -> Callable[[Callable[..., Content]], Callable[..., Content]]:
    """Register the function that builds an email's content from primitive arguments.

    It is called with ``reveal=True`` for the copy that is sent and ``reveal=False`` for the copy that is kept, in which
    login details and one-time links must be masked. ``sample`` gives the arguments of some existing row for the staff's
    preview, or ``None`` where there is no such row yet. ``secrets`` names arguments that are encrypted (``accounts.crypto``)
    and forgotten once the email is sent. Members of the email's customer read it again on "My emails" if their role has
    ``ability``, and with ``addressee`` also the one to whom it was sent. ``readable`` gives the condition, on the outbox's
    rows, under which the addressee still may: for what can be taken away from a person.
    """

    def register(builder: Callable[..., Content]) -> Callable[..., Content]:
        if template in _EMAILS:
            raise ValueError(f"two emails are registered as {template!r}")
        _EMAILS[template] = Email(template, builder, sample, tuple(secrets), ability, addressee, readable)
        return builder

    return register


def registered(template: str) -> Email:
    """Raises ``LookupError`` for a name nobody registered."""
    try:
        return _EMAILS[template]
    except KeyError:
        raise LookupError(f"no email is registered as {template!r}") from None


def all_registered() -> list[Email]:
    return [_EMAILS[template] for template in sorted(_EMAILS)]


def absolute(path: str) -> str:
    """The public address of a page: built from the setting, never from a request's Host."""
    return f"{settings.BASE_URL}{path}"


def enqueue(
    *,
    key: str,
    to: str,
    template: str,
    arguments: Arguments,
    language: str = "id",
    user: User | None = None,
    customer: Customer | None = None,
) -> OutboxEmail:
    """Ask for an email, once per ``key``: a second call returns the first's row. Delivery starts after the commit."""
    registered(template)
    row, made = OutboxEmail.objects.get_or_create(
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
    if made:
        transaction.on_commit(lambda: nudge(row.pk))
    return row


def enqueue_many(rows: Iterable[OutboxEmail]) -> None:
    """Ask for many emails in one statement; what the outbox has already, by its key, stays as it is.

    No worker is told: the sweep takes them within a minute or two, as many at a time as it can.
    """
    rows = list(rows)
    for template in {row.template for row in rows}:
        registered(template)
    OutboxEmail.objects.bulk_create(rows, ignore_conflicts=True)


_broker_down_until = 0.0


def nudge(email_id: int) -> None:
    """Tell a worker that a row waits, at best: whatever fails here, the sweep finds the row a minute later."""
    # Here and not above: the task delivers what this module renders.
    from accounts.tasks import deliver

    tell_worker(deliver, email_id)


def tell_worker(task: Task, row_id: int) -> None:
    """Start a task for a row that a sweep finds as well, at best: a broker that is down or frozen is no error.

    Uses connections of its own with short time-outs, so that a frozen broker costs the web process a second and the worker
    keeps its patience.
    """
    global _broker_down_until
    if time.monotonic() < _broker_down_until:
        return
    connection = current_app.connection_for_write(transport_options=settings.NUDGE_TRANSPORT_OPTIONS)
    try:
        with producers[connection].acquire(block=True, timeout=1) as producer:
            task.apply_async([row_id], producer=producer, retry=False)
    except Exception:
        _broker_down_until = time.monotonic() + SECONDS_TO_LEAVE_THE_BROKER_ALONE
        logger.warning("The task broker does not answer; a sweep will run %s for %s", task.name, row_id, exc_info=True)


def waiting(now) -> Q:
    """Rows that the sweep takes: not picked up for a minute, stuck in a dead worker's hands, or due for another try."""
    queued, sending = OutboxEmail.Status.QUEUED, OutboxEmail.Status.SENDING
    return (
        Q(status=queued, attempts=0, due_at__lte=now - timedelta(seconds=60))
        | Q(status=queued, attempts__gt=0, due_at__lte=now)
        | Q(status=sending, claimed_at__lte=now - timedelta(seconds=120))
    )


def render(template: str, arguments: Arguments, language: str, *, reveal: bool) -> Rendered:
    """An email as its reader gets it, in ``language``; with ``reveal`` off, secrets are masked."""
    with translation.override(language):
        content = registered(template).build(**arguments, reveal=reveal)
        context = {**content.context, "shop": Shop.current(), "base_url": settings.BASE_URL, "language": language}
        return Rendered(
            # A subject is one line whatever its template's line breaks and its names hold.
            subject=" ".join(_plain(f"email/{template}.subject.txt", context).split()),
            text=_plain(f"email/{template}.txt", context).strip() + "\n",
            html=render_to_string(f"email/{template}.html", context),
            attachments=content.attachments,
            headers=content.headers,
            reply_to=content.reply_to,
        )


def _plain(template_name: str, context: Mapping[str, object]) -> str:
    """Rendered without HTML escapes: plain text has no tags to guard against."""
    return get_template(template_name).template.render(Context(context, autoescape=False))


def preview(template: str, language: str) -> Rendered | None:
    """An email made from an existing row, secrets masked; ``None`` while the shop has no row to make it from."""
    sample = registered(template).sample
    arguments = sample() if sample else None
    return None if arguments is None else render(template, arguments, language, reveal=False)


def can_resend(row: OutboxEmail) -> bool:
    """Whether everything the email was made from is still there."""
    return row.template in _EMAILS and all(name in row.arguments for name in registered(row.template).secrets)


@transaction.atomic
def resend(email: OutboxEmail, actor: User) -> OutboxEmail:
    """Send an email again: a failed one is tried anew, a sent one gets a copy that is a row of its own.

    Pressing twice while the copy still waits returns that copy. Raises ``CannotResend``.
    """
    if not can_resend(email):
        raise CannotResend(_("Email ini berisi tautan sekali pakai yang tidak disimpan. Minta pelanggan mengulang."))
    now = timezone.now()
    revived = OutboxEmail.objects.filter(pk=email.pk, status=OutboxEmail.Status.FAILED).update(
        status=OutboxEmail.Status.QUEUED, due_at=now, retry_until=now + RETRY_FOR, attempts=0, resent_by=actor
    )
    if revived:
        email.refresh_from_db()
        transaction.on_commit(lambda: nudge(email.pk))
        return email
    copies = OutboxEmail.objects.filter(key__startswith=f"{email.key}:again:")
    unsent = copies.exclude(status=OutboxEmail.Status.SENT).first()
    if unsent or email.status != OutboxEmail.Status.SENT:
        return unsent or email
    copy = enqueue(
        key=f"{email.key}:again:{copies.count() + 1}",
        to=email.to,
        template=email.template,
        arguments=email.arguments,
        language=email.language,
        user=email.user,
        customer=email.customer,
    )
    copy.resent_by = actor
    copy.save(update_fields=["resent_by"])
    return copy
