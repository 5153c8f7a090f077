"""What an invoice brings about beyond itself, by its kind: when it is paid, open again, or cancelled.

The modules that hold the rules are named in ``billing.kinds``, which is read when the application is ready; those that call
from here (``payments``, ``lifecycle``) lie below them and know nothing of kinds.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from billing.models import Invoice

Effect = Callable[[Invoice, User | None], None]


def _nothing(_invoice: Invoice, _actor: User | None) -> None:
    """Most kinds bring about nothing more."""


@dataclass(frozen=True)
class Effects:
    """Each is called inside the transaction of the move, after it, with the invoice's row held.

    ``paid``: what came in covers the invoice, or it asks for nothing. ``reopened``: a payment that had covered it was taken
    back. ``voided``: it was cancelled, which may still be refused afterwards and rolled back.
    """

    paid: Effect = _nothing
    reopened: Effect = _nothing
    voided: Effect = _nothing


_BY_KIND: dict[str, Effects] = {}


def register(kind: str, effects: Effects) -> None:
    if kind in _BY_KIND:
        raise ValueError(f"the effects of {kind} invoices are registered twice")
    _BY_KIND[kind] = effects


def of(invoice: Invoice) -> Effects:
    return _BY_KIND.get(invoice.kind, Effects())
