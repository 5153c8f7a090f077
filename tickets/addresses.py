"""Where answers by email go: a signed address for each ticket, and the thread's first Message-ID."""

import base64
import re
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from tickets.models import Ticket

_SALT = "tickets.addresses"
_LOCAL_PART = re.compile(r"reply\+(t-[0-9a-z]+)\.([a-z2-7]+)")
SIGNATURE_LENGTH = 16


def _signature(number: str) -> str:
    digest = salted_hmac(_SALT, number.upper(), algorithm="sha256").digest()
    # Lower case and without signs: mail servers on the way may change the rest.
    return base64.b32encode(digest).decode().lower()[:SIGNATURE_LENGTH]


def reply_address(ticket: Ticket) -> str:
    """``reply+t-7kq2m9xa.<signature>@<TICKETS_INBOUND_DOMAIN>``; empty where the shop takes in no email."""
    domain = settings.TICKETS_INBOUND_DOMAIN
    return f"reply+{ticket.number.lower()}.{_signature(ticket.number)}@{domain}" if domain else ""


def ticket_of(address: str) -> Ticket | None:
    """The ticket that one of our reply addresses belongs to; ``None`` for any other address and a wrong signature."""
    local, _at, domain = parseaddr(address)[1].lower().rpartition("@")
    found = _LOCAL_PART.fullmatch(local)
    if not found or not settings.TICKETS_INBOUND_DOMAIN or domain != settings.TICKETS_INBOUND_DOMAIN.lower():
        return None
    number, signature = found.groups()
    if not constant_time_compare(signature, _signature(number)):
        return None
    return Ticket.objects.filter(number=number.upper()).first()


def staff_page(ticket: Ticket) -> str:
    """The path of the ticket in the staff's workplace."""
    return f"{reverse('admin:index')}tickets/ticket/{ticket.pk}/thread/"


def thread_id(ticket: Ticket) -> str:
    """A Message-ID that no email has: every email of the ticket refers to it, so that mail programs keep them together."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{ticket.number.lower()}@{domain}>"
