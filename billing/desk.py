"""The payment desk's one queue: what customers told of, with the statement line that proves it, and lines nobody told of.

It is read whole, by two queries however long it is: which line belongs to which transfer can only be said of all at once.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Prefetch, Q
from django.utils import timezone

from billing import transfer_groups
from billing.bank import pairing, recognition
from billing.models import Payment, PaymentConfirmation, StatementLine, StatementLineEvent

# What may be looked at alone; both kinds of confirmations together are one more.
ALL, CONFIRMATIONS, WITH_LINE, WITHOUT_LINE, LINES = "", "confirmations", "with-line", "without-line", "lines"
SHOWS = (ALL, CONFIRMATIONS, WITH_LINE, WITHOUT_LINE, LINES)
DAYS_MEASURED = 30
USED_SHOWN = 3
FITS_SHOWN = 3

# What orders the queue: since when it waits with us, the day of the transfer, confirmations first, its id.
Key = tuple[datetime, date, int, int]


@dataclass(frozen=True)
class Place:
    """One thing to decide: a confirmation, with the line that may prove it, or a line alone."""

    key: Key
    confirmation: int | None = None
    fit: pairing.Fit | None = None
    line: int | None = None

    @property
    def kind(self) -> str:
        if self.confirmation is None:
            return LINES
        return WITH_LINE if self.fit else WITHOUT_LINE

    def is_in(self, show: str) -> bool:
        return show in (ALL, self.kind) or (show == CONFIRMATIONS and self.confirmation is not None)


@dataclass(frozen=True)
class Neighbours:
    """Where something stands in the queue; without ``position`` it is no longer in it."""

    previous: Place | None
    following: Place | None
    position: int | None
    count: int


@dataclass(frozen=True)
class Queue:
    """All that waits, oldest first, and what it was paired from."""

    places: Sequence[Place]
    claims: Mapping[int, pairing.Claim]
    lines: Mapping[int, pairing.Seen]

    def shown(self, show: str) -> list[Place]:
        return [place for place in self.places if place.is_in(show)]

    def counts(self) -> dict[str, int]:
        return {show: sum(place.is_in(show) for place in self.places) for show in SHOWS}

    def around(self, key: Key, show: str) -> Neighbours:
        shown = self.shown(show)
        before = [place for place in shown if place.key < key]
        after = [place for place in shown if place.key > key]
        position = len(before) + 1 if len(before) + len(after) < len(shown) else None
        return Neighbours(before[-1] if before else None, after[0] if after else None, position, len(shown))

    def next_after(self, key: Key, show: str) -> Place | None:
        """What follows in the queue, else its first."""
        shown = self.shown(show)
        return next((place for place in shown if place.key > key), shown[0] if shown else None)

    def paired(self) -> dict[int, int]:
        """The first confirmation of the transfer that each line was found for."""
        return {place.fit.line: place.confirmation for place in self.places if place.fit}

    def fits_of(self, claim: pairing.Claim) -> list[pairing.Fit]:
        """The lines that may be the transfer, its own first."""
        own = next((place.fit for place in self.places if place.confirmation == claim.id and place.fit), None)
        others = (one for one in pairing.fits([claim], self.lines.values()) if own is None or one.line != own.line)
        return [*([own] if own else []), *sorted(others, key=lambda one: (-one.weight, one.line))][:FITS_SHOWN]

    def fits_for(self, line: int) -> list[pairing.Fit]:
        """The transfers that the line may be, the one that it was found for first."""
        own = next((place.fit for place in self.places if place.fit and place.fit.line == line), None)
        found = pairing.fits(self.claims.values(), [self.lines[line]]) if line in self.lines else ()
        others = sorted(found, key=lambda one: (-one.weight, self.claims[one.claim].at, one.claim))
        others = [one for one in others if own is None or one.claim != own.claim]
        return [*([own] if own else []), *others][:FITS_SHOWN]


def read() -> Queue:
    claims, lines, keys = _claims(), {}, {}
    for pk, account, amount, day, payer, text, imported_at, made_at in _waiting_lines():
        lines[pk] = pairing.Seen(pk, account, amount, day, f"{payer} {text}")
        keys[pk] = (imported_at or made_at, day, 1, pk)
    pairs = pairing.pair(list(claims.values()), lines.values())
    found = {fit.line for fit in pairs.values()}
    places = [Place(_key_of(claim), confirmation=claim.id, fit=pairs.get(claim.id)) for claim in claims.values()]
    places += [Place(key, line=pk) for pk, key in keys.items() if pk not in found]
    return Queue(sorted(places, key=lambda place: place.key), claims, lines)


def key_of(thing: PaymentConfirmation | StatementLine) -> Key:
    """Where it stands, or stood before it was decided. Of a transfer for several invoices, the first confirmation's."""
    if isinstance(thing, PaymentConfirmation):
        return (thing.submitted_at, thing.transferred_on, 0, thing.pk)
    return (thing.imported.imported_at or thing.created_at, thing.booked_on, 1, thing.pk)


