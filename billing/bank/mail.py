"""Statements as attachments: banks and mutation services send them to a mailbox that is asked regularly.

The sender's address can be forged by anybody, so an email does no more than bring lines to look at: what they pay is decided
by the same rules as for a file that staff uploads, and an allow-list keeps strangers' files unopened.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.imap import Mailbox, Unseen
from billing.bank import delivery, importing, whose
from billing.bank.rows import StatementError
from billing.models import StatementImport

logger = logging.getLogger(__name__)

ROAD = StatementImport.Road.MAILBOX
MAX_BYTES = 30 * 1024 * 1024
MOST_ATTACHMENTS = 20


@dataclass
class Report:
    """Emails: with a statement, of no use or from strangers, and those that a fault kept back."""

    received: int = 0
    ignored: int = 0
    failed: int = 0


def poll() -> Report:
    """Take in what is new. An email is marked as seen only after its rows are committed; one failure stops no other.

    Raises ``accounts.imap.MailboxError`` where the server cannot be asked at all.
    """
    report = Report()
    with Mailbox(settings.STATEMENTS_MAILBOX) as mailbox:
        for one in list(mailbox.unseen()):
            try:
                found = _receive(mailbox, one)
                mailbox.mark_seen(one.uid)
            except Exception:
                logger.exception("Email %s with statements could not be taken in", one.uid)
                report.failed += 1
            else:
                report.received += bool(found)
                report.ignored += not found
    return report


def _receive(mailbox: Mailbox, one: Unseen) -> int:
    """How many statements the email brought."""
    is_huge = one.size > MAX_BYTES
    raw = mailbox.fetch(one.uid, headers_only=is_huge)
    email = message_from_bytes(raw, policy=policy.default)
    sender = _header(email, "From")
    if not is_allowed(sender):
        logger.warning("Email %s for statements is from a stranger: %s", one.uid, sender[:200])
        return 0
    if is_huge:
        problem = _("Email ini terlalu besar (%(size)d MB). Minta bank mengirim mutasi untuk waktu yang lebih pendek.")
        _tell_of(raw, _header(email, "Subject"), problem % {"size": one.size // (1024 * 1024)})
        return 1
    return sum(_take(email, raw, name, content) for name, content in _attachments(email))


def is_allowed(sender: str) -> bool:
    """Whether the one address in it is on the list, whole or by its domain."""
    addresses = [address.lower() for _name, address in getaddresses([sender]) if address]
    if len(addresses) != 1:
        return False
    domain = addresses[0].rpartition("@")[2]
    return addresses[0] in settings.STATEMENTS_SENDERS or f"@{domain}" in settings.STATEMENTS_SENDERS


def _header(email: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(email.get(name, "")).split())
    # The library raises whatever it stumbles over in a header that breaks the rules.
    except Exception:
        logger.warning("The header %s of an email could not be read", name, exc_info=True)
        return ""


def _attachments(email: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Those that are statements by their names."""
    found = 0
    for part in email.walk():
        name = " ".join((part.get_filename() or "").split())
        if PurePosixPath(name.lower()).suffix not in importing.ENDINGS or found >= MOST_ATTACHMENTS:
            continue
        content = part.get_payload(decode=True)
        if content:
            found += 1
            yield name, content


def _take(email: EmailMessage, raw: bytes, name: str, content: bytes) -> int:
    try:
        importing.check(name, len(content))
    except StatementError as refusal:
        _tell_of(raw, name, str(refusal))
        return 1
    try:
        account, problem = whose.of_texts([_header(email, "Subject"), name], content), ""
    except whose.Unclear as unclear:
        account, problem = None, str(unclear)
    delivery.deliver(name=name, content=content, road=ROAD, account=account, problem=problem)
    return 1


def _tell_of(raw: bytes, name: str, problem: str) -> None:
    mark = hashlib.sha256(raw).hexdigest()
    delivery.tell_of(name=name or "email", mark=mark, road=ROAD, account=None, problem=problem)
