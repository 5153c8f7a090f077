"""New renewal prices for services that exist: only staff changes what was agreed, one by one or by percent (P7)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import transitions
from billing.models import Service, ServiceComponent
from catalog.models import Promotion
from catalog.money import ZERO, format_money, round_money, total_of

LIVING = (Service.Status.PENDING, Service.Status.ACTIVE, Service.Status.SUSPENDED)


class CannotReprice(Exception):
    """The price stays as it is; the words say why."""


def can_reprice(service: Service) -> bool:
    return service.is_recurring and service.status in LIVING


def by_percent(service: Service, percent: Decimal) -> dict[int, Decimal]:
    """The unit price of each component, by its id, changed by ``percent`` and rounded to the service's currency."""
    factor = 1 + Fraction(percent) / 100
    return {
        part.pk: round_money(Fraction(part.unit_price) * factor, service.currency) for part in service.components.all()
    }


def new_net(service: Service, unit_prices: Mapping[int, Decimal]) -> Decimal:
    """What a renewal costs with these unit prices, before discount and tax."""
    return total_of(unit_prices[part.pk] * part.quantity for part in service.components.all())


@transaction.atomic
def reprice(*, service: Service, unit_prices: Mapping[int, Decimal], actor: User | None, note: str) -> None:
    """Give each component its unit price from ``unit_prices`` (by component id); what is already invoiced stays.

    A recurring discount of some percent stays that percent; a fixed one stays what it is, never more than the price.
    Raises ``CannotReprice`` for a service that is over or paid once, for a negative or unrounded price, and where
    somebody else changed the price since ``service`` was read.
    """
    if not can_reprice(service):
        raise CannotReprice(
            _("%(service)s tidak diperpanjang lagi, jadi tidak ada harga untuk diubah.") % {"service": service}
        )
    parts = list(service.components.all())
    if unit_prices.keys() != {part.pk for part in parts}:
        raise CannotReprice(_("Rincian harga berubah. Muat ulang halaman, lalu coba lagi."))
    if any(price < ZERO or price != round_money(price, service.currency) for price in unit_prices.values()):
        raise CannotReprice(_("Isi harga nol atau lebih, tanpa sen."))
    before, after = service.recurring_net, new_net(service, unit_prices)
    changed = Service.objects.filter(pk=service.pk, status__in=LIVING, recurring_net=before).update(
        recurring_net=after, recurring_discount=discount_at(service, after)
    )
    if not changed:
        raise CannotReprice(
            _("Harga %(service)s baru saja diubah orang lain. Muat ulang halaman.") % {"service": service}
        )
    for part in parts:
        price = unit_prices[part.pk]
        ServiceComponent.objects.filter(pk=part.pk).update(unit_price=price, amount=price * models.F("quantity"))
    service.refresh_from_db(fields=["recurring_net", "recurring_discount"])
    prices = f"{format_money(before, service.currency)} → {format_money(after, service.currency)}"
    transitions.remark(service, "repriced", actor=actor, note=f"{prices}: {note}")


def discount_at(service: Service, after: Decimal) -> Decimal:
    """What its recurring discount is where a renewal costs ``after``: a percentage goes with the price, a sum stays."""
    discount = service.recurring_discount
    if service.promotion and service.promotion.kind == Promotion.Kind.PERCENT and service.recurring_net:
        discount = round_money(Fraction(discount) * Fraction(after) / Fraction(service.recurring_net), service.currency)
    return min(discount, after)
