"""Renewing before it is time: several periods on one invoice, which the customer may give up while it is unpaid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Shop, User
from billing import drafting, lifecycle, payments, price_changes, renewals, transitions
from billing.models import Invoice, InvoiceLine, Service, ServiceTransfer
from catalog import tax
from catalog.cycles import next_due
from catalog.money import ZERO

# What is paid for reaches at most this far ahead.
MOST_YEARS = 3


class CannotRenew(Exception):
    """Nothing was invoiced; the words say why. ``invoice`` is the one to pay first, where that is the reason."""

    def __init__(self, words: str, invoice: Invoice | None = None) -> None:
        super().__init__(words)
        self.invoice = invoice


@dataclass(frozen=True)
class Offer:
    """So many periods of a service and of what renews with it: what they cost with today's tax, and until when."""

    periods: int
    last: date
    total: Decimal


def can_be_asked(service: Service) -> bool:
    """Whether the customer can renew it before its time: it runs, renews and goes on, and is no part of another."""
    running = service.status == Service.Status.ACTIVE and service.is_recurring
    return running and service.parent_id is None and service.ends_on is None


def most_periods(service: Service, today: date) -> int:
    """How many periods fit until the farthest day."""
    farthest = today + relativedelta(years=MOST_YEARS)
    return sum(1 for _start, end in _periods(service, until=farthest))


def _periods(service: Service, *, until: date) -> Iterator[tuple[date, date]]:
    """(first day, first day after) of each period that is not invoiced and is over by ``until``."""
    start = service.renews_from
    while (end := next_due(start, service.cycle, service.anchor_day)) <= until:
        yield start, end
        start = end


def offers(service: Service, today: date) -> list[Offer]:
    """From one period to as many as can be; a handful of queries however many."""
    most = most_periods(service, today)
    together = _together(service)
    lines = _lines(together, most)
    terms = tax.cached_in_force(today)
    found = []
    for count in range(1, most + 1):
        chosen = lines[: count * len(together)]
        total = tax.settle(chosen, tax=terms, currency=service.currency).total
        found.append(Offer(count, chosen[-1].period_end, total))
    return found


def _together(service: Service) -> list[Service]:
    """The service and those parts of it that renew with it: in the same cycle, from the same day."""
    same = {name: getattr(service, name) for name in ("cycle", "renews_from", "anchor_day", "currency")}
    parts = service.children.filter(status=Service.Status.ACTIVE, ends_on=None, **same)
    return [service, *parts.order_by("pk")]


def _lines(services: Sequence[Service], periods: int) -> list[InvoiceLine]:
    """Period by period, each at its own price: an announced one from its day on, a discount as long as it lasts (D2)."""
    changes = price_changes.to_come(services)
    left = {service.pk: service.discounted_renewals_left for service in services}
    start, lines = services[0].renews_from, []
    for _number in range(periods):
        for service in services:
            net, discount = price_changes.price_on(service, start, changes.get(service.pk))
            if left[service.pk] == 0:
                discount = ZERO
            elif discount and left[service.pk]:
                left[service.pk] -= 1
            lines.append(renewals.line_of(service, start, net=net, discount=discount))
        start = next_due(start, services[0].cycle, services[0].anchor_day)
    return lines


@transaction.atomic
def renew(*, service: Service, periods: int, actor: User) -> Invoice:
    """Invoice the next ``periods`` of the service and of what renews with it. Due when the first begins.

    Raises ``CannotRenew`` where the service does not go on, something of it is still to pay or being handed over, its next
    period was invoiced meanwhile, or what is paid for would reach farther than three years.
    """
    today = timezone.localdate()
    as_read = service.renews_from
    transitions.hold(service)
    if not can_be_asked(service) or service.renews_from != as_read:
        raise CannotRenew(_("Layanan ini baru saja berubah. Muat ulang halaman, lalu coba lagi."))
    if not 1 <= periods <= most_periods(service, today):
        raise CannotRenew(_("Layanan dapat diperpanjang paling jauh 3 tahun ke depan. Pilih lebih sedikit periode."))
    _refuse_open(service)
    together = _together(service)
    for part in together[1:]:
        transitions.hold(part)
    with translation.override(service.customer.language):
        lines = _lines(together, periods)
    _move_on(together, lines, today)
    invoice = drafting.invoice_of(
        customer=service.customer,
        kind=Invoice.Kind.RENEWAL,
        lines=lines,
        today=today,
        currency=service.currency,
        actor=actor,
        payment_method=service.order.payment_method,
        due_on=as_read if as_read > today else today + timedelta(days=Shop.current().invoice_due_days),
        early=True,
    )
    transitions.remark(service, "renewed_early", actor=actor, note=f"{invoice}, × {periods}")
    renewals.tell([invoice])
    if not invoice.total:
        payments.close_paid(invoice=invoice, actor=actor)
    return invoice


def _refuse_open(service: Service) -> None:
    of_service = models.Q(lines__service=service) | models.Q(lines__service__parent=service)
    unpaid = Invoice.objects.issued().open().filter(of_service).order_by("due_on", "pk").first()
    if unpaid:
        raise CannotRenew(_("Bayar dahulu tagihan %(number)s untuk layanan ini.") % {"number": unpaid}, unpaid)
    if ServiceTransfer.objects.to_answer(timezone.now()).filter(service=service).exists():
        raise CannotRenew(_("Layanan ini sedang ditawarkan kepada pelanggan lain. Tarik dahulu tawarannya."))


def _move_on(services: Sequence[Service], lines: Sequence[InvoiceLine], today: date) -> None:
    following = lines[-1].period_end + timedelta(days=1)
    for service in services:
        own = [line for line in lines if line.service is service]
        used = sum(1 for line in own if line.discount) if service.discounted_renewals_left else 0
        left = service.discounted_renewals_left and service.discounted_renewals_left - used
        Service.objects.filter(pk=service.pk).update(
            renews_from=following, renewed_on=today, discounted_renewals_left=left
        )


def open_invoice(service: Service) -> Invoice | None:
    """The early renewal of the service that is not paid yet."""
    return Invoice.objects.open().filter(early=True, lines__service=service).first()


@transaction.atomic
def give_up(*, invoice: Invoice, actor: User) -> None:
    """Cancel an early renewal: its periods are invoiced in their own time.

    Raises ``lifecycle.CannotCancel`` where money or a confirmation is there, ``transitions.InvalidTransition`` where it is
    not open any more, and ``ValueError`` for any other invoice.
    """
    if not invoice.early:
        raise ValueError(f"{invoice} is no early renewal")
    lifecycle.void(invoice=invoice, actor=actor)
