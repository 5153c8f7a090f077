"""An email that came in, read: who sent it, to which addresses, what it says, and whether a machine wrote it.

Nothing in an email is believed: every header may be missing, twice, too long or broken.
"""

import mimetypes
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.utils import parseaddr

from anymail.inbound import AnymailInboundMessage
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts import delivery
from accounts.models import OutboxEmail
from tickets import quotes

LONGEST_SUBJECT = 150
LONGEST_ID = 250
# Nobody types more; a whole log file belongs into an attachment.
LONGEST_TEXT = 200_000
# Smaller pictures inside the text are the logos of signatures.
SMALLEST_INLINE = 16 * 1024
_RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_REPLY_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|fw|bls|balas|trs)\s*:\s*)+", re.IGNORECASE)
_OUR_ID = re.compile(r"<(\d{1,18})\.[0-9a-f]{16}@[^<>\s]+>")
_MACHINES = ("mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply", "bounce", "bounces")
_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_LIST_HEADERS = ("List-Id", "List-Post", "List-Unsubscribe")
_ROBOT_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Loop", "X-Failed-Recipients")


class Unreadable(Exception):
    """The bytes are no email that could be read; the words are for staff."""


@dataclass(frozen=True)
class Mail:
    """``text`` is what the person wrote, without quotes; ``automatic`` says why it is a machine's, or is empty."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    automatic: str
    files: tuple[SimpleUploadedFile, ...]


def read(raw: bytes, *, envelope_recipient: str = "") -> Mail:
    """Raises ``Unreadable``."""
    try:
        message = AnymailInboundMessage.parse_raw_mime_bytes(raw)
        return Mail(
            sender=_sender(message),
            recipients=_recipients(message, envelope_recipient),
            subject=_subject(message),
            text=_text(message),
            message_id=_message_id(message),
            automatic=automatic_reason(message),
            files=tuple(_files(message)),
        )
    # The standard library's parser raises these on headers and encodings that no standard knows.
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, IndexError, AssertionError) as error:
        raise Unreadable(_("Email ini rusak dan tidak dapat dibaca: %(error)s") % {"error": error}) from error


def _header(message: AnymailInboundMessage, name: str) -> str:
    return " ".join(str(message.get(name) or "").split())


def _sender(message: AnymailInboundMessage) -> str:
    """Exactly one address, in lower case; empty for none, several, or one that no mail can go to."""
    froms = message.get_all("From") or []
    found = message.get_address_header("From")
    if len(froms) != 1 or len(found) != 1:
        return ""
    address = found[0].addr_spec.lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def _recipients(message: AnymailInboundMessage, envelope_recipient: str) -> tuple[str, ...]:
    """What the mail server says first, then what the headers say; each address once, in lower case."""
    found = [parseaddr(envelope_recipient)[1]]
    for name in _RECIPIENT_HEADERS:
        found += [one.addr_spec for one in message.get_address_header(name)]
    return tuple(dict.fromkeys(address.lower() for address in found if address))


def _subject(message: AnymailInboundMessage) -> str:
    """One line without "Re:", as a ticket's subject may be."""
    words = "".join(char for char in _header(message, "Subject") if char.isprintable())
    return _REPLY_PREFIX.sub("", words).strip()[:LONGEST_SUBJECT].strip()


def _message_id(message: AnymailInboundMessage) -> str:
    found = re.search(r"<[^\s<>]+>", _header(message, "Message-ID"))
    return found.group() if found and len(found.group()) <= LONGEST_ID else ""


def _text(message: AnymailInboundMessage) -> str:
    plain = _body(message, "text/plain")
    if not plain.strip():
        plain = quotes.text_of_html(_body(message, "text/html"))
    return quotes.newest_part(plain)


def _body(message: AnymailInboundMessage, content_type: str) -> str:
    """The first part of this type that is no attachment; in a charset that nobody knows as far as it is ASCII."""
    for part in message.walk():
        if part.get_content_type() == content_type and not part.is_attachment():
            content = part.get_payload(decode=True) or b""
            try:
                text = content.decode(part.get_content_charset("utf-8"), errors="replace")
            except LookupError:
                text = content.decode("utf-8", errors="replace")
            return text.replace("\x00", "")[:LONGEST_TEXT]
    return ""


def _files(message: AnymailInboundMessage):
    for part in message.walk():
        if part.is_multipart() and part.get_content_maintype() != "message":
            continue
        content = _content(part)
        if part.is_attachment() or (_is_picture(part) and len(content) >= SMALLEST_INLINE):
            yield SimpleUploadedFile(_name(part), content, part.get_content_type())


def _content(part) -> bytes:
    if part.get_content_maintype() == "message":
        return b"".join(inner.as_bytes() for inner in part.get_payload())
    return part.get_payload(decode=True) or b""


def _is_picture(part) -> bool:
    return part.get_content_maintype() == "image"


def _name(part) -> str:
    extension = mimetypes.guess_extension(part.get_content_type()) or ".bin"
    return part.get_filename() or _("lampiran") + extension


def automatic_reason(message: AnymailInboundMessage) -> str:
    """Why a machine sent it, in words for staff; empty where a person seems to have (RFC 3834, and what servers do)."""
    checks = (_is_ours, _says_so, _is_a_lists, _bounced, _is_forged)
    return next((reason for reason in (check(message) for check in checks) if reason), "")


def _says_so(message: AnymailInboundMessage) -> str:
    if _header(message, "Auto-Submitted").partition(";")[0].strip().lower() not in {"", "no"}:
        return _("Balasan otomatis (Auto-Submitted).")
    if _header(message, "Precedence").lower() in _BULK:
        return _("Kiriman massal atau otomatis (Precedence).")
    found = next((name for name in _ROBOT_HEADERS if _header(message, name)), "")
    return _("Balasan otomatis (%(header)s).") % {"header": found} if found else ""


def _is_a_lists(message: AnymailInboundMessage) -> str:
    found = next((name for name in _LIST_HEADERS if _header(message, name)), "")
    return _("Kiriman dari milis (%(header)s).") % {"header": found} if found else ""


def _bounced(message: AnymailInboundMessage) -> str:
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path") == "<>":
        return _("Laporan pengiriman, bukan tulisan orang.")
    local = _sender(message).partition("@")[0]
    return _("Pengirimnya sebuah mesin: %(sender)s.") % {"sender": _sender(message)} if local in _MACHINES else ""


def _is_ours(message: AnymailInboundMessage) -> str:
    """What the shop itself sent has come back."""
    sender = _sender(message)
    ours = {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()}
    domain = settings.TICKETS_INBOUND_DOMAIN.lower()
    if sender in ours or (domain and sender.endswith(f"@{domain}")) or _is_our_id(_message_id(message)):
        return _("Email kami sendiri yang kembali.")
    return ""


def _is_our_id(message_id: str) -> bool:
    found = _OUR_ID.fullmatch(message_id)
    row = found and OutboxEmail.objects.filter(pk=int(found.group(1))).first()
    return bool(row) and delivery.message_id(row) == message_id


def _is_forged(message: AnymailInboundMessage) -> str:
    """What our own mail server, or the provider, says of the sender's domain."""
    results = " ".join(str(value) for value in message.get_all("Authentication-Results") or []).lower()
    return _("Alamat pengirimnya dipalsukan (DMARC).") if "dmarc=fail" in results else ""
