"""Writing off what an invoice still asks for: we give it up. No money came in, so nobody is thanked and nothing starts."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import books, periods, transitions
from billing.models import Invoice, Order, Payment, PaymentConfirmation, Service
from billing.payments import NotAllowed, PaymentRefused

WRITE_OFF = "billing.write_off"
# What nobody owes, or what is to be had for it, is cancelled instead.
NEVER = frozenset({Invoice.Kind.ADD_FUNDS, Invoice.Kind.CHANGE})


def can_be_written_off(invoice: Invoice) -> bool:
    waits_to_begin = invoice.order is not None and invoice.order.status == Order.Status.PENDING
    return invoice.status == Invoice.Status.UNPAID and invoice.kind not in NEVER and not waits_to_begin


@transaction.atomic
def write_off(*, invoice: Invoice, reason: str, actor: User) -> Payment:
    """Close an unpaid invoice without money. Suspended services stay so; running ones are not suspended for it any more.

    Raises ``NotAllowed`` and ``PaymentRefused`` (no reason, nothing to give up, a confirmation waits). It can be taken
    back as any payment.
    """
    if not actor.has_perm(WRITE_OFF):
        raise NotAllowed(_("Anda tidak berhak menghapusbukukan tagihan."))
    if not reason.strip():
        raise PaymentRefused(_("Isi alasan penghapusbukuan."))
    transitions.hold(invoice)
    if not can_be_written_off(invoice):
        raise PaymentRefused(_("Tagihan %(invoice)s tidak dapat dihapusbukukan.") % {"invoice": invoice})
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise PaymentRefused(_("Konfirmasi pembayaran untuk tagihan ini menunggu verifikasi."))
    payment = _record(invoice, actor)
    transitions.move(
        invoice,
        Invoice.Status.PAID,
        actor=actor,
        note=reason.strip(),
        paid_at=timezone.now(),
        **books.columns_with((payment, payment.amount)),
    )
    periods.settle_dates(periods.services_of(invoice).filter(status=Service.Status.ACTIVE))
    return payment


def _record(invoice: Invoice, actor: User) -> Payment:
    earlier = invoice.allocations.filter(payment__source=Payment.Source.WRITE_OFF, amount__gt=0).count()
    payment = Payment.objects.create(
        customer_id=invoice.customer_id,
        cause=f"write_off:{invoice.pk}:{earlier + 1}",
        source=Payment.Source.WRITE_OFF,
        currency=invoice.currency,
        amount=invoice.balance,
        received_on=timezone.localdate(),
        reference=invoice.number,
        recorded_by=actor,
    )
    books.allocate(payment, invoice, payment.amount, cause=f"payment:{payment.pk}:invoice:{invoice.pk}")
    return payment
