"""Credit: what customers have with the shop, and spending it on their invoices (C1, C3).

Spent credit stays the payment's that it came from: the oldest payment with credit left is allocated first, and a negative
entry takes it out of the credit, so that payments − allocations = credit holds for each of them (V2).
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from billing import books, payments, transitions
from billing.models import CreditEntry, Invoice, PaymentConfirmation
from catalog.money import ZERO


def pay_renewals(invoices: Sequence[Invoice]) -> None:
    """New renewal invoices take what credit there is (C3), unless the customer said no; in the caller's transaction."""
    wanting = defaultdict(list)
    for invoice in invoices:
        if invoice.total and invoice.customer.credit_pays_renewals:
            wanting[invoice.customer_id].append(invoice)
    sums = CreditEntry.objects.filter(customer__in=wanting).values("customer", "currency").annotate(sum=Sum("amount"))
    rich = {row["customer"] for row in sums if row["sum"] > ZERO}
    for customer_id in sorted(rich):
        for invoice in payments.in_locking_order(wanting[customer_id]):
            spend(invoice=invoice, actor=None)


class CannotUse(Exception):
    """No credit was spent; the words say why."""


@transaction.atomic
def use(*, invoice: Invoice, actor: User) -> Decimal:
    """A member pays an open invoice from the customer's credit, in full or in part; returns what was used.

    Raises ``CannotUse`` where there is none, nothing is open, or a confirmation of its payment waits for us.
    """
    transitions.hold(invoice)
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise CannotUse(_("Konfirmasi pembayaran Anda sedang diperiksa."))
    used = spend(invoice=invoice, actor=actor)
    if not used:
        raise CannotUse(_("Tidak ada kredit yang dapat dipakai untuk tagihan ini."))
    return used


@transaction.atomic
def spend(*, invoice: Invoice, actor: User | None, at_most: Decimal | None = None) -> Decimal:
    """Pay an unpaid invoice from its customer's credit, in full or in part, and return what was used (0 for none).

    The customer's row is held, so of two invoices that want the same credit each gets what is really there.
    """
    books.hold_credit(invoice.customer_id)
    left = books.left_by_payment(invoice.customer_id, invoice.currency)
    return payments.spend_credit(invoice, left, at_most, actor)
