"""Receipts (kuitansi): one for each payment in which money came in, numbered ``KW-<payment>`` as the payment is.

A receipt says what was received on the day it was received: what was paid by it then, and what was left as credit. It is
made anew each time it is asked for, from rows that never change, so that it always reads the same. A payment that was taken
back has none. From Rp5.000.000 it has room for a revenue stamp (UU 10/2020 on stamp duty).
"""

from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import dates
from accounts.texts import speaks_english
from billing import pdf
from billing.models import Allocation, Invoice, Payment
from catalog import money
from catalog.money import DEFAULT_CURRENCY, ZERO, total_of

# The others settle an invoice without money.
RECEIVED = frozenset(
    {Payment.Source.CONFIRMATION, Payment.Source.STAFF, Payment.Source.GATEWAY, Payment.Source.STATEMENT}
)
STAMPED_FROM = Decimal(5_000_000)


class NoReceipt(Exception):
    """No money came in by the payment, or it was taken back."""


@dataclass(frozen=True)
class Receipt:
    number: str
    payment: Payment


def number_of(payment: Payment) -> str:
    """``KW-12``, or nothing for a payment without a receipt. Select ``reversal`` with the payment."""
    received = payment.source in RECEIVED and not hasattr(payment, "reversal")
    return f"KW-{payment.pk}" if received else ""


def of_invoice(invoice: Invoice) -> list[Receipt]:
    """The receipts of the money that paid the invoice, the oldest first."""
    paid = Payment.objects.filter(allocations__invoice=invoice, allocations__amount__gt=0, source__in=RECEIVED)
    found = paid.select_related("reversal", "customer", "method").distinct().order_by("received_on", "pk")
    return [Receipt(number, payment) for payment in found if (number := number_of(payment))]


def file_name(payment: Payment) -> str:
    return f"{number_of(payment).lower()}.pdf"


def as_pdf(payment: Payment) -> bytes:
    """The document, in the language of what was paid. Raises ``NoReceipt``."""
    if not number_of(payment):
        raise NoReceipt
    document = describe(payment)
    with translation.override(document["language"]):
        return pdf.render_html(render_to_string("pdf/receipt.html", document))


def describe(payment: Payment) -> dict:
    """Everything that the document shows."""
    at_once = _allocated_at_once(payment)
    first = at_once[0].invoice if at_once else None
    with translation.override(first.language if first else payment.customer.language):
        return {
            **(pdf.letterhead_of(first) if first else pdf.letterhead(payment.customer)),
            "number": number_of(payment),
            "amount": _shown(payment),
            "words": _words(payment),
            "purposes": list(_purposes(payment, at_once)),
            "received_on": dates.long_date(payment.received_on),
            "method": payment.method.name if payment.method else "",
            "reference": payment.reference,
            "stamped": payment.currency == DEFAULT_CURRENCY and payment.amount >= STAMPED_FROM,
        }


def _allocated_at_once(payment: Payment) -> list[Allocation]:
    """What it paid when it was recorded; what its credit paid later is another day's matter."""
    made = payment.allocations.filter(cause__startswith=f"payment:{payment.pk}:invoice:")
    return list(made.select_related("invoice").order_by("pk"))


def _purposes(payment: Payment, allocations: list[Allocation]):
    for one in allocations:
        yield _("Tagihan %(invoice)s") % {"invoice": one.invoice}, money.format_money(one.amount, one.currency)
    rest = payment.amount - total_of(one.amount for one in allocations)
    if rest > ZERO:
        yield _("Disimpan sebagai saldo kredit"), money.format_money(rest, payment.currency)


def _shown(payment: Payment) -> str:
    """With its sen, as receipts show rupiah (MO2)."""
    if payment.currency != DEFAULT_CURRENCY:
        return money.format_money(payment.amount, payment.currency)
    return money.format_receipt(payment.amount)


def _words(payment: Payment) -> str:
    """The amount in words, in the active language; nothing in other currencies."""
    if payment.currency != DEFAULT_CURRENCY:
        return ""
    words = money.in_words(payment.amount, "en" if speaks_english() else "id")
    return words[:1].upper() + words[1:]
