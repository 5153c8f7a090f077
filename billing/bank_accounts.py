"""The shop's accounts that customers transfer to."""

from collections.abc import Sequence

from billing.models import BankAccount
from catalog import snapshots


def active() -> Sequence[BankAccount]:
    """As this process read them lately, each with its method, in staff's order."""
    return snapshots.remember("bank-accounts", _active)


def _active() -> Sequence[BankAccount]:
    return list(BankAccount.objects.filter(active=True).select_related("method").order_by("sort", "pk"))


def of_method(method_id: int | None) -> list[BankAccount]:
    """Those to choose from where an invoice is paid by the method of this id."""
    return [one for one in active() if one.method_id == method_id]
