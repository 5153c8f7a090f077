"""Services of which a renewal is not paid: suspended after some days of grace, and back as soon as it is paid (S4)."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Shop, User
from billing import failures, lifecycle, notices, periods, transitions
from billing.models import Invoice, InvoiceLine, PaymentConfirmation, Service

STEP = "suspension"
Status, Because = Service.Status, Service.SuspendedBecause


@dataclass
class Report:
    suspended: int = 0
    failed: int = 0


def suspend_due(today: date) -> Report:
    """Suspend what is unpaid for longer than its grace: the service's own, else its product's, else the shop's.

    Never while a confirmation of the payment waits for us (K2). One service's failure stops no other.
    """
    report = Report()
    for service in _overdue(today):
        done = failures.guarded(
            STEP,
            f"service:{service.pk}",
            functools.partial(suspend_unpaid, service.pk, today),
            customer_id=service.customer_id,
        )
        report.suspended += done or 0
        report.failed += done is None
    return report


def _overdue(today: date) -> Iterator[Service]:
    shop_days = Shop.current().suspend_after_days
    late = Service.objects.filter(status=Status.ACTIVE, next_due__lt=today).annotate(
        grace=Coalesce("suspend_after_days", "product__suspend_after_days", models.Value(shop_days))
    )
    unpaid = _unpaid_lines().filter(service=OuterRef("pk"), period_start=OuterRef("next_due"))
    for days in list(late.order_by("grace").values_list("grace", flat=True).distinct()):
        ripe = late.filter(Exists(unpaid), grace=days, next_due__lte=today - timedelta(days=days)).order_by("pk")
        # The keys first: on SQLite a query that is still being read would be in the way of writing.
        yield from list(ripe.only("pk", "customer_id"))


def _unpaid_lines() -> models.QuerySet[InvoiceLine]:
    """Renewals that wait for nobody but the customer."""
    submitted = PaymentConfirmation.objects.filter(
        invoice=OuterRef("invoice"), status=PaymentConfirmation.Status.SUBMITTED
    )
    return InvoiceLine.objects.filter(kind="renewal", invoice__status=Invoice.Status.UNPAID).exclude(Exists(submitted))


@transaction.atomic
def suspend_unpaid(service_id: int, today: date) -> int:
    """Suspend one service whose renewal waits for nobody but the customer; 0 where nothing is to be done.

    The invoice is held first, as whoever pays or confirms it does: then it is unpaid, or there is nothing to suspend."""
    service = Service.objects.select_related("customer").get(pk=service_id)
    line = _unpaid_lines().filter(service=service, period_start=service.next_due).select_related("invoice").first()
    if line is None:
        return 0
    transitions.hold(line.invoice)
    still = Exists(_unpaid_lines().filter(service=OuterRef("pk"), period_start=service.next_due))
    as_read = Q(still, status=Status.ACTIVE, next_due=service.next_due)
    try:
        _move(service, as_read, Because.UNPAID, actor=None, note=str(line.invoice))
    except transitions.InvalidTransition:
        return 0
    notices.service_suspended(service, line.invoice)
    return 1


@transaction.atomic
def suspend(*, service: Service, actor: User, note: str) -> None:
    """Staff's own decision: no payment undoes it. Raises ``transitions.InvalidTransition``."""
    _move(service, Q(status=Status.ACTIVE), Because.STAFF, actor=actor, note=note)


def _move(service: Service, only_if: Q, because: str, *, actor: User | None, note: str) -> None:
    """The service, and what is part of it (P6)."""
    changes = {"suspended_at": timezone.now(), "suspended_because": because}
    transitions.move(service, Status.SUSPENDED, actor=actor, note=note, only_if=only_if, **changes)
    for child in service.children.filter(status=Status.ACTIVE).order_by("pk"):
        transitions.move(child, Status.SUSPENDED, actor=actor, note=note, **changes)


def renewed(invoice: Invoice, actor: User | None) -> None:
    """A renewal invoice is paid: its services are paid for until later, and run again where only that was missing."""
    services = periods.services_of(invoice)
    periods.settle_dates(services)
    waiting = services.filter(status=Status.SUSPENDED, suspended_because=Because.UNPAID)
    still_unpaid = InvoiceLine.objects.filter(
        service=OuterRef("pk"),
        kind="renewal",
        invoice__status=Invoice.Status.UNPAID,
        period_start__lte=timezone.localdate(),
    )
    for pk in list(waiting.exclude(Exists(still_unpaid)).order_by("pk").values_list("pk", flat=True)):
        service = Service.objects.select_related("customer").get(pk=pk)
        # A part of a service runs again with it.
        if service.status == Status.SUSPENDED:
            unsuspend(service=service, actor=actor)


@transaction.atomic
def unsuspend(*, service: Service, actor: User | None, note: str = "") -> None:
    """Let a suspended service run again, with what was suspended with it. Raises ``transitions.InvalidTransition``."""
    because = service.suspended_because
    _run_again(service, actor, note)
    for child in service.children.filter(status=Status.SUSPENDED, suspended_because=because).order_by("pk"):
        _run_again(child, actor, note)
    if service.parent_id is None:
        notices.service_unsuspended(service)


def _run_again(service: Service, actor: User | None, note: str) -> None:
    if service.status == Status.SUSPENDED:
        transitions.move(
            service,
            Status.ACTIVE,
            actor=actor,
            note=note,
            only_if=Q(status=Status.SUSPENDED),
            suspended_at=None,
            suspended_because="",
        )


def to_terminate(today: date) -> models.QuerySet[Service]:
    """What is suspended because nobody pays, for so long that staff should agree to end it (S4)."""
    longest = today - timedelta(days=Shop.current().terminate_after_days)
    return Service.objects.filter(
        status=Status.SUSPENDED, suspended_because=Because.UNPAID, parent=None, next_due__lte=longest
    ).order_by("next_due", "pk")


@transaction.atomic
def terminate(*, service: Service, actor: User | None, note: str) -> None:
    """End a suspended service with what is part of it (P6): nothing of it is invoiced any more.

    Unpaid invoices of its renewal or change and for nothing else are cancelled; those that name other services too are left
    to staff. Raises
    ``lifecycle.CannotCancel`` where money or a confirmation is there, and ``transitions.InvalidTransition``.
    """
    ending = [service, *service.children.filter(status__in=[Status.ACTIVE, Status.SUSPENDED]).order_by("pk")]
    ended = {"ended_at": timezone.now(), "renews_from": None, "suspended_at": None, "suspended_because": ""}
    for one in ending:
        transitions.move(one, Status.TERMINATED, actor=actor, note=note, **ended)
    for invoice in _only_about(ending):
        lifecycle.void(invoice=invoice, actor=actor, note=note)


def _only_about(services: Sequence[Service]) -> models.QuerySet[Invoice]:
    others = InvoiceLine.objects.filter(invoice=OuterRef("pk")).exclude(service__in=services)
    kinds = [Invoice.Kind.RENEWAL, Invoice.Kind.CHANGE]
    about = Invoice.objects.open().filter(kind__in=kinds, lines__service__in=services)
    return about.exclude(Exists(others)).distinct().order_by("pk")
