"""Where answers by email go: a signed address for each ticket, and the thread's first Message-ID."""

import base64
import re
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from tickets.models import Department, Ticket

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
    local, domain = _parts(address)
    found = _LOCAL_PART.fullmatch(local)
    if not found or not _is_our_domain(domain):
        return None
    number, signature = found.groups()
    if not constant_time_compare(signature, _signature(number)):
        return None
    return Ticket.objects.filter(number=number.upper()).first()


def looks_like_ours(address: str) -> bool:
    """Whether it is meant to be a reply address, right or wrong."""
    local, domain = _parts(address)
    return _is_our_domain(domain) and local.startswith("reply+")


def department_of(address: str) -> Department | None:
    """``<slug>@<TICKETS_INBOUND_DOMAIN>`` begins a new ticket there."""
    local, domain = _parts(address)
    return Department.objects.filter(slug__iexact=local).first() if local and _is_our_domain(domain) else None


def _parts(address: str) -> tuple[str, str]:
    local, _at, domain = parseaddr(address)[1].lower().rpartition("@")
    return local, domain


def _is_our_domain(domain: str) -> bool:
    return bool(settings.TICKETS_INBOUND_DOMAIN) and domain == settings.TICKETS_INBOUND_DOMAIN.lower()


def staff_page(ticket: Ticket) -> str:
    """The path of the ticket in the staff's workplace."""
    return f"{reverse('admin:index')}tickets/ticket/{ticket.pk}/thread/"


def thread_id(ticket: Ticket) -> str:
    """A Message-ID that no email has: every email of the ticket refers to it, so that mail programs keep them together."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{ticket.number.lower()}@{domain}>"
