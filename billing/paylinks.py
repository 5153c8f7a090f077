"""Private links to one invoice: signed, expiring, and ended by making a new one or by taking it back."""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from billing import transitions
from billing.models import Invoice, PayLink
from billing.models.links import PAY_LINK_LIFETIME

# A dot keeps the whole token one word when it is copied from an email.
_signer = signing.Signer(salt="billing.paylinks", sep=".")
_KEY_LENGTH = 24


class LinkNotValid(Exception):
    """The token was changed, is no longer the newest, was taken back, or its time is over."""


@transaction.atomic
def share(*, invoice: Invoice, actor: User, lifetime: timedelta = PAY_LINK_LIFETIME) -> PayLink:
    """A new link to the invoice; every link that was given out before stops working."""
    now = timezone.now()
    link, _made = PayLink.objects.update_or_create(
        invoice=invoice,
        defaults={
            "key": get_random_string(_KEY_LENGTH),
            "created_by": actor,
            "created_at": now,
            "expires_at": now + lifetime,
        },
    )
    transitions.remark(invoice, "pay_link_shared", actor=actor)
    return link


@transaction.atomic
def revoke(*, invoice: Invoice, actor: User) -> None:
    """Take the link back; without one this does nothing."""
    deleted, _rows = PayLink.objects.filter(invoice=invoice).delete()
    if deleted:
        transitions.remark(invoice, "pay_link_revoked", actor=actor)


def token_of(link: PayLink) -> str:
    return _signer.sign(f"{link.invoice_id}-{link.key}")


def find(token: str) -> Invoice:
    """The invoice a link shows, with its customer. Raises ``LinkNotValid``; a changed token costs no query."""
    try:
        invoice_id, key = _signer.unsign(token).split("-", 1)
    except (signing.BadSignature, ValueError) as error:
        raise LinkNotValid from error
    invoices = Invoice.objects.with_awaiting_verification().select_related("customer", "payment_method", "pay_link")
    invoice = invoices.filter(pk=invoice_id, pay_link__key=key).first()
    if invoice is None or not invoice.pay_link.is_open:
        raise LinkNotValid
    return invoice
