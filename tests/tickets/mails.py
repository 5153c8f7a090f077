"""Emails as customers' mail programs write them."""

from email.message import EmailMessage

from tickets import addresses, inbound
from tickets.models import InboundEmail, Ticket

DOMAIN = "tiket.example.co.id"


def to_ticket(ticket: Ticket, sender: str, body: str = "Sudah bisa, terima kasih.", **fields) -> EmailMessage:
    return letter(
        addresses.reply_address(ticket), sender, body, subject=f"Re: [{ticket.number}] {ticket.subject}", **fields
    )


def letter(
    to: str,
    sender: str,
    body: str = "Mohon dibantu.",
    *,
    subject: str = "Situs lambat",
    message_id: str = "<satu@sinar.example>",
    headers: dict[str, str] | None = None,
    files: list[tuple[str, bytes, str]] = (),
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, to, subject, message_id
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(body)
    for name, content, content_type in files:
        main, _slash, sub = content_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def arrive(message: EmailMessage | bytes, **fields) -> InboundEmail:
    """It is received, and a worker takes it."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    row = inbound.receive(raw=raw, provider="imap", **fields)
    inbound.process(row.pk)
    row.refresh_from_db()
    return row
