"""The confirmations of one transfer: where it pays several invoices they are decided together (C4)."""

from collections.abc import Sequence
from decimal import Decimal

from billing.models import PaymentConfirmation
from catalog.money import total_of


def of(confirmation: PaymentConfirmation) -> list[PaymentConfirmation]:
    """Those of its transfer that stand as it does, the oldest due first; mostly it is alone."""
    if confirmation.transfer is None:
        return [confirmation]
    alike = PaymentConfirmation.objects.filter(transfer=confirmation.transfer, status=confirmation.status)
    others = alike.exclude(pk=confirmation.pk)
    return sorted([confirmation, *others.select_related("invoice__customer")], key=lambda one: one.pk)


def total(group: Sequence[PaymentConfirmation]) -> Decimal:
    """What the customer says was sent in all."""
    return total_of(one.amount for one in group)
