"""A mailbox that is asked for new email, for shops whose mail provider calls no webhook."""

import imaplib
import logging
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from django.conf import settings
from django.utils.translation import gettext as _

from tickets import inbound
from tickets.models import InboundEmail

logger = logging.getLogger(__name__)

PROVIDER = "imap"
TIMEOUT_SECONDS = 30
# In one run; the next one goes on.
MOST_MAILS = 50
# Of larger ones the headers are kept.
MAX_BYTES = 30 * 1024 * 1024


class MailboxError(Exception):
    """The server refused, or does not answer; nothing was marked as seen."""


@dataclass(frozen=True)
class Unseen:
    uid: str
    size: int


def _connect(host: str, port: int) -> imaplib.IMAP4:
    if not settings.TICKETS_IMAP_SSL:
        return imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    # The library's own default believes any certificate.
    return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS)


class Mailbox:
    """The unseen emails of one folder, over TLS; ``with`` signs in and out."""

    def __enter__(self) -> "Mailbox":
        try:
            self._link = _connect(settings.TICKETS_IMAP_HOST, settings.TICKETS_IMAP_PORT)
            self._link.login(settings.TICKETS_IMAP_USER, settings.TICKETS_IMAP_PASSWORD)
            self._ask(self._link.select(f'"{settings.TICKETS_IMAP_FOLDER}"'))
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxError(str(error)) from error
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # A broken connection cannot be said good-bye to.
        with suppress(imaplib.IMAP4.error, OSError):
            self._link.logout()

    def unseen(self) -> Iterator[Unseen]:
        (found,) = self._ask(self._run("SEARCH", "UNSEEN"))
        for uid in (found or b"").decode("ascii").split()[:MOST_MAILS]:
            answer = self._ask(self._run("FETCH", uid, "(RFC822.SIZE)"))
            words = b" ".join(part for part in answer if isinstance(part, bytes)).replace(b")", b" ").split()
            with suppress(ValueError):
                yield Unseen(uid, int(words[words.index(b"RFC822.SIZE") + 1]))

    def fetch(self, uid: str, *, headers_only: bool = False) -> bytes:
        """The email as it came, without marking it as seen."""
        what = "(BODY.PEEK[HEADER])" if headers_only else "(BODY.PEEK[])"
        for part in self._ask(self._run("FETCH", uid, what)):
            if isinstance(part, tuple):
                return part[1]
        raise MailboxError(f"email {uid} came without its content")

    def mark_seen(self, uid: str) -> None:
        self._ask(self._run("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))

    def _run(self, command: str, *arguments: str) -> tuple[str, list]:
        try:
            return self._link.uid(command, *arguments)
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxError(str(error)) from error

    def _ask(self, answer: tuple[str, list]) -> list:
        status, content = answer
        if status != "OK":
            raise MailboxError(f"{status}: {content}")
        return content


@dataclass
class Report:
    received: int = 0
    failed: int = 0


def poll() -> Report:
    """Take in what is new. An email is marked as seen only after its row is committed; one failure stops no other.

    Raises ``MailboxError`` where the server cannot be asked at all.
    """
    report = Report()
    with Mailbox() as mailbox:
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
