"""The mailbox: marked as seen only after the row is there, and nothing lost or taken twice when something breaks."""

import imaplib
from dataclasses import replace

import pytest

from accounts import imap as accounts_imap
from accounts.models import JobRun
from tests.imap_server import ADDRESS, FakeServer
from tests.tickets import mails
from tests.tickets.desk import open_one
from tests.tickets.mails import to_ticket
from tickets import imap, tasks
from tickets.models import InboundEmail

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings, monkeypatch):
    settings.TICKETS_INBOUND_DOMAIN = mails.DOMAIN
    settings.TICKETS_MAILBOX = ADDRESS
    fake = FakeServer(InboundEmail.objects.count)
    monkeypatch.setattr(accounts_imap, "_connect", lambda host, port, *, tls: fake)
    return fake


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


def put(server, ticket, owner, uids: str = "12") -> None:
    for uid in uids:
        server.mails[uid] = to_ticket(ticket, owner.email, message_id=f"<{uid}@sinar.example>").as_bytes()


def test_new_emails_are_taken_in_and_marked_as_seen_after_their_rows(server, ticket, owner):
    put(server, ticket, owner)
    assert tasks.poll_mailbox() == {"received": 2, "failed": 0}
    assert (server.seen, server.rows_when_seen, server.signed_out) == ({"1", "2"}, [1, 2], True)
    assert tasks.poll_mailbox() == {"received": 0, "failed": 0}
    assert InboundEmail.objects.count() == 2


def test_a_worker_takes_them(server, ticket, owner, django_capture_on_commit_callbacks):
    put(server, ticket, owner)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.poll_mailbox()
    assert list(InboundEmail.objects.values_list("outcome", "provider")) == [("replied", "imap")] * 2


def test_a_connection_that_breaks_before_the_mark_takes_none_twice(server, ticket, owner):
    put(server, ticket, owner)
    server.breaks_at = "STORE"
    assert tasks.poll_mailbox() == {"received": 0, "failed": 2}
    server.breaks_at = ""
    assert tasks.poll_mailbox() == {"received": 2, "failed": 0}
    assert InboundEmail.objects.count() == 2


def test_an_email_that_cannot_be_stored_stays_unseen(server, ticket, owner, monkeypatch):
    put(server, ticket, owner)
    receive = imap.inbound.receive

    def refuse_the_first(*, raw, **arguments):
        if b"<1@" in raw:
            raise OSError("no space")
        return receive(raw=raw, **arguments)

    monkeypatch.setattr(imap.inbound, "receive", refuse_the_first)
    assert tasks.poll_mailbox() == {"received": 1, "failed": 1}
    assert server.seen == {"2"}
    assert not JobRun.objects.get(name="poll-mailbox").succeeded


def test_of_a_huge_email_the_headers_are_kept_and_staff_is_told(server, ticket, owner):
    put(server, ticket, owner, "1")
    server.sizes["1"] = 50 * 1024 * 1024
    tasks.poll_mailbox()
    tasks.process_inbound(InboundEmail.objects.get().pk)
    row = InboundEmail.objects.get()
    assert (row.outcome, row.sender, server.seen) == ("ignored", owner.email, {"1"})
    assert "terlalu besar (50 MB)" in row.reason
    assert row.size < 1000


@pytest.mark.parametrize("fault", ["password", "folder", "search"])
def test_a_mailbox_that_cannot_be_asked_is_told_on_the_health_page(server, settings, ticket, owner, fault):
    put(server, ticket, owner)
    if fault == "password":
        server.password = "lain"
    elif fault == "folder":
        settings.TICKETS_MAILBOX = replace(ADDRESS, folder="Tidak ada")
    else:
        server.breaks_at = "SEARCH"
    assert tasks.poll_mailbox() == {"received": 0, "failed": 1}
    assert (server.seen, InboundEmail.objects.count()) == (set(), 0)
    assert not JobRun.objects.get(name="poll-mailbox").succeeded


def test_a_server_that_does_not_answer_is_an_error_of_the_mailbox(server, monkeypatch):
    def refuse(host, port, *, tls):
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(accounts_imap, "_connect", refuse)
    with pytest.raises(accounts_imap.MailboxError):
        imap.poll()


def test_one_run_takes_no_more_than_a_run_should(server, ticket, owner, monkeypatch):
    monkeypatch.setattr(accounts_imap, "MOST_MAILS", 2)
    put(server, ticket, owner, "123")
    assert tasks.poll_mailbox()["received"] == 2
    assert tasks.poll_mailbox()["received"] == 1


def test_the_certificate_is_checked(monkeypatch, settings):
    made = {}
    monkeypatch.setattr(imaplib, "IMAP4_SSL", lambda host, port, **arguments: made.update(arguments))
    accounts_imap._connect("imap.example", 993)
    assert made["ssl_context"].check_hostname
    assert made["timeout"] == accounts_imap.TIMEOUT_SECONDS
