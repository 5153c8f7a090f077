"""Who is told of what by email: rows in the outbox, written in the transaction of the event (RELIABILITY, email and tasks).

Each email goes once to each address: the customer's billing address and the person who acted, in the language of either.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts import outbox
from accounts.models import Customer, Membership, Shop, User
from accounts.roles import Ability, roles_with
from billing.models import (
    CancellationRequest,
    CreditNote,
    Invoice,
    LedgerCheck,
    Order,
    Payment,
    PaymentConfirmation,
    PriceChange,
    Refund,
    Retention,
    Service,
    ServiceChange,
    ServiceTransfer,
    TaxInvoice,
)
from catalog.models import Product


@dataclass(frozen=True)
class Recipient:
    """``tag`` keeps the outbox keys of one event's copies apart."""

    tag: str
    address: str
    language: str
    user: User | None = None


def order_received(order: Order, invoice: Invoice) -> None:
    _tell(
        f"order:{order.pk}:received",
        "billing/order_received",
        order.customer,
        recipients(order.customer, order.placed_by),
        order_id=order.pk,
        invoice_id=invoice.pk,
    )


def order_will_be_cancelled(order: Order) -> None:
    # The day is part of the key: an order can be warned again after a rejected confirmation.
    _tell(
        f"order:{order.pk}:cancel_warning:{order.cancel_warned_on:%Y-%m-%d}",
        "billing/order_cancel_warning",
        order.customer,
        recipients(order.customer, order.placed_by),
        order_id=order.pk,
    )


def order_cancelled(order: Order) -> None:
    _tell(
        f"order:{order.pk}:cancelled",
        "billing/order_cancelled",
        order.customer,
        recipients(order.customer, order.placed_by),
        order_id=order.pk,
    )


def confirmation_received(confirmation: PaymentConfirmation) -> None:
    _about_confirmation(confirmation, "received")


def confirmation_rejected(confirmation: PaymentConfirmation) -> None:
    _about_confirmation(confirmation, "rejected")


def _about_confirmation(confirmation: PaymentConfirmation, event: str) -> None:
    customer = confirmation.invoice.customer
    _tell(
        f"confirmation:{confirmation.pk}:{event}",
        f"billing/confirmation_{event}",
        customer,
        recipients(customer, confirmation.submitted_by),
        confirmation_id=confirmation.pk,
    )


def partially_paid(invoice: Invoice, payment: Payment) -> None:
    """One email for each payment that leaves something to pay (C2)."""
    key = f"partially_paid:{payment.pk}"
    _about_invoice(invoice, key, "billing/partially_paid", payment_id=payment.pk)


def payment_received(invoice: Invoice, paid_times: int) -> None:
    """The receipt; a second one only where the first payment was taken back."""
    _about_invoice(invoice, f"paid:{paid_times}", "billing/payment_received")


def tax_invoice_filed(filed: TaxInvoice) -> None:
    _about_tax_invoice(filed, f"filed:{filed.filed_at:%Y%m%d%H%M%S%f}", "billing/tax_invoice_filed")


def tax_invoice_refused(refused: TaxInvoice) -> None:
    _about_tax_invoice(refused, f"refused:{refused.refused_at:%Y%m%d%H%M%S%f}", "billing/tax_invoice_refused")


def _about_tax_invoice(about: TaxInvoice, event: str, template: str) -> None:
    customer = about.invoice.customer
    to = recipients(customer, about.requested_by)
    _tell(f"tax_invoice:{about.pk}:{event}", template, customer, to, tax_invoice_id=about.pk)


def _about_invoice(invoice: Invoice, event: str, template: str, **arguments: int) -> None:
    order = invoice.order or invoice.instalment_of
    placed_by = order.placed_by if order else None
    _tell(
        f"invoice:{invoice.pk}:{event}",
        template,
        invoice.customer,
        recipients(invoice.customer, placed_by),
        invoice_id=invoice.pk,
        **arguments,
    )


def invoice_issued(invoice: Invoice) -> None:
    """An invoice that staff wrote: the customer gets it with how to pay."""
    _about_invoice(invoice, "issued", "billing/invoice_issued")


