"""V5, V7: every change of state has its one event, and every event that promises an email has it."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import models
from django.db.models.functions import Coalesce, Lag
from django.utils import timezone

from accounts import transitions
from accounts.models import OutboxEmail
from billing.ledger.breach import Breach, breaches, count_for_each
from billing.models import (
    Allocation,
    ConfirmationEvent,
    CreditNote,
    Invoice,
    InvoiceEvent,
    Order,
    Payment,
    PaymentConfirmation,
    PriceChange,
    Refund,
    Retention,
    Service,
    ServiceChange,
    ServiceEvent,
    ServiceTransfer,
)

QUEUED_AT_MOST = timedelta(minutes=5)
IN_FLIGHT_AT_MOST = timedelta(minutes=3)
CHUNK = 300


def every_change_has_its_event() -> Iterator[Breach]:
    """V7: the events of a thing lead from one state to the next up to the one it is in; one decision per confirmation."""
    for model, machine in transitions.registered().items():
        event, owner = machine.event, machine.owner
        changes = event.objects.exclude(to_status="").order_by("pk")
        last = changes.filter(**{owner: models.OuterRef("pk")}).order_by("-pk").values("to_status")[:1]
        things = model._default_manager.annotate(last=Coalesce(models.Subquery(last), models.Value("")))
        strays = things.exclude(status=models.F("last"))
        yield from breaches("V7", owner, strays, "is {row.status}, its last event says “{row.last}”")
        before = models.Window(
            Lag("to_status", default=models.Value("")),
            partition_by=models.F(f"{owner}_id"),
            order_by=models.F("pk").asc(),
        )
        broken = changes.annotate(before=before).exclude(from_status=models.F("before"))
        yield from breaches(
            "V7", f"{owner} event", broken, "leaves “{row.from_status}”, the one before ended in “{row.before}”"
        )
    yield from _decisions()


def _decisions() -> Iterator[Breach]:
    decided = ConfirmationEvent.objects.filter(from_status=PaymentConfirmation.Status.SUBMITTED)
    confirmations = PaymentConfirmation.objects.select_related("invoice").annotate(
        decisions=count_for_each(decided, "confirmation")
    )
    twice = confirmations.exclude(status=PaymentConfirmation.Status.SUBMITTED).exclude(decisions=1)
    yield from breaches("V7", "confirmation", twice, "was decided {row.decisions} times")
    own = confirmations.filter(decided_by=models.F("submitted_by")).exclude(status=PaymentConfirmation.Status.WITHDRAWN)
    yield from breaches("V7", "confirmation", own, "was decided by the one who sent it")
    without = confirmations.filter(status=PaymentConfirmation.Status.APPROVED, payment=None)
    yield from breaches("V7", "confirmation", without, "was approved without a payment")


def promised_emails_exist() -> Iterator[Breach]:
    """V5: each event that promises an email has it in the outbox; none waits unnoticed."""
    for promises in (
        _of_orders(),
        _of_confirmations(),
        _of_invoices(),
        _of_written_invoices(),
        _of_credit(),
        _of_services(),
        _of_changes(),
        _of_what_goes_on(),
    ):
        for chunk in _chunks(promises):
            yield from _missing(chunk)
    now = timezone.now()
    stuck = OutboxEmail.objects.filter(
        models.Q(status=OutboxEmail.Status.QUEUED, due_at__lt=now - QUEUED_AT_MOST)
        | models.Q(status=OutboxEmail.Status.SENDING, claimed_at__lt=now - IN_FLIGHT_AT_MOST)
    )
    yield from breaches("V5", "email", stuck, "is {row.status} since {row.due_at:%Y-%m-%d %H:%M}")


# The start of an email's key, and the end of the key of the copy that is usually there.
Promise = tuple[str, str]


def _of_orders() -> Iterator[Promise]:
    orders = Order.objects.values_list("pk", "status", "placed_by")
    for pk, status, person in orders.iterator():
        yield f"order:{pk}:received", f"user:{person}"
        if status == Order.Status.CANCELLED:
            yield f"order:{pk}:cancelled", f"user:{person}"


def _of_confirmations() -> Iterator[Promise]:
    told = PaymentConfirmation.objects.leading()
    for pk, status, person in told.values_list("pk", "status", "submitted_by").iterator():
        yield f"confirmation:{pk}:received", f"user:{person}"
        if status == PaymentConfirmation.Status.REJECTED:
            yield f"confirmation:{pk}:rejected", f"user:{person}"


def _of_invoices() -> Iterator[Promise]:
    paid = InvoiceEvent.objects.filter(to_status=Invoice.Status.PAID)
    # Nobody is thanked for what was written off, though it is closed as what is paid.
    given_up = Allocation.objects.filter(invoice=models.OuterRef("pk"), payment__source=Payment.Source.WRITE_OFF)
    invoices = Invoice.objects.filter(total__gt=0).exclude(models.Exists(given_up))
    invoices = invoices.annotate(times=count_for_each(paid, "invoice"))
    placed_by = Coalesce("order__placed_by", "instalment_of__placed_by")
    for pk, times, person in invoices.filter(times__gt=0).values_list("pk", "times", placed_by).iterator():
        for time in range(1, times + 1):
            yield f"invoice:{pk}:paid:{time}", f"user:{person}"


def _of_written_invoices() -> Iterator[Promise]:
    """Those that staff wrote, issued or paid by now."""
    written = Invoice.objects.issued().filter(kind=Invoice.Kind.MANUAL)
    for pk in written.values_list("pk", flat=True).iterator():
        yield f"invoice:{pk}:issued", "billing"


def _of_credit() -> Iterator[Promise]:
    for pk, person in CreditNote.objects.values_list("pk", "invoice__order__placed_by").iterator():
        yield f"credit_note:{pk}:issued", f"user:{person}" if person else "billing"
    for pk in Refund.objects.values_list("pk", flat=True).iterator():
        yield f"refund:{pk}:paid", "billing"
    for pk in Invoice.objects.filter(kind=Invoice.Kind.LATE_FEE).issued().values_list("pk", flat=True).iterator():
        yield f"invoice:{pk}:late_fee", "billing"


def _of_what_goes_on() -> Iterator[Promise]:
    """Prices that were announced, offers to stay that were taken, services that were offered or handed over."""
    for pk in PriceChange.objects.values_list("pk", flat=True).iterator():
        yield f"price_change:{pk}:announced", "billing"
    for pk, person in Retention.objects.values_list("pk", "accepted_by").iterator():
        yield f"retention:{pk}:accepted", f"user:{person}"
    for pk, accepted_at in ServiceTransfer.objects.values_list("pk", "accepted_at").iterator():
        yield f"transfer:{pk}:started", "billing"
        if accepted_at:
            yield f"transfer:{pk}:given", "billing"
            yield f"transfer:{pk}:taken", "billing"


def _of_services() -> Iterator[Promise]:
    """Children that start with their parent are told of in its email."""
    started = ServiceEvent.objects.filter(from_status=Service.Status.PENDING, to_status=Service.Status.ACTIVE)
    rows = started.filter(service__parent=None).values_list("service", "service__order__placed_by")
    for pk, person in rows.iterator():
        yield f"service:{pk}:active", f"user:{person}"


def _of_changes() -> Iterator[Promise]:
    applied = ServiceChange.objects.filter(applied_at__isnull=False).values_list("pk", "requested_by")
    for pk, person in applied.iterator():
        yield f"change:{pk}:applied", f"user:{person}"


def _chunks(promises: Iterable[Promise]) -> Iterator[list[Promise]]:
    remaining = iter(promises)
    while chunk := list(itertools.islice(remaining, CHUNK)):
        yield chunk


def _missing(chunk: list[Promise]) -> Iterator[Breach]:
    """The usual copies in one query; only for what has none the whole outbox is asked."""
    keys = {f"{start}:{end}" for start, end in chunk}
    found = set(OutboxEmail.objects.filter(key__in=keys).values_list("key", flat=True))
    for start, end in chunk:
        if f"{start}:{end}" not in found and not OutboxEmail.objects.filter(key__startswith=f"{start}:").exists():
            yield Breach("V5", f"email {start}", "was promised and is not in the outbox")
