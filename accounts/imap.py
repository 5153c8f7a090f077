"""A mailbox that is asked for new email by IMAP, over TLS whose certificate is checked."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

TIMEOUT_SECONDS = 30
# In one run; the next one goes on.
MOST_MAILS = 50


class MailboxError(Exception):
    """The server refused, or does not answer; nothing was marked as seen."""


@dataclass(frozen=True)
class Address:
    """Where a mailbox is and who asks; ``tls`` from the first byte."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    folder: str


@dataclass(frozen=True)
class Unseen:
    uid: str
    size: int


def _connect(host: str, port: int, *, tls: bool = True) -> imaplib.IMAP4:
    if not tls:
        return imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    # The library's own default believes any certificate.
    return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS)


class Mailbox:
    """The unseen emails of one folder; ``with`` signs in and out."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def __enter__(self) -> "Mailbox":
        where = self.address
        try:
            self._link = _connect(where.host, where.port, tls=where.tls)
            self._link.login(where.user, where.password)
            self._ask(self._link.select(f'"{where.folder}"'))
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
