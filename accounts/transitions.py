"""States and the moves between them: one table per kind of thing, one door, and the database decides who goes through.

Each app registers its kinds of things in ``<app>/transitions.py`` and calls the moves from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts.models import User


class InvalidTransition(Exception):
    """The thing is in a state that does not lead there; nothing was changed."""

    def __init__(self, thing: models.Model, to: str) -> None:
        self.thing = thing
        self.to = to
        super().__init__(
            _("%(thing)s berstatus “%(status)s” dan tidak dapat menjadi “%(to)s”.")
            % {"thing": thing, "status": thing.get_status_display(), "to": thing.Status(to).label}
        )


@dataclass(frozen=True)
class Machine:
    """Where each state may lead; ``event`` is the history's model and ``owner`` its foreign key; who is told of a move."""

    allowed: Mapping[str, frozenset[str]]
    event: type[models.Model]
    owner: str
    signal: Signal | None = None


_MACHINES: dict[type[models.Model], Machine] = {}


def register(model: type[models.Model], machine: Machine) -> None:
    if model in _MACHINES:
        raise ValueError(f"the states of {model.__name__} are registered twice")
    _MACHINES[model] = machine


def registered() -> Mapping[type[models.Model], Machine]:
    """Every kind of thing that has states, for the check of all histories (V7)."""
    return _MACHINES


def sources(model: type[models.Model], to: str) -> list[str]:
    """The states from which ``to`` may be reached."""
    return [source for source, targets in _MACHINES[model].allowed.items() if to in targets]


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
    machine = _MACHINES[model]
    machine.event.objects.create(
        **{machine.owner: thing}, actor=actor, kind=to, from_status=source, to_status=to, note=note
    )
    if machine.signal:
        machine.signal.send(sender=model, **{machine.owner: thing}, from_status=source, to_status=to)


def began(*things: models.Model, actor: User | None, note: str = "") -> None:
    """Write the first event of things that were just made, all of one kind."""
    if not things:
        return
    machine = _MACHINES[type(things[0])]
    machine.event.objects.bulk_create(
        [
            machine.event(**{machine.owner: thing}, actor=actor, kind="created", to_status=thing.status, note=note)
            for thing in things
        ]
    )


def remark(thing: models.Model, kind: str, *, actor: User | None, note: str = "") -> None:
    """Write an event that changes no state, such as a warning that was sent."""
    machine = _MACHINES[type(thing)]
    machine.event.objects.create(**{machine.owner: thing}, actor=actor, kind=kind, note=note)


def hold(thing: models.Model) -> None:
    """Keep the row until the transaction ends and read it afresh: whoever else wants to change it waits.

    An UPDATE that changes nothing, because ``select_for_update()`` does nothing on SQLite.
    """
    type(thing)._default_manager.filter(pk=thing.pk).update(status=models.F("status"))
    thing.refresh_from_db()
