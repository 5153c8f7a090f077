"""Delivering the outbox: claim a row, send it outside any transaction, write down what became of it."""

import hashlib
import logging
from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused

from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.utils import timezone

from accounts import outbox
from accounts.models import OutboxEmail, Shop

logger = logging.getLogger(__name__)

Status = OutboxEmail.Status

FIRST_RETRY = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
ABANDONED_AFTER = timedelta(seconds=120)
SWEEP_SIZE = 500


def deliver(email_id: int) -> bool:
    """Send one email unless another worker has it, it is sent, or its next try is not due; true if it went out."""
    row = claim(email_id)
    if row is None:
        return False
    try:
        rendered = outbox.render(row.template, row.arguments, row.language, reveal=True)
        kept = outbox.render(row.template, row.arguments, row.language, reveal=False)
        _message(row, rendered).send()
    except Exception as error:
        logger.warning("Email %s was not sent", row.pk, exc_info=True)
        if is_permanent(error):
            _fail(row, error)
        else:
            _postpone(row, error)
        return False
    _mark_sent(row, kept)
    return True


def claim(email_id: int) -> OutboxEmail | None:
    """Make this worker the row's only sender; ``None`` if it is not to be sent now. The database decides."""
    now = timezone.now()
    free = Q(status=Status.QUEUED, due_at__lte=now) | Q(status=Status.SENDING, claimed_at__lte=now - ABANDONED_AFTER)
    claimed = OutboxEmail.objects.filter(free, pk=email_id).update(
        status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    return OutboxEmail.objects.get(pk=email_id) if claimed else None


def due_for_sweep() -> list[int]:
    return list(
        OutboxEmail.objects.filter(outbox.waiting(timezone.now()))
        .order_by("due_at", "pk")
        .values_list("pk", flat=True)[:SWEEP_SIZE]
    )


def is_permanent(error: Exception) -> bool:
    """Whether the mail server refused this address or this message for good: trying again would annoy it, not help."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _reason in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, AnymailRecipientsRefused)


def message_id(row: OutboxEmail) -> str:
    """The same for every copy of a row, so that a second one after a crash is recognised; not another row's or shop's."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{row.pk}.{hashlib.sha256(row.key.encode()).hexdigest()[:16]}@{domain}>"


def _message(row: OutboxEmail, rendered: outbox.Rendered) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        rendered.subject,
        rendered.text,
        to=[row.to],
        reply_to=[rendered.reply_to or Shop.current().email],
        headers={**rendered.headers, "Message-ID": message_id(row), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(rendered.html, "text/html")
    for attachment in rendered.attachments:
        message.attach(attachment.name, attachment.content, attachment.content_type)
    return message


def _mark_sent(row: OutboxEmail, kept: outbox.Rendered) -> None:
    secrets = outbox.registered(row.template).secrets
    # Whoever else may have claimed the row meanwhile: it is sent.
    OutboxEmail.objects.filter(pk=row.pk).exclude(status=Status.SENT).update(
        status=Status.SENT,
        sent_at=timezone.now(),
        last_error="",
        subject=kept.subject[:250],
        text_body=kept.text,
        html_body=kept.html,
        arguments={name: value for name, value in row.arguments.items() if name not in secrets},
    )


def _postpone(row: OutboxEmail, error: Exception) -> None:
    """Try again later, each time after twice the wait, until 24 hours are over."""
    now = timezone.now()
    wait = min(FIRST_RETRY * 2 ** min(row.attempts - 1, 10), LONGEST_WAIT)
    if now + wait > row.retry_until:
        _fail(row, error)
        return
    _mine(row).update(status=Status.QUEUED, due_at=now + wait, last_error=_words(error))


def _fail(row: OutboxEmail, error: Exception) -> None:
    logger.error("Email %s is given up", row.pk)
    _mine(row).update(status=Status.FAILED, last_error=_words(error))


def _mine(row: OutboxEmail):
    """The row, if no other worker claimed it since."""
    return OutboxEmail.objects.filter(pk=row.pk, status=Status.SENDING, claimed_at=row.claimed_at)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
