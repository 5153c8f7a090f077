"""The emails of orders, payments and activations."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import crypto, dates, outbox
from accounts.models import Shop
from accounts.office_hours import OfficeHours, due_at
from accounts.roles import Ability
from billing import documents, instalments, receipts, transfer_groups
from billing.emails.about import (
    account_of,
    facts_of,
    how_to_pay,
    invoice_of,
    is_confirmed,
    link,
    names_of,
    pdf_of,
    receipts_of,
    sample,
)
from billing.models import CreditEntry, Invoice, Order, Payment, PaymentConfirmation, Service
from catalog import money


def _confirmation(confirmation_id: int) -> PaymentConfirmation:
    return PaymentConfirmation.objects.select_related("invoice__customer", "bank_account").get(pk=confirmation_id)


def _service(service_id: int) -> Service:
    return Service.objects.select_related("customer").get(pk=service_id)


@outbox.email(
    "billing/order_received",
    sample=sample(lambda: Invoice.objects.issued().exclude(order=None), order_id="order_id", invoice_id="pk"),
)
def order_received(*, order_id: int, invoice_id: int, reveal: bool) -> outbox.Content:
    invoice = invoice_of(invoice_id)
    context = {
        "order": invoice.order,
        "invoice": invoice,
        "buyer": invoice.buyer["name"],
        "facts": account_of(invoice),
        "pay_facts": how_to_pay(invoice),
        "confirms": is_confirmed(invoice),
        "link": link(invoice.get_absolute_url()),
        "later": list(instalments.facts_of_later(invoice)),
        "to_pay": invoice.status == Invoice.Status.UNPAID,
        "is_paid": invoice.status == Invoice.Status.PAID,
    }
    return outbox.Content(context, pdf_of(invoice, reveal))


@outbox.email(
    "billing/invoice_issued",
    sample=sample(lambda: Invoice.objects.issued().filter(kind=Invoice.Kind.MANUAL), invoice_id="pk"),
)
def invoice_issued(*, invoice_id: int, reveal: bool) -> outbox.Content:
    """What staff wrote; an invoice that asks for nothing says so instead of asking."""
    invoice = invoice_of(invoice_id)
    context = {
        "invoice": invoice,
        "buyer": invoice.buyer["name"],
        "facts": account_of(invoice),
        "pay_facts": how_to_pay(invoice),
        "link": link(invoice.get_absolute_url()),
        "to_pay": invoice.status == Invoice.Status.UNPAID,
    }
    return outbox.Content(context, pdf_of(invoice, reveal))


@outbox.email("billing/confirmation_received", sample=sample(lambda: PaymentConfirmation.objects, confirmation_id="pk"))
def confirmation_received(*, confirmation_id: int, reveal: bool) -> outbox.Content:
    confirmation = _confirmation(confirmation_id)
    shop = Shop.current()
    answer_by = due_at(confirmation.submitted_at, shop.verification_minutes, OfficeHours.of_shop(shop))
    return outbox.Content(
        {
            **_about(confirmation),
            "answer_by": documents.moment(answer_by),
        }
    )


@outbox.email(
    "billing/confirmation_rejected",
    sample=sample(
        lambda: PaymentConfirmation.objects.filter(status=PaymentConfirmation.Status.REJECTED), confirmation_id="pk"
    ),
)
def confirmation_rejected(*, confirmation_id: int, reveal: bool) -> outbox.Content:
    confirmation = _confirmation(confirmation_id)
    return outbox.Content({**_about(confirmation), "reason": confirmation.reason})


def _about(confirmation: PaymentConfirmation) -> dict:
    """Of all the invoices of its transfer."""
    invoice = confirmation.invoice
    group = transfer_groups.of(confirmation)
    numbers = ", ".join(str(one.invoice) for one in group)
    withheld = money.format_money(confirmation.withheld, confirmation.currency)
    return {
        "confirmation": confirmation,
        "invoice": invoice,
        "numbers": numbers,
        "buyer": invoice.buyer["name"],
        "link": link(invoice.get_absolute_url() if len(group) == 1 else reverse("billing:invoices")),
        "facts": [
            (_("Nomor tagihan"), numbers),
            (_("Jumlah yang ditransfer"), money.format_money(transfer_groups.total(group), confirmation.currency)),
            *([(_("PPh 23 dipotong"), withheld)] if confirmation.withheld else []),
            (_("Tanggal transfer"), dates.long_date(confirmation.transferred_on)),
            (_("Pengirim"), f"{confirmation.sender_name}, {confirmation.sender_bank}"),
            (_("Transfer ke"), str(confirmation.bank_account)),
        ],
    }


@outbox.email(
    "billing/payment_received",
    sample=sample(lambda: Invoice.objects.filter(status=Invoice.Status.PAID), invoice_id="pk"),
)
def payment_received(*, invoice_id: int, reveal: bool) -> outbox.Content:
    invoice = invoice_of(invoice_id)
    waiting = Service.objects.filter(
        invoice_lines__invoice=invoice, parent=None, status=Service.Status.PENDING
    ).distinct()
    context = {
        "invoice": invoice,
        "buyer": invoice.buyer["name"],
        "facts": [
            *names_of(invoice),
            # The payment may have been taken back before this is sent.
            *([*_received(invoice), (_("Dibayar"), dates.long_date(invoice.paid_at))] if invoice.paid_at else []),
        ],
        "waiting": list(waiting),
        "link": link(invoice.get_absolute_url()),
    }
    paid_by = [one.payment for one in receipts.of_invoice(invoice)]
    return outbox.Content(context, pdf_of(invoice, reveal) + receipts_of(paid_by, reveal))


def _received(invoice: Invoice) -> list[tuple[str, str]]:
    words = documents.in_words(invoice)
    if not words:
        return [(_("Jumlah"), money.format_money(documents.received(invoice), invoice.currency))]
    withheld = money.format_money(invoice.amount_withheld, invoice.currency)
    return [
        (_("Jumlah"), money.format_receipt(documents.received(invoice))),
        (_("Terbilang"), words),
        *([(_("PPh 23 dipotong"), withheld)] if invoice.amount_withheld else []),
    ]


@outbox.email("billing/partially_paid", sample=sample(lambda: Invoice.objects.open(), invoice_id="pk"))
def partially_paid(*, invoice_id: int, reveal: bool, payment_id: int | None = None) -> outbox.Content:
    invoice = invoice_of(invoice_id)
    return outbox.Content(
        {
            "invoice": invoice,
            "buyer": invoice.buyer["name"],
            "missing": money.format_money(invoice.balance, invoice.currency),
            "facts": [
                (_("Nomor tagihan"), invoice.number),
                (_("Total"), money.format_money(invoice.total, invoice.currency)),
                (_("Sudah dibayar"), money.format_money(invoice.amount_paid, invoice.currency)),
                (_("Sisa yang harus dibayar"), money.format_money(invoice.balance, invoice.currency)),
                (_("Jatuh tempo"), dates.full_date(invoice.due_on)),
            ],
            "pay_facts": how_to_pay(invoice),
            "link": link(invoice.get_absolute_url()),
        },
        receipts_of(Payment.objects.filter(pk=payment_id).select_related("customer", "method", "reversal"), reveal),
    )


@outbox.email(
    "billing/service_active",
    sample=sample(lambda: Service.objects.filter(status=Service.Status.ACTIVE), service_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def service_active(*, service_id: int, reveal: bool) -> outbox.Content:
    service = _service(service_id)
    in_email = Shop.current().login_details_in_email and bool(service.login_details_encrypted)
    details = ""
    if in_email:
        details = crypto.decrypt(service.login_details_encrypted) if reveal else outbox.MASK
    facts = [(pgettext("satu layanan", "Layanan"), service.name)]
    if service.domain:
        facts.append((_("Domain"), service.domain))
    if service.next_due:
        facts.append((_("Jatuh tempo berikutnya"), dates.long_date(service.next_due)))
    return outbox.Content(
        {
            "service": service,
            "customer": service.customer,
            "facts": facts,
            "login_details": details,
            "has_login_details": bool(service.login_details_encrypted),
            "link": link(service.get_absolute_url()),
        }
    )


@outbox.email(
    "billing/order_cancel_warning",
    sample=sample(lambda: Order.objects.filter(status=Order.Status.PENDING), order_id="pk"),
)
def order_cancel_warning(*, order_id: int, reveal: bool) -> outbox.Content:
    return outbox.Content(_about_order(order_id))


@outbox.email(
    "billing/order_cancelled",
    sample=sample(lambda: Order.objects.filter(status=Order.Status.CANCELLED), order_id="pk"),
)
def order_cancelled(*, order_id: int, reveal: bool) -> outbox.Content:
    return outbox.Content(_about_order(order_id))


def _about_order(order_id: int) -> dict:
    order = Order.objects.select_related("invoice__customer", "invoice__payment_method").get(pk=order_id)
    return {
        "order": order,
        "invoice": order.invoice,
        "buyer": order.invoice.buyer["name"],
        "facts": facts_of(order.invoice),
        "pay_facts": how_to_pay(order.invoice),
        "confirms": is_confirmed(order.invoice),
        "link": link(order.invoice.get_absolute_url()),
    }


@outbox.email(
    "billing/money_for_cancelled_invoice",
    sample=sample(
        lambda: CreditEntry.objects.exclude(payment=None).exclude(invoice=None),
        invoice_id="invoice_id",
        payment_id="payment_id",
    ),
)
def money_for_cancelled_invoice(*, invoice_id: int, payment_id: int, reveal: bool) -> outbox.Content:
    """To staff: it became the customer's credit, and somebody should ask what it was for."""
    invoice, payment = invoice_of(invoice_id), Payment.objects.get(pk=payment_id)
    return outbox.Content(
        {
            "invoice": invoice,
            "payment": payment,
            "facts": [
                (_("Pelanggan"), invoice.customer.name),
                (_("Nomor tagihan"), invoice.number),
                (_("Jumlah yang masuk"), money.format_money(payment.amount, payment.currency)),
            ],
        }
    )
