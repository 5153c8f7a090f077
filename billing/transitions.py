"""States and the moves between them: one table per kind of thing, one door, and the database decides who goes through."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts.models import User
from billing import signals
from billing.models import (
    ConfirmationEvent,
    Invoice,
    InvoiceEvent,
    Order,
    OrderEvent,
    PaymentConfirmation,
    Service,
    ServiceEvent,
)


class InvalidTransition(Exception):
    """The thing is in a state that does not lead there; nothing was changed."""

    def __init__(self, thing: models.Model, to: str) -> None:
        self.thing = thing
        self.to = to
        super().__init__(
            _("%(thing)s berstatus “%(status)s” dan tidak dapat menjadi “%(to)s”.")
            % {"thing": thing, "status": thing.get_status_display(), "to": thing.Status(to).label}
        )


_Invoice, _Order, _Service, _Confirmation = Invoice.Status, Order.Status, Service.Status, PaymentConfirmation.Status

ALLOWED: dict[type[models.Model], Mapping[str, frozenset[str]]] = {
    Order: {_Order.PENDING: frozenset({_Order.ACTIVE, _Order.CANCELLED, _Order.FRAUD})},
    Invoice: {
        _Invoice.DRAFT: frozenset({_Invoice.UNPAID, _Invoice.CANCELLED}),
        _Invoice.UNPAID: frozenset({_Invoice.PAID, _Invoice.CANCELLED}),
        # Back to unpaid when the payment is taken back (C5).
        _Invoice.PAID: frozenset({_Invoice.REFUNDED, _Invoice.UNPAID}),
    },
    Service: {
        _Service.PENDING: frozenset({_Service.ACTIVE, _Service.CANCELLED}),
        _Service.ACTIVE: frozenset(
            {_Service.SUSPENDED, _Service.TERMINATED, _Service.CANCELLED, _Service.COMPLETED},
        ),
        _Service.SUSPENDED: frozenset({_Service.ACTIVE, _Service.TERMINATED}),
    },
    PaymentConfirmation: {
        _Confirmation.SUBMITTED: frozenset({_Confirmation.APPROVED, _Confirmation.REJECTED, _Confirmation.WITHDRAWN}),
    },
}


@dataclass(frozen=True)
class _History:
    """Where a thing's events are written, and who is told."""

    event: type[models.Model]
    owner: str
    signal: Signal | None = None


_HISTORIES: dict[type[models.Model], _History] = {
    Order: _History(OrderEvent, "order"),
    Invoice: _History(InvoiceEvent, "invoice"),
    Service: _History(ServiceEvent, "service", signals.service_changed),
    PaymentConfirmation: _History(ConfirmationEvent, "confirmation"),
}


def sources(model: type[models.Model], to: str) -> list[str]:
    """The states from which ``to`` may be reached."""
    return [source for source, targets in ALLOWED[model].items() if to in targets]


@transaction.atomic
def move(
    thing: models.Model, to: str, *, actor: User | None, note: str = "", only_if: models.Q | None = None, **changes
):
    """Bring the thing into another state, write its event, and set ``changes`` in the same UPDATE.

    The update names the state it leaves, so of two that come at once one gets a row and the other none. ``only_if`` adds
    conditions that must hold in the same instant. Raises ``InvalidTransition``; then nothing was changed.
    """
    model = type(thing)
    rows = model._default_manager.filter(only_if or models.Q(), pk=thing.pk)
    # The state we last saw first: nearly always the only statement needed.
    for source in sorted(sources(model, to), key=lambda state: state != thing.status):
        if rows.filter(status=source).update(status=to, **changes):
            break
    else:
        thing.refresh_from_db()
        raise InvalidTransition(thing, to)
    thing.refresh_from_db(fields=["status", *changes])
    history = _HISTORIES[model]
    history.event.objects.create(
        **{history.owner: thing}, actor=actor, kind=to, from_status=source, to_status=to, note=note
    )
    if history.signal:
        history.signal.send(sender=model, **{history.owner: thing}, from_status=source, to_status=to)


def began(*things: models.Model, actor: User | None, note: str = "") -> None:
    """Write the first event of things that were just made, all of one kind."""
    if not things:
        return
    history = _HISTORIES[type(things[0])]
    history.event.objects.bulk_create(
        [
            history.event(**{history.owner: thing}, actor=actor, kind="created", to_status=thing.status, note=note)
            for thing in things
        ]
    )


def remark(thing: models.Model, kind: str, *, actor: User | None, note: str = "") -> None:
    """Write an event that changes no state, such as a warning that was sent."""
    history = _HISTORIES[type(thing)]
    history.event.objects.create(**{history.owner: thing}, actor=actor, kind=kind, note=note)


def hold(thing: models.Model) -> None:
    """Keep the row until the transaction ends and read it afresh: whoever else wants to change it waits.

    An UPDATE that changes nothing, because ``select_for_update()`` does nothing on SQLite.
    """
    type(thing)._default_manager.filter(pk=thing.pk).update(status=models.F("status"))
    thing.refresh_from_db()
