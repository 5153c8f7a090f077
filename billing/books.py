"""The rows that money leaves: what a payment pays, and the customer's credit. They are added, never edited.

Whoever writes them decides first, in the same transaction: this module knows neither who may nor what follows.
"""

from collections import defaultdict
from decimal import Decimal

from django.db.models import F, Sum

from accounts.models import Customer, User
from billing.models import Allocation, CreditEntry, Invoice, Payment, ProviderRefund, Refund
from billing.models.invoices import sum_of
from catalog.money import ZERO

# Parts of an invoice's ``amount_paid`` that no money came in for, each kept in a column of its own.
_PART_OF_SOURCE = {
    Payment.Source.WITHHOLDING: "amount_withheld",
    Payment.Source.WRITE_OFF: "amount_written_off",
}
# These settle invoices without money coming in: nothing of them is ever credit.
WITHOUT_MONEY = frozenset({Payment.Source.WITHHOLDING, Payment.Source.DIFFERENCE, Payment.Source.WRITE_OFF})


def allocate(payment: Payment, invoice: Invoice, amount: Decimal, *, cause: str) -> None:
    """The payment pays so much of the invoice, or less by a negative amount. Its columns are the caller's to update."""
    Allocation.objects.create(payment=payment, invoice=invoice, cause=cause, currency=invoice.currency, amount=amount)


def columns_with(*paid: tuple[Payment, Decimal]) -> dict[str, F]:
    """For the update of an invoice: its columns, with what each payment pays more of it, or less where negative."""
    columns: dict[str, Decimal] = defaultdict(Decimal)
    for payment, amount in paid:
        columns["amount_paid"] += amount
        if payment.source in _PART_OF_SOURCE:
            columns[_PART_OF_SOURCE[payment.source]] += amount
    return {name: F(name) + amount for name, amount in columns.items()}


def enter(
    payment: Payment,
    amount: Decimal,
    *,
    cause: str,
    actor: User | None,
    invoice: Invoice | None = None,
    refund: Refund | None = None,
    provider_refund: ProviderRefund | None = None,
    note: str = "",
) -> None:
    """Credit that comes from the payment, or goes by a negative amount: then the caller holds the customer's credit."""
    CreditEntry.objects.create(
        customer_id=payment.customer_id,
        cause=cause,
        currency=payment.currency,
        amount=amount,
        payment=payment,
        actor=actor,
        invoice=invoice,
        refund=refund,
        provider_refund=provider_refund,
        note=note,
    )


def hold_credit(customer_id: int) -> None:
    """Until the transaction ends nobody else spends the customer's credit. Invoices are held before this, never after."""
    Customer.objects.filter(pk=customer_id).update(name=F("name"))


def credit_balance(customer: Customer, currency: str = "IDR") -> Decimal:
    """What the customer has with the shop: the sum of the signed entries, never below zero (C1)."""
    return sum_of(CreditEntry.objects.filter(customer=customer, currency=currency), "amount")


def left_by_payment(customer_id: int, currency: str) -> list[tuple[int, Decimal]]:
    """The payments whose credit is not spent, oldest first, and how much is left of each."""
    entries = CreditEntry.objects.filter(customer=customer_id, currency=currency, payment__isnull=False)
    sums = entries.values("payment").annotate(left=Sum("amount")).filter(left__gt=0).order_by("payment")
    return [(row["payment"], row["left"]) for row in sums]


def paid_to_invoices(payment: Payment) -> dict[int, Decimal]:
    """What the payment pays of each invoice, by id; what was taken back is not there."""
    sums = payment.allocations.order_by().values("invoice").annotate(sum=Sum("amount")).exclude(sum=ZERO)
    return {row["invoice"]: row["sum"] for row in sums}


def paid_by_payments(invoice: Invoice) -> dict[int, Decimal]:
    """What each payment pays of the invoice, by id; what was taken back is not there."""
    sums = invoice.allocations.order_by().values("payment").annotate(sum=Sum("amount")).exclude(sum=ZERO)
    return {row["payment"]: row["sum"] for row in sums}
