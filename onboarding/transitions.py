"""The states of cases, stages, appointments, documents and requirements (``accounts.transitions``).

A stage is moved by ``onboarding.progress`` only.
"""

from accounts.transitions import InvalidTransition, Machine, began, hold, move, register, remark, sources
from onboarding.models import (
    Appointment,
    AppointmentEvent,
    Case,
    CaseEvent,
    Document,
    DocumentEvent,
    Requirement,
    RequirementEvent,
    Stage,
    StageEvent,
)

__all__ = ["InvalidTransition", "began", "hold", "move", "remark", "sources"]

_C, _S, _A, _D, _R = Case.Status, Stage.Status, Appointment.Status, Document.Status, Requirement.Status

register(
    Case,
    Machine(
        {
            _C.ACTIVE: frozenset({_C.STOPPED, _C.LIVE}),
            _C.STOPPED: frozenset({_C.ACTIVE}),
            # Back, with permission and a reason.
            _C.LIVE: frozenset({_C.ACTIVE}),
        },
        event=CaseEvent,
        owner="case",
    ),
)
register(
    Stage,
    Machine(
        {
            # Done before its turn came: an invoice paid early.
            _S.UPCOMING: frozenset({_S.CURRENT, _S.DONE, _S.SKIPPED}),
            _S.CURRENT: frozenset({_S.DONE, _S.SKIPPED, _S.UPCOMING}),
            _S.DONE: frozenset({_S.CURRENT, _S.UPCOMING}),
            _S.SKIPPED: frozenset({_S.CURRENT, _S.UPCOMING}),
        },
        event=StageEvent,
        owner="stage",
    ),
)
register(
    Appointment,
    Machine(
        {
            _A.SCHEDULED: frozenset({_A.DONE, _A.MISSED, _A.CANCELLED}),
            # A new time was agreed.
            _A.MISSED: frozenset({_A.SCHEDULED, _A.CANCELLED}),
            _A.DONE: frozenset({_A.SCHEDULED}),
            _A.CANCELLED: frozenset(),
        },
        event=AppointmentEvent,
        owner="appointment",
    ),
)
register(
    Document,
    Machine(
        {
            _D.SHARED: frozenset({_D.WITHDRAWN}),
            _D.SENT: frozenset({_D.SIGNED, _D.WITHDRAWN}),
            # Back to sent by a new version, or by an upload that was refused.
            _D.SIGNED: frozenset({_D.RECEIVED, _D.SENT, _D.WITHDRAWN}),
            _D.RECEIVED: frozenset({_D.SENT}),
            _D.WITHDRAWN: frozenset(),
        },
        event=DocumentEvent,
        owner="document",
    ),
)
register(
    Requirement,
    Machine(
        {_R.DRAFT: frozenset({_R.SUBMITTED}), _R.SUBMITTED: frozenset({_R.DRAFT})},
        event=RequirementEvent,
        owner="requirement",
    ),
)
