"""The mailboxes that are asked for new email, from the environment: tickets', and the bank statements'; ``None``: none."""

from django.core.exceptions import ImproperlyConfigured

from accounts.imap import Address
from config import env


def tickets(*, domain: str) -> Address | None:
    """Raises ``ImproperlyConfigured`` without the ``domain`` of its addresses."""
    host, tls = env.text("TICKETS_IMAP_HOST"), env.flag("TICKETS_IMAP_SSL", True)
    if host and not domain:
        raise ImproperlyConfigured(
            "Set TICKETS_INBOUND_DOMAIN: the domain of the mailbox that TICKETS_IMAP_HOST is asked for."
        )
    return _address(
        host=host,
        port=env.number("TICKETS_IMAP_PORT", 993 if tls else 143),
        tls=tls,
        user=env.text("TICKETS_IMAP_USER"),
        password=env.text("TICKETS_IMAP_PASSWORD"),
        folder=env.text("TICKETS_IMAP_FOLDER", "INBOX"),
    )


def statements() -> Address | None:
    host, tls = env.text("STATEMENTS_IMAP_HOST"), env.flag("STATEMENTS_IMAP_SSL", True)
    return _address(
        host=host,
        port=env.number("STATEMENTS_IMAP_PORT", 993 if tls else 143),
        tls=tls,
        user=env.text("STATEMENTS_IMAP_USER"),
        password=env.text("STATEMENTS_IMAP_PASSWORD"),
        folder=env.text("STATEMENTS_IMAP_FOLDER", "INBOX"),
    )


def statement_senders() -> list[str]:
    """Addresses, or domains as ``@bank.example``: only their emails are opened. Raises ``ImproperlyConfigured``."""
    listed = [one.lower() for one in env.words("STATEMENTS_IMAP_SENDERS")]
    if env.text("STATEMENTS_IMAP_HOST") and not listed:
        raise ImproperlyConfigured("Set STATEMENTS_IMAP_SENDERS: the addresses from which your banks send statements.")
    if any("@" not in one for one in listed):
        raise ImproperlyConfigured("STATEMENTS_IMAP_SENDERS holds addresses, or domains that begin with @.")
    return listed


def _address(*, host: str, **fields) -> Address | None:
    return Address(host=host, **fields) if host else None
