"""What the invariants say of tickets, and which files are theirs; V7, their histories, is checked with all other states."""

from collections.abc import Iterator

from accounts.models import OutboxEmail
from billing import ledger, orphans
from billing.ledger import Breach, files
from tickets import notices
from tickets.models import Attachment, InboundEmail, Message

CHUNK = 300


def promised_emails_exist() -> Iterator[Breach]:
    """V5: everybody who was told of a message has the email in the outbox; the key makes a second one impossible."""
    chunk: dict[str, int] = {}
    for pk, told in Message.objects.exclude(told=[]).order_by("pk").values_list("pk", "told").iterator():
        chunk |= {notices.key_of(pk, person): pk for person in told}
        if len(chunk) >= CHUNK:
            yield from _missing(chunk)
            chunk = {}
    yield from _missing(chunk)


def _missing(chunk: dict[str, int]) -> Iterator[Breach]:
    found = set(OutboxEmail.objects.filter(key__in=chunk).values_list("key", flat=True))
    for key in chunk:
        if key not in found:
            yield Breach("V5", f"email {key}", "was promised and is not in the outbox")


def files_are_as_they_were_stored() -> Iterator[Breach]:
    """V9: attachments, and every email that came in."""
    yield from files.as_stored("attachment", Attachment.objects.all(), "file")
    yield from files.as_stored("inbound email", InboundEmail.objects.all(), "raw")


ledger.also("V5", promised_emails_exist)
ledger.also("V9", files_are_as_they_were_stored)
orphans.also(orphans.Keeper("tickets", Attachment.objects.all(), "file"))
orphans.also(orphans.Keeper("inbound", InboundEmail.objects.all(), "raw"))