def service_active(service: Service) -> None:
    """To the members who may see login details, for the email may carry them (S8)."""
    allowed = Membership.objects.filter(
        customer=service.customer_id, role__in=roles_with(Ability.SEE_LOGIN_DETAILS), user__is_active=True
    )
    people = [member.user for member in allowed.select_related("user")]
    _tell(
        f"service:{service.pk}:active",
        "billing/service_active",
        service.customer,
        [Recipient(f"user:{person.pk}", person.email, person.language, person) for person in people],
        service_id=service.pk,
    )


def payment_reminder(invoice: Invoice, offset: int) -> None:
    """To the billing address alone: whoever ordered years ago need not hear of every month."""
    _about_renewal(invoice, f"reminder:{offset:+d}", "billing/payment_reminder", invoice_id=invoice.pk)


def service_suspended(service: Service, invoice: Invoice) -> None:
    key = f"suspended:{service.pk}:{service.suspended_at:%Y-%m-%d}"
    _about_renewal(invoice, key, "billing/service_suspended", service_id=service.pk, invoice_id=invoice.pk)


def service_unsuspended(service: Service) -> None:
    times = service.events.filter(from_status=Service.Status.SUSPENDED, to_status=Service.Status.ACTIVE).count()
    _tell(
        f"service:{service.pk}:unsuspended:{times}",
        "billing/service_unsuspended",
        service.customer,
        recipients(service.customer),
        service_id=service.pk,
    )


def end_requested(request: CancellationRequest) -> None:
    _tell(
        f"cancellation:{request.pk}:requested",
        "billing/end_requested",
        request.service.customer,
        recipients(request.service.customer, request.requested_by),
        service_id=request.service_id,
    )


def service_ended(service: Service) -> None:
    _tell(
        f"service:{service.pk}:ended",
        "billing/service_ended",
        service.customer,
        recipients(service.customer),
        service_id=service.pk,
    )


def price_announced(change: PriceChange) -> None:
    _about_price(change, "announced")


def price_withdrawn(change: PriceChange) -> None:
    _about_price(change, "withdrawn")


def _about_price(change: PriceChange, event: str) -> None:
    _tell(
        f"price_change:{change.pk}:{event}",
        f"billing/price_{event}",
        change.service.customer,
        recipients(change.service.customer),
        change_id=change.pk,
    )


def retention_accepted(retention: Retention) -> None:
    customer = retention.service.customer
    _tell(
        f"retention:{retention.pk}:accepted",
        "billing/retention_accepted",
        customer,
        recipients(customer, retention.accepted_by),
        retention_id=retention.pk,
    )


def transfer_offered(transfer: ServiceTransfer, secret: str) -> None:
    """To the address that is asked, with the only copy of the link (encrypted); and to those who give, that it went out."""
    asked = User.objects.filter(email__iexact=transfer.email).first()
    outbox.enqueue(
        key=f"transfer:{transfer.pk}:offer",
        to=transfer.email,
        template="billing/transfer_offer",
        arguments={"transfer_id": transfer.pk, "secret": secret},
        language=asked.language if asked else transfer.from_customer.language,
        user=asked,
    )
    _tell_givers(transfer, "started")


def transfer_accepted(transfer: ServiceTransfer) -> None:
    _tell_givers(transfer, "given")
    _tell(
        f"transfer:{transfer.pk}:taken",
        "billing/transfer_taken",
        transfer.to_customer,
        recipients(transfer.to_customer, transfer.accepted_by),
        transfer_id=transfer.pk,
    )


def transfer_not_taken(transfer: ServiceTransfer, event: str) -> None:
    """``event`` is declined or expired."""
    _tell_givers(transfer, event)


def transfer_withdrawn(transfer: ServiceTransfer) -> None:
    asked = User.objects.filter(email__iexact=transfer.email).first()
    outbox.enqueue(
        key=f"transfer:{transfer.pk}:withdrawn",
        to=transfer.email,
        template="billing/transfer_withdrawn",
        arguments={"transfer_id": transfer.pk},
        language=asked.language if asked else transfer.from_customer.language,
        user=asked,
    )


