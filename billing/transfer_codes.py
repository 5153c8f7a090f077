"""Unique codes (U1): an amount of its own for each open transfer to an account, by which the transfer is recognised."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from billing import transitions
from billing.models import BankAccount, Invoice, TransferCode
from catalog.money import total_of

MOST = 999
# A transfer that comes late is still told from the next of the same amount.
RESTS_FOR = timedelta(days=7)


def code_for(invoice: Invoice, accounts: Sequence[BankAccount]) -> int:
    """The invoice's code on the accounts, the same until it is paid, cancelled or asks for another amount.

    0 where not all of them have codes (then one amount could not be asked for), nothing is to pay, or none of the 999 is
    free. One query where the code is there already.
    """
    if not accounts or not all(account.unique_codes for account in accounts):
        return 0
    if invoice.pk is None or invoice.status != Invoice.Status.UNPAID or not invoice.balance:
        # Without a key it is the sample of an email's preview.
        return 0
    return _kept(invoice, accounts) or _draw(invoice, accounts)


def payable(invoice: Invoice) -> Decimal:
    """What is asked for by transfer: the balance, with the code that was drawn for it if any. Codes may be prefetched."""
    if invoice.pk is None:
        return invoice.balance
    drawn = (one.payable for one in invoice.transfer_codes.all() if one.closed_at is None)
    return next((amount for amount in drawn if 0 < amount - invoice.balance <= MOST), invoice.balance)


def asked_for(invoices: Sequence[Invoice]) -> Decimal:
    """By one transfer for all of them: codes tell single invoices apart, so together only their balances are asked for."""
    return payable(invoices[0]) if len(invoices) == 1 else total_of(invoice.balance for invoice in invoices)


def _kept(invoice: Invoice, accounts: Sequence[BankAccount]) -> int:
    """The code that is open on every one of the accounts and fits the balance."""
    drawn = list(TransferCode.objects.filter(invoice=invoice, closed_at=None))
    fitting = {one.account_id: one.code for one in drawn if one.payable - one.code == invoice.balance}
    codes = {fitting.get(account.pk, 0) for account in accounts}
    return codes.pop() if len(codes) == 1 else 0


@transaction.atomic
def _draw(invoice: Invoice, accounts: Sequence[BankAccount]) -> int:
    # Held, so that nobody draws another for the same invoice meanwhile, and it is not paid or cancelled.
    transitions.hold(invoice)
    if invoice.status != Invoice.Status.UNPAID:
        return 0
    kept = _kept(invoice, accounts)
    if kept:
        return kept
    close(invoice)
    taken = _taken(invoice.balance, accounts)
    free = (code for code in range(1, MOST + 1) if invoice.balance + code not in taken)
    return next((code for code in free if _insert(invoice, accounts, code)), 0)


def _taken(balance: Decimal, accounts: Sequence[BankAccount]) -> Collection[Decimal]:
    """The amounts of open transfers to any of the accounts, and of those that were closed lately."""
    rested = timezone.now() - RESTS_FOR
    near = TransferCode.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=rested), account__in=accounts, payable__range=(balance + 1, balance + MOST)
    )
    return set(near.values_list("payable", flat=True))


def _insert(invoice: Invoice, accounts: Sequence[BankAccount], code: int) -> bool:
    """False where another transfer took the amount in the same moment: the constraint decides."""
    try:
        with transaction.atomic():
            TransferCode.objects.bulk_create(
                TransferCode(
                    invoice=invoice,
                    account=account,
                    code=code,
                    currency=invoice.currency,
                    payable=invoice.balance + code,
                )
                for account in accounts
            )
    except IntegrityError:
        return False
    return True


def close(invoice: Invoice) -> None:
    """The invoice is paid, cancelled or asks for another amount: its codes are free again a week later."""
    TransferCode.objects.filter(invoice=invoice, closed_at=None).update(closed_at=timezone.now())
