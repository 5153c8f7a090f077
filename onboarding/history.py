"""Everything that happened to a case, for staff: the histories of all that belongs to it, in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.utils.translation import gettext as _

from billing.models.events import Event
from onboarding import tracker
from onboarding.models import (
    AppointmentEvent,
    Case,
    CaseEvent,
    DocumentEvent,
    PicAssignment,
    RequirementEvent,
    StageEvent,
)

# Events that change no state, by their kind; a change of state is told by the state it led to.
_KINDS = {
    "created": lambda: _("dibuat"),
    "due_changed": lambda: _("target diubah"),
    "new_version": lambda: _("versi baru"),
    "ordered": lambda: _("penawaran menjadi pesanan"),
    "outcome": lambda: _("hasil ditulis"),
    "pic_assigned": lambda: _("PIC"),
    "rescheduled": lambda: _("dijadwalkan ulang"),
    "saved": lambda: _("draf disimpan"),
}


@dataclass(frozen=True)
class Happening:
    """``what`` happened to ``subject``; ``note`` may hold a reason, which no customer reads."""

    at: datetime
    subject: str
    what: str
    actor: str
    note: str = ""


def of_case(case: Case) -> list[Happening]:
    """The newest first."""
    of_its = {
        CaseEvent: ("case", {"case": case}),
        StageEvent: ("stage", {"stage__case": case}),
        AppointmentEvent: ("appointment", {"appointment__case": case}),
        DocumentEvent: ("document", {"document__case": case}),
        RequirementEvent: ("requirement", {"requirement__case": case}),
    }
    told = chain.from_iterable(_told(model, owner, fitting) for model, (owner, fitting) in of_its.items())
    happened = [*told, *_assigned(case)]
    return sorted(happened, key=lambda one: one.at, reverse=True)


def _told(model: type[Event], owner: str, fitting: dict) -> Iterator[Happening]:
    for event in model.objects.filter(**fitting).select_related("actor", owner).order_by("-pk"):
        thing = getattr(event, owner)
        # Each stage is made with its case, and each assignment is told of by its own row.
        if event.kind == "pic_assigned" or (event.kind == "created" and owner == "stage"):
            continue
        yield Happening(event.at, _subject(owner, thing), _what(event, thing), _who(event.actor), event.note)


def _assigned(case: Case) -> Iterator[Happening]:
    rows = PicAssignment.objects.filter(stage__case=case).select_related("stage", "pic", "assigned_by").order_by("-pk")
    for row in rows:
        subject = _subject("stage", row.stage)
        yield Happening(row.started_at, subject, _("PIC: %(who)s") % {"who": row.pic}, _who(row.assigned_by))
        if row.ended_at:
            yield Happening(row.ended_at, subject, _("PIC selesai: %(who)s") % {"who": row.pic}, "")


def _subject(owner: str, thing) -> str:
    words = {
        "case": lambda: _("Onboarding"),
        "stage": lambda: _("Tahap %(name)s") % {"name": tracker.with_company(thing.name)},
        "appointment": lambda: _("Jadwal %(name)s") % {"name": thing.title},
        "document": lambda: _("Dokumen %(name)s") % {"name": thing.title},
        "requirement": lambda: _("Formulir kebutuhan"),
    }
    return words[owner]()


def _what(event: Event, thing) -> str:
    if event.kind in _KINDS:
        return _KINDS[event.kind]()
    return str(dict(type(thing).Status.choices).get(event.to_status, event.kind)).lower()


def _who(actor) -> str:
    return str(actor or _("sistem"))
