"""PPh 23: tax that a company keeps back from what it pays for services and hands to the state in our name (T6).

It settles a part of the invoice without money coming in, and staff verifies its slip (bukti potong). It is no discount.
"""

from decimal import Decimal

from accounts.models import Customer, User
from billing import payments, transitions
from billing.models import CreditNoteLine, Invoice, PaymentConfirmation
from billing.models.invoices import sum_of
from catalog.money import ZERO, round_money, total_of

# UU PPh, Pasal 23: 2 % of what the services cost, without PPN.
RATE = Decimal("0.02")


def amount_of(invoice: Invoice) -> Decimal:
    """2 % of the net of the invoice's lines that PPh 23 applies to, less what credit notes took off them."""
    lines = [line for line in invoice.lines.all() if line.pph23]
    net = total_of(line.net for line in lines)
    if invoice.amount_credited:
        net -= sum_of(CreditNoteLine.objects.filter(invoice_line__in=lines), "amount")
    return round_money(net * RATE, invoice.currency)


def claimable(invoice: Invoice) -> Decimal:
    """What the buyer may state that it keeps back: nothing for people, who do not withhold, and nothing a second time."""
    is_company = invoice.buyer.get("kind") == Customer.Kind.COMPANY
    if invoice.status != Invoice.Status.UNPAID or not is_company or invoice.amount_withheld:
        return ZERO
    amount = amount_of(invoice)
    return amount if amount <= invoice.balance else ZERO


def settle(confirmation: PaymentConfirmation, actor: User) -> None:
    """Record what a confirmation that is being accepted says was kept back, before its transfer is.

    Nothing where the invoice was paid another way meanwhile: tax that was kept back is no money to give as credit.
    """
    invoice = confirmation.invoice
    transitions.hold(invoice)
    if confirmation.withheld and confirmation.withheld <= claimable(invoice):
        payments.record_withheld(
            invoice=invoice,
            amount=confirmation.withheld,
            cause=f"confirmation:{confirmation.pk}:withheld",
            received_on=confirmation.transferred_on,
            reference=f"PPh 23 {confirmation.sender_name}",
            actor=actor,
        )