def _key_of(claim: pairing.Claim) -> Key:
    return (claim.at, claim.on, 0, claim.id)


def _waiting_lines() -> Iterable[tuple]:
    columns = ["pk", "account", "amount", "booked_on", "payer", "text", "imported__imported_at", "created_at"]
    return StatementLine.objects.to_review().values_list(*columns)


def claim_of(group: Sequence[PaymentConfirmation]) -> pairing.Claim:
    """The transfer that the confirmations of a group tell of."""
    first = group[0]
    return pairing.Claim(
        id=first.pk,
        account=first.bank_account_id,
        amount=transfer_groups.total(group),
        on=first.transferred_on,
        at=first.submitted_at,
        sender=recognition.words(first.sender_name),
        buyer=recognition.words(first.invoice.customer.name),
        numbers=tuple((one.invoice.sequence, one.invoice.number) for one in group),
    )


def _claims() -> dict[int, pairing.Claim]:
    """What waits, by the first confirmation of each transfer."""
    waiting = PaymentConfirmation.objects.filter(status=PaymentConfirmation.Status.SUBMITTED)
    groups: dict[uuid.UUID | int, list[PaymentConfirmation]] = {}
    for one in waiting.select_related("invoice__customer").order_by("pk"):
        groups.setdefault(one.transfer or one.pk, []).append(one)
    return {group[0].pk: claim_of(group) for group in groups.values()}


def groups(firsts: Collection[int]) -> dict[int, list[PaymentConfirmation]]:
    """What waits of each transfer, by its first confirmation; all that a row of the queue says of them."""
    waiting = PaymentConfirmation.objects.filter(status=PaymentConfirmation.Status.SUBMITTED)
    related = waiting.select_related("invoice__customer", "bank_account").prefetch_related("invoice__transfer_codes")
    found = related.in_bulk(firsts)
    by_transfer: dict[uuid.UUID, list[PaymentConfirmation]] = {}
    transfers = {one.transfer for one in found.values() if one.transfer}
    for one in waiting.filter(transfer__in=transfers).select_related("invoice").order_by("pk"):
        by_transfer.setdefault(one.transfer, []).append(one)
    return {
        pk: [one, *(other for other in by_transfer.get(one.transfer, ()) if other.pk != pk)]
        for pk, one in found.items()
    }


def last_days() -> dict[int, date]:
    """Up to which day the statements of each account go."""
    return dict(StatementLine.objects.order_by().values_list("account").annotate(last=Max("booked_on")))


def used_elsewhere(claim: pairing.Claim) -> list[StatementLineEvent]:
    """Lines that fit a transfer by more than the amount, but pay something already: by whom and when they were taken."""
    span = (
        claim.on - timedelta(days=pairing.DAYS_BEFORE),
        claim.on + timedelta(days=pairing.DAYS_AFTER),
    )
    settled = [StatementLine.Status.MATCHED, StatementLine.Status.ASSIGNED]
    taken = StatementLineEvent.objects.filter(
        line__account=claim.account,
        line__amount=claim.amount,
        line__booked_on__range=span,
        line__status__in=settled,
        to_status__in=settled,
    )
    paid = Prefetch("line__payments", Payment.objects.filter(reversal=None).prefetch_related("allocations__invoice"))
    last: dict[int, StatementLineEvent] = {}
    for event in taken.select_related("line", "actor").prefetch_related(paid).order_by("pk"):
        last[event.line_id] = event
    fitting = [event for event in last.values() if len(_signs(claim, event.line)) > 1]
    return fitting[:USED_SHOWN]


def seen(line: StatementLine) -> pairing.Seen:
    return pairing.Seen(line.pk, line.account_id, line.amount, line.booked_on, f"{line.payer} {line.text}")


def _signs(claim: pairing.Claim, line: StatementLine) -> frozenset[str]:
    found = pairing.fit(claim, seen(line))
    return found.signs if found else frozenset()


@dataclass(frozen=True)
class Recognised:
    """Of the lines that paid something lately, how many did so without a person."""

    alone: int
    all: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all."""
        return self.alone * 100 // self.all if self.all else None


def recognised_lately(today: date | None = None) -> Recognised:
    since = (today or timezone.localdate()) - timedelta(days=DAYS_MEASURED)
    status = StatementLine.Status
    settled = StatementLine.objects.filter(booked_on__gt=since, status__in=[status.MATCHED, status.ASSIGNED])
    return Recognised(**settled.aggregate(alone=Count("pk", filter=Q(status=status.MATCHED)), all=Count("pk")))