def _tell_givers(transfer: ServiceTransfer, event: str) -> None:
    _tell(
        f"transfer:{transfer.pk}:{event}",
        f"billing/transfer_{event}",
        transfer.from_customer,
        recipients(transfer.from_customer, transfer.offered_by),
        transfer_id=transfer.pk,
    )


def change_requested(change: ServiceChange) -> None:
    """The change and the invoice that it waits for."""
    _about_change(change, "requested")


def change_applied(change: ServiceChange) -> None:
    """To the customer; where staff sets the product up, to the shop too, for a server does not grow by itself."""
    _about_change(change, "applied")
    if change.service.activation == Product.Activation.BY_STAFF:
        outbox.enqueue(
            key=f"change:{change.pk}:to_carry_out",
            to=Shop.current().email,
            template="billing/change_to_carry_out",
            arguments={"change_id": change.pk},
        )


def change_cancelled(change: ServiceChange) -> None:
    """Nobody paid for it; who cancels it themselves knows."""
    _about_change(change, "cancelled")


def _about_change(change: ServiceChange, event: str) -> None:
    customer = change.service.customer
    _tell(
        f"change:{change.pk}:{event}",
        f"billing/change_{event}",
        customer,
        recipients(customer, change.requested_by),
        change_id=change.pk,
    )


def _about_renewal(invoice: Invoice, event: str, template: str, **arguments: int) -> None:
    to = recipients(invoice.customer)
    _tell(f"invoice:{invoice.pk}:{event}", template, invoice.customer, to, **arguments)


def money_for_cancelled_invoice(invoice: Invoice, payment: Payment) -> None:
    """Staff is told that money came in for an invoice that was cancelled: it is the customer's credit now (I6)."""
    outbox.enqueue(
        key=f"payment:{payment.pk}:for_cancelled_invoice:{invoice.pk}",
        to=Shop.current().email,
        template="billing/money_for_cancelled_invoice",
        arguments={"invoice_id": invoice.pk, "payment_id": payment.pk},
    )


def credit_note_issued(note: CreditNote) -> None:
    """To the billing address, and to whoever ordered what is corrected."""
    invoice = note.invoice
    _tell(
        f"credit_note:{note.pk}:issued",
        "billing/credit_note",
        invoice.customer,
        recipients(invoice.customer, invoice.order.placed_by if invoice.order else None),
        credit_note_id=note.pk,
    )


def books_disagree(check: LedgerCheck) -> None:
    """The shop is told once of each check that found something (V1 to V9)."""
    outbox.enqueue(
        key=f"ledger_check:{check.pk}",
        to=Shop.current().email,
        template="billing/books_disagree",
        arguments={"check_id": check.pk},
    )


def refund_paid(refund: Refund) -> None:
    _tell(
        f"refund:{refund.pk}:paid",
        "billing/refund_paid",
        refund.customer,
        recipients(refund.customer),
        refund_id=refund.pk,
    )


def late_fee_charged(invoice: Invoice) -> None:
    _about_renewal(invoice, "late_fee", "billing/late_fee", invoice_id=invoice.pk)


def recipients(customer: Customer, *people: User | None) -> list[Recipient]:
    """The billing address and the people who acted, each address once; a person's own language before the customer's.

    Staff who acted for the customer is told by the staff's pages.
    """
    known = {person.email.lower(): person for person in people if person and _hears_of(customer, person)}
    found = {
        address: Recipient(f"user:{person.pk}", person.email, person.language, person)
        for address, person in known.items()
    }
    billing = customer.billing_email
    if billing.lower() not in found:
        found[billing.lower()] = Recipient("billing", billing, customer.language)
    return list(found.values())


def _hears_of(customer: Customer, person: User) -> bool:
    return person.is_active and (not person.is_staff or customer.memberships.filter(user=person).exists())


def _tell(key: str, template: str, customer: Customer, to: Iterable[Recipient], **arguments: int) -> None:
    for recipient in to:
        outbox.enqueue(
            key=f"{key}:{recipient.tag}",
            to=recipient.address,
            template=template,
            arguments=arguments,
            language=recipient.language,
            user=recipient.user,
            customer=customer,
        )
