"""An IMAP server for tests of mailboxes."""

import imaplib
from collections.abc import Callable

from accounts.imap import Address

ADDRESS = Address(host="imap.example", port=993, tls=True, user="toko", password="rahasia", folder="INBOX")


class FakeServer:
    """What ``imaplib.IMAP4`` is asked, answered from a dictionary as a server answers.

    ``count`` is asked whenever an email is marked as seen: what the shop has of it by then.
    """

    def __init__(self, count: Callable[[], int]) -> None:
        self.count = count
        self.mails: dict[str, bytes] = {}
        self.sizes: dict[str, int] = {}
        self.seen: set[str] = set()
        self.rows_when_seen: list[int] = []
        self.password = "rahasia"
        self.breaks_at = ""
        self.signed_out = False

    def login(self, user, password):
        if password != self.password:
            raise imaplib.IMAP4.error("[AUTHENTICATIONFAILED] Invalid credentials")
        return "OK", [b"done"]

    def select(self, folder):
        return ("OK", [b"1"]) if folder == '"INBOX"' else ("NO", [b"no such folder"])

    def uid(self, command, *arguments):
        if self.breaks_at == command:
            raise imaplib.IMAP4.abort("connection lost")
        return getattr(self, f"_{command.lower()}")(*arguments)

    def _search(self, what):
        assert what == "UNSEEN"
        return "OK", [" ".join(uid for uid in self.mails if uid not in self.seen).encode()]

    def _fetch(self, uid, what):
        raw = self.mails[uid]
        if what == "(RFC822.SIZE)":
            return "OK", [b"1 (UID %s RFC822.SIZE %d)" % (uid.encode(), self.sizes.get(uid, len(raw)))]
        assert "PEEK" in what
        content = raw.partition(b"\n\n")[0] + b"\n\n" if "HEADER" in what else raw
        return "OK", [(b"1 (UID %s BODY[] {%d}" % (uid.encode(), len(content)), content), b")"]

    def _store(self, uid, flags, value):
        assert (flags, value) == ("+FLAGS.SILENT", r"(\Seen)")
        self.rows_when_seen.append(self.count())
        self.seen.add(uid)
        return "OK", [None]

    def logout(self):
        self.signed_out = True
        return "BYE", [b"bye"]
