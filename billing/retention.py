"""Offers to stay: a promotion without a code, for customers who are about to end a service. Once per service."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import cancellations, notices, transitions
from billing.models import Retention, Service
from catalog.models import Promotion
from catalog.money import ZERO, round_money, total_of

# What can be taken off a renewal.
KINDS = (Promotion.Kind.PERCENT, Promotion.Kind.FIXED, Promotion.Kind.PRICE_OVERRIDE)


class CannotRetain(Exception):
    """The price stays as it is; the words say why."""


@dataclass(frozen=True)
class Offer:
    """What staying is worth: so much less on each of so many renewals (``None``: on all)."""

    promotion: Promotion
    discount: Decimal
    renewals: int | None


def offer_for(service: Service, now: datetime) -> Offer | None:
    """The best offer that fits, where it makes the service cheaper than it is; a service that took one gets no other."""
    if not _may_stay(service) or Retention.objects.filter(service=service).exists():
        return None
    better = [offer for offer in _offers(service, now) if offer.discount > _present_discount(service)]
    return max(better, key=lambda offer: (offer.discount, -offer.promotion.pk), default=None)


def _may_stay(service: Service) -> bool:
    return service.status == Service.Status.ACTIVE and cancellations.can_be_asked(service)


def _present_discount(service: Service) -> Decimal:
    return ZERO if service.discounted_renewals_left == 0 else service.recurring_discount


def _offers(service: Service, now: datetime) -> Iterator[Offer]:
    parts = list(service.components.all())
    for promotion in _open(service, now).prefetch_related("products", "requires"):
        if promotion.cycles and service.cycle not in promotion.cycles:
            continue
        if promotion.once_per_customer and _used_by(service.customer_id, promotion):
            continue
        if not _has_required(service, promotion):
            continue
        renewals = promotion.renewals if promotion.recurring else 1
        yield Offer(promotion, _discount(promotion, service, parts), renewals)


def _open(service: Service, now: datetime) -> models.QuerySet[Promotion]:
    """Those whose time, number of uses and products fit."""
    return (
        Promotion.objects.filter(
            Q(starts_at=None) | Q(starts_at__lte=now),
            Q(ends_at=None) | Q(ends_at__gt=now),
            Q(max_uses=None) | Q(uses__lt=F("max_uses")),
            Q(products=None) | Q(products=service.product_id),
            active=True,
            retention=True,
            kind__in=KINDS,
        )
        .exclude(audience=Promotion.Audience.NEW)
        .exclude(products=None, addons__isnull=False)
        .distinct()
        .order_by("pk")
    )


def _used_by(customer_id: int, promotion: Promotion) -> bool:
    return Retention.objects.filter(service__customer=customer_id, promotion=promotion).exists()


def _has_required(service: Service, promotion: Promotion) -> bool:
    required = {product.pk for product in promotion.requires.all()}
    return (
        not required
        or Service.objects.filter(
            customer=service.customer_id, status=Service.Status.ACTIVE, product__in=required
        ).exists()
    )


def _discount(promotion: Promotion, service: Service, parts: list) -> Decimal:
    """What the promotion takes off one renewal: as at checkout, never more than it costs (D3)."""
    if promotion.kind == Promotion.Kind.PERCENT:
        return round_money(Fraction(service.recurring_net) * Fraction(promotion.value) / 100, service.currency)
    if promotion.kind == Promotion.Kind.FIXED:
        return min(round_money(promotion.value, service.currency), service.recurring_net)
    own = [part for part in parts if part.kind == "product"]
    return total_of(max(ZERO, part.amount - promotion.value * part.quantity) for part in own)


@transaction.atomic
def accept(*, service: Service, promotion_id: int, actor: User) -> Retention:
    """Stay for what was offered: renewals that are not invoiced yet cost that much less.

    Raises ``CannotRetain`` where the offer is not that one any more, used up, or taken already.
    """
    transitions.hold(service)
    offer = offer_for(service, timezone.now())
    if offer is None or offer.promotion.pk != promotion_id:
        raise CannotRetain(_("Tawaran ini tidak berlaku lagi."))
    promotion = offer.promotion
    row = Promotion.objects.filter(pk=promotion.pk, active=True, retention=True)
    if not row.filter(Q(max_uses=None) | Q(uses__lt=F("max_uses"))).update(uses=F("uses") + 1):
        raise CannotRetain(_("Tawaran ini baru saja habis."))
    # Asked with the promotion's row held: of two services of one customer only the first gets it.
    if promotion.once_per_customer and _used_by(service.customer_id, promotion):
        raise CannotRetain(_("Tawaran ini sudah Anda pakai untuk layanan lain."))
    made = Retention.objects.create(service=service, promotion=promotion, accepted_by=actor)
    Service.objects.filter(pk=service.pk).update(
        promotion=promotion, recurring_discount=offer.discount, discounted_renewals_left=offer.renewals
    )
    service.refresh_from_db()
    transitions.remark(service, "retained", actor=actor, note=promotion.code)
    notices.retention_accepted(made)
    return made
