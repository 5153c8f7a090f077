"""The states of tickets and the moves between them (Q1; ``accounts.transitions``)."""

from accounts.transitions import InvalidTransition, Machine, began, hold, move, register, remark, sources
from tickets.models import Ticket, TicketEvent

__all__ = ["InvalidTransition", "began", "hold", "move", "remark", "sources"]

_S = Ticket.Status
# What staff may say of any ticket that is not closed.
_WORKED_ON = frozenset({_S.ANSWERED, _S.IN_PROGRESS, _S.ON_HOLD, _S.CLOSED})

register(
    Ticket,
    Machine(
        {
            _S.OPEN: _WORKED_ON,
            _S.ANSWERED: (_WORKED_ON - {_S.ANSWERED}) | {_S.CUSTOMER_REPLY},
            _S.CUSTOMER_REPLY: _WORKED_ON,
            _S.IN_PROGRESS: (_WORKED_ON - {_S.IN_PROGRESS}) | {_S.CUSTOMER_REPLY},
            _S.ON_HOLD: (_WORKED_ON - {_S.ON_HOLD}) | {_S.CUSTOMER_REPLY},
            # By the customer's reply, or by staff.
            _S.CLOSED: frozenset({_S.CUSTOMER_REPLY, _S.OPEN, _S.IN_PROGRESS}),
        },
        event=TicketEvent,
        owner="ticket",
    ),
)
