"""What every provider is told of an attempt, and no more than it needs of the customer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import outbox
from billing.gateways import reading
from billing.gateways.base import Refused, Unreadable
from billing.models import PaymentAttempt

_check_page = URLValidator(schemes=["https", "http"])
_URL_AT_MOST = PaymentAttempt._meta.get_field("redirect_url").max_length


def rupiah(attempt: PaymentAttempt, amount: Decimal | None = None) -> int:
    """The attempt's amount, or another in its currency, as a whole number. Raises ``Refused`` for other currencies."""
    if attempt.currency != "IDR":
        raise Refused(_("Cara bayar ini hanya menerima rupiah."))
    asked = attempt.amount if amount is None else amount
    if asked != (whole := int(asked)):
        raise Refused(_("Cara bayar ini hanya menerima rupiah bulat."))
    return whole


def name(attempt: PaymentAttempt) -> str:
    return attempt.invoice.buyer.get("name") or ""


def email(attempt: PaymentAttempt) -> str:
    return attempt.invoice.buyer.get("email") or ""


def return_address(attempt: PaymentAttempt) -> str:
    """Where a provider's page leads back to. Whoever comes back proves nothing: the provider is asked."""
    return outbox.absolute(reverse("billing:invoice-returned", args=[attempt.order_id]))


def page(data: Mapping[str, Any], name: str) -> str:
    """The address of a provider's page, fit to send a browser to. Raises ``Unreadable``."""
    url = reading.text(data, name, most=_URL_AT_MOST)
    try:
        _check_page(url)
    except ValidationError as error:
        raise Unreadable(_("Alamat halaman pembayaran tidak terbaca.")) from error
    return url


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
