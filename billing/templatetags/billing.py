"""What billing's pages, emails and documents say in words."""

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.texts import Text
from billing import documents, instalments, qr_codes, qris, receipts
from billing.models import Service
from catalog.cycles import PER
from catalog.money import ZERO

register = template.Library()

register.filter("instalment", instalments.label)
register.filter("receipt_number", receipts.number_of)
register.filter("moment", documents.moment)
register.filter("work_time", documents.work_time)
register.filter("office_hours_of", documents.office_hours)
register.filter("line_detail", documents.detail)
register.filter("line_amount", documents.line_amount)
register.filter("is_included", documents.is_included)
register.filter("digits", documents.digits)
register.filter("credit_words", documents.credit_words)
register.filter("money_in", documents.money_in)
register.filter("asking", qris.Scan.asking)
register.filter("drawing", qr_codes.drawing)

_DOMAIN_WAYS = {
    "register": _("didaftarkan"),
    "transfer": _("dipindahkan"),
    "own": _("milik sendiri"),
    "subdomain": _("subdomain gratis"),
}


@register.filter
def per_cycle(cycle: str) -> str | Promise:
    """``per bulan``."""
    return PER[cycle]


@register.filter
def renewal_discount(service: Service) -> Decimal:
    """What the next renewal is still discounted by."""
    return ZERO if service.discounted_renewals_left == 0 else service.recurring_discount


@register.filter
def renewal_net(service: Service) -> Decimal:
    """What the next renewal costs, before tax."""
    return service.recurring_net - renewal_discount(service)


@register.filter
def in_language(entry: Mapping[str, str], name: str) -> Text:
    """A text of a stored configuration, by the page's language."""
    return Text(entry.get(f"{name}_id", ""), entry.get(f"{name}_en", ""))


@register.filter
def domain_way(way: str) -> str | Promise:
    return _DOMAIN_WAYS.get(way, way)
