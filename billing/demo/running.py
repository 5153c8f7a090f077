"""What is asked of demo services that run: renewed early, kept for a discount, priced anew, offered to somebody else."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import Shop, User
from billing import early, price_changes, repricing, retention, transfers
from billing.models import Invoice, PriceChange, Retention, Service, ServiceTransfer


@transaction.atomic
def load(hosting: Service, backup: Service) -> None:
    """Each once, however often it is loaded."""
    _stay(hosting)
    _renew_early(hosting)
    _announce(backup)
    _offer(backup)


def _buyer(service: Service) -> User:
    return service.customer.users.order_by("memberships__pk").first()


def _stay(service: Service) -> None:
    offer = retention.offer_for(service, timezone.now())
    if offer and not Retention.objects.filter(service=service).exists():
        retention.accept(service=service, promotion_id=offer.promotion.pk, actor=_buyer(service))


def _renew_early(service: Service) -> None:
    if not Invoice.objects.filter(early=True).exists():
        early.renew(service=service, periods=1, actor=_buyer(service))


def _announce(service: Service) -> None:
    if PriceChange.objects.exists():
        return
    price_changes.announce(
        service=service,
        unit_prices=repricing.by_percent(service, Decimal(10)),
        effective_from=timezone.localdate() + timedelta(days=Shop.current().price_notice_days + 30),
        note="Biaya lisensi dari pemasok naik.",
        actor=User.objects.filter(is_staff=True).order_by("pk").first(),
    )


def _offer(service: Service) -> None:
    if not ServiceTransfer.objects.exists():
        transfers.offer(service=service, email="rina@contoh.example", actor=_buyer(service))
