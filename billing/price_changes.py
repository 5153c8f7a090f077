"""New renewal prices that customers are told of in time (P7): for periods that begin on a day or later.

Until such a period is invoiced the service keeps its price. What is invoiced already stays.
"""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Shop, User
from billing import failures, notices, repricing, transitions
from billing.models import PriceChange, Service
from catalog.money import ZERO, format_money, round_money, total_of

STEP = "price"


class CannotAnnounce(Exception):
    """Nothing was announced; the words say why."""


class CannotWithdraw(Exception):
    """The price change stays; the words say why."""


@dataclass
class Report:
    applied: int = 0
    dropped: int = 0
    failed: int = 0


def earliest(today: date) -> date:
    """The first day for which a price can be announced today."""
    return today + timedelta(days=Shop.current().price_notice_days)


@transaction.atomic
def announce(
    *, service: Service, unit_prices: Mapping[int, Decimal], effective_from: date, note: str, actor: User
) -> PriceChange:
    """Tell the customer what each renewal from a day on costs; ``unit_prices`` by component id, as for ``repricing``.

    Raises ``CannotAnnounce`` where the service does not renew, the day is too near, a price is negative or unrounded,
    nothing would change, or another change is announced already.
    """
    transitions.hold(service)
    if not repricing.can_reprice(service) or service.ends_on is not None:
        raise CannotAnnounce(
            _("%(service)s tidak diperpanjang lagi, jadi tidak ada harga untuk diubah.") % {"service": service}
        )
    if effective_from < earliest(timezone.localdate()):
        raise CannotAnnounce(
            _("Umumkan harga baru paling lambat %(days)d hari sebelumnya: mulai %(day)s.")
            % {"days": Shop.current().price_notice_days, "day": dates.long_date(earliest(timezone.localdate()))}
        )
    parts = list(service.components.all())
    if unit_prices.keys() != {part.pk for part in parts}:
        raise CannotAnnounce(_("Rincian harga berubah. Muat ulang halaman, lalu coba lagi."))
    if any(price < ZERO or price != round_money(price, service.currency) for price in unit_prices.values()):
        raise CannotAnnounce(_("Isi harga nol atau lebih, tanpa sen."))
    after = total_of(unit_prices[part.pk] * part.quantity for part in parts)
    if after == service.recurring_net:
        raise CannotAnnounce(_("Harga %(service)s tidak berubah.") % {"service": service})
    change = _insert(
        service=service,
        unit_prices={part.key: str(unit_prices[part.pk]) for part in parts},
        currency=service.currency,
        old_net=service.recurring_net,
        new_net=after,
        effective_from=effective_from,
        note=note,
        announced_by=actor,
    )
    transitions.remark(service, "price_announced", actor=actor, note=_words(change))
    notices.price_announced(change)
    return change


def _insert(**columns) -> PriceChange:
    try:
        with transaction.atomic():
            return PriceChange.objects.create(**columns)
    except IntegrityError:
        raise CannotAnnounce(
            _("Perubahan harga %(service)s sudah diumumkan. Tarik dahulu yang itu.") % {"service": columns["service"]}
        ) from None


def _words(change: PriceChange) -> str:
    before, after = (format_money(price, change.currency) for price in (change.old_net, change.new_net))
    return f"{before} → {after}, {change.effective_from:%Y-%m-%d}: {change.note}"


@transaction.atomic
def withdraw(*, change: PriceChange, actor: User) -> None:
    """The price stays as it is, and the customer is told so. Raises ``CannotWithdraw`` where it is in effect or off."""
    service = Service.objects.select_related("customer").get(pk=change.service_id)
    transitions.hold(service)
    if not PriceChange.objects.to_come().filter(pk=change.pk).update(cancelled_at=timezone.now()):
        raise CannotWithdraw(_("Perubahan harga ini sudah berlaku atau sudah ditarik."))
    change.refresh_from_db()
    transitions.remark(service, "price_withdrawn", actor=actor, note=_words(change))
    notices.price_withdrawn(change)


def apply_due(today: date) -> Report:
    """Give the announced price to each service whose next period to invoice begins on its day or later, when that is to
    be invoiced (``renewals.due`` waits for it). One service's failure stops no other."""
    report = Report()
    reached = PriceChange.objects.to_come().filter(
        effective_from__lte=models.F("service__renews_from"),
        service__renews_from__lte=today + timedelta(days=_longest_ahead()),
    )
    # The keys first: on SQLite a query that is still being read would be in the way of writing.
    for pk, customer_id in list(reached.order_by("pk").values_list("pk", "service__customer")):
        act = functools.partial(apply, pk, today)
        done = failures.guarded(STEP, f"price:{pk}", act, customer_id=customer_id)
        report.applied += done or 0
        report.failed += done is None
    report.dropped = _drop_of_ended()
    return report


def _longest_ahead() -> int:
    shop = Shop.current()
    return max(shop.renewal_days, shop.renewal_days_yearly)


@transaction.atomic
def apply(change_id: int, today: date) -> int:
    """Give one service its announced price; 0 where the announcement was withdrawn meanwhile, or is about parts of the
    price that the service has no more: what was chosen anew since has its own price."""
    change = PriceChange.objects.select_related("service__customer").get(pk=change_id)
    service = change.service
    transitions.hold(service)
    parts = {part.key: part.pk for part in service.components.all()}
    fits = parts.keys() == change.unit_prices.keys() and repricing.can_reprice(service)
    done = {"applied_at" if fits else "cancelled_at": timezone.now()}
    if not PriceChange.objects.to_come().filter(pk=change.pk).update(**done) or not fits:
        return 0
    prices = {parts[key]: Decimal(price) for key, price in change.unit_prices.items()}
    repricing.reprice(service=service, unit_prices=prices, actor=None, note=change.note)
    return 1


def _drop_of_ended() -> int:
    gone = (Service.Status.TERMINATED, Service.Status.CANCELLED, Service.Status.COMPLETED)
    return PriceChange.objects.to_come().filter(service__status__in=gone).update(cancelled_at=timezone.now())


# What is to come, for those who look ahead


def to_come(services: Collection[Service]) -> dict[int, PriceChange]:
    """The announced change of each service that has one, by the service's id, in one query."""
    return {change.service_id: change for change in PriceChange.objects.to_come().filter(service__in=services)}


def price_on(service: Service, day: date, change: PriceChange | None) -> tuple[Decimal, Decimal]:
    """(net, what the promotion takes off it) of a period that begins on the day, whether or not it is still discounted."""
    if change is None or day < change.effective_from:
        return service.recurring_net, service.recurring_discount
    return change.new_net, repricing.discount_at(service, change.new_net)
