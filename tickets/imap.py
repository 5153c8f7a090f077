"""A mailbox that is asked for new email, for shops whose mail provider calls no webhook."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.imap import Mailbox, Unseen
from tickets import inbound
from tickets.models import InboundEmail

logger = logging.getLogger(__name__)

PROVIDER = "imap"
# Of larger ones the headers are kept.
MAX_BYTES = 30 * 1024 * 1024


@dataclass
class Report:
    received: int = 0
    failed: int = 0


def poll() -> Report:
    """Take in what is new. An email is marked as seen only after its row is committed; one failure stops no other.

    Raises ``accounts.imap.MailboxError`` where the server cannot be asked at all.
    """
    report = Report()
    with Mailbox(settings.TICKETS_MAILBOX) as mailbox:
        for one in list(mailbox.unseen()):
            try:
                _receive(mailbox, one)
                mailbox.mark_seen(one.uid)
                report.received += 1
            except Exception:
                logger.exception("Email %s of the mailbox could not be taken in", one.uid)
                report.failed += 1
    return report


def _receive(mailbox: Mailbox, one: Unseen) -> InboundEmail:
    if one.size <= MAX_BYTES:
        return inbound.receive(raw=mailbox.fetch(one.uid), provider=PROVIDER)
    reason = _("Email ini terlalu besar (%(size)d MB); yang disimpan hanya kepalanya.") % {
        "size": one.size // (1024 * 1024)
    }
    return inbound.receive(raw=mailbox.fetch(one.uid, headers_only=True), provider=PROVIDER, reason=reason)
