"""Ending a service because its customer asks (S7): a request with a day, that can be withdrawn until that day.

From the request on nothing later is invoiced; what was invoiced for later and is not paid is taken back.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import failures, lifecycle, notices, replacing, suspensions, transitions
from billing.models import CancellationRequest, Invoice, Service, ServiceChange

STEP = "cancellation"
When = CancellationRequest.When
RUNNING = (Service.Status.ACTIVE, Service.Status.SUSPENDED)


class CannotEnd(Exception):
    """The service goes on as it is; the words say why."""


@dataclass
class Report:
    ended: int = 0
    failed: int = 0


def can_be_asked(service: Service) -> bool:
    """Whether the service can be ended by its customer: it runs, renews, and is no part of another."""
    return service.status in RUNNING and service.is_recurring and service.parent_id is None and service.ends_on is None


def last_day(service: Service, when: str, today: date) -> date:
    """The first day without the service: tomorrow, so that there is a day to think it over, or after what is paid."""
    tomorrow = today + timedelta(days=1)
    return tomorrow if when == When.NOW else max(service.next_due, tomorrow)


@transaction.atomic
def request(*, service: Service, when: str, reason: str, comment: str, actor: User) -> CancellationRequest:
    """Ask that the service ends. Raises ``CannotEnd`` where it does already, or does not run.

    An unpaid renewal that somebody is paying just now, by a confirmation or in part, is left to staff.
    """
    ends_on = last_day(service, when, timezone.localdate())
    asked = Service.objects.filter(
        pk=service.pk, status__in=RUNNING, ends_on=None, parent=None, renews_from__isnull=False
    )
    if not asked.update(ends_on=ends_on):
        raise CannotEnd(_("Layanan ini tidak berjalan atau sudah diminta berhenti."))
    # Asked with the service's row held, as who changes it holds it too.
    if ServiceChange.objects.open().filter(service=service).exists():
        raise CannotEnd(_("Masih ada perubahan yang menunggu pembayaran. Batalkan dahulu perubahannya."))
    service.refresh_from_db()
    everything = [service, *service.children.filter(status__in=RUNNING).order_by("pk")]
    Service.objects.filter(pk__in=[one.pk for one in everything[1:]]).update(ends_on=ends_on)
    made = CancellationRequest.objects.create(
        service=service, when=when, reason=reason, comment=comment, requested_by=actor
    )
    transitions.remark(service, "end_requested", actor=actor, note=f"{ends_on:%Y-%m-%d}")
    _take_back_unpaid(everything, ends_on, actor)
    notices.end_requested(made)
    return made


def _take_back_unpaid(services: Sequence[Service], since: date, actor: User | None) -> None:
    """Lines of unpaid renewals whose period begins on the day or later."""
    later = Invoice.objects.open().filter(
        kind=Invoice.Kind.RENEWAL, lines__service__in=services, lines__period_start__gte=since
    )
    for invoice in later.distinct().order_by("pk"):
        try:
            with transaction.atomic():
                replacing.take_out(invoice=invoice, services=services, actor=actor)
        except lifecycle.CannotCancel as refusal:
            failures.note(STEP, f"invoice:{invoice.pk}", refusal, customer_id=invoice.customer_id)


@transaction.atomic
def withdraw(*, service: Service, actor: User) -> None:
    """The service goes on. What was taken back is invoiced again by the next run. Raises ``CannotEnd``."""
    # The service before its request, as ``end`` takes them: the other way round the two would wait for each other.
    transitions.hold(service)
    open_request = CancellationRequest.objects.filter(service=service, withdrawn_at=None, done_at=None)
    if not open_request.update(withdrawn_at=timezone.now()):
        raise CannotEnd(_("Permintaan ini sudah ditarik atau layanannya sudah berakhir."))
    Service.objects.filter(Q(pk=service.pk) | Q(parent=service)).update(ends_on=None)
    service.refresh_from_db()
    transitions.remark(service, "end_withdrawn", actor=actor)


def end_due(today: date) -> Report:
    """End what was asked to be over by ``today``. One service's failure stops no other."""
    report = Report()
    ending = Service.objects.filter(ends_on__lte=today, parent=None, status__in=RUNNING).order_by("pk")
    for pk, customer_id in list(ending.values_list("pk", "customer_id")):
        done = failures.guarded(STEP, f"service:{pk}", functools.partial(end, pk, today), customer_id=customer_id)
        report.ended += done or 0
        report.failed += done is None
    return report


@transaction.atomic
def end(service_id: int, today: date) -> int:
    """End one service whose day has come; 0 where the request was withdrawn meanwhile."""
    service = Service.objects.select_related("customer").get(pk=service_id)
    transitions.hold(service)
    asked = CancellationRequest.objects.filter(service=service, withdrawn_at=None, done_at=None).first()
    if asked is None or service.status not in RUNNING:
        return 0
    note = str(asked.get_reason_display())
    # What was not paid until the end goes with the service (S7).
    _take_back_unpaid([service, *service.children.all()], date.min, None)
    if service.status == Service.Status.SUSPENDED:
        suspensions.terminate(service=service, actor=None, note=note)
    else:
        lifecycle.cancel_service(service=service, actor=None, note=note)
    CancellationRequest.objects.filter(pk=asked.pk).update(done_at=timezone.now())
    notices.service_ended(service)
    return 1


def waiting() -> models.QuerySet[CancellationRequest]:
    """Open requests, the nearest end first: staff may want to call."""
    asked = CancellationRequest.objects.filter(withdrawn_at=None, done_at=None, service__status__in=RUNNING)
    return asked.select_related("service__customer", "requested_by").order_by("service__ends_on", "pk")
