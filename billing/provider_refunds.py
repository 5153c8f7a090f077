"""Credit that goes back to its payer through the provider that it came through.

The credit is taken out with the row, so that nobody spends it meanwhile; a worker (``billing.attempts.refunding``) then asks
the provider. It comes back, once, if the provider refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import Customer, User
from billing import books, crediting, gateways, notices, payments, transitions
from billing.attempts.reports import sent_back_by_us
from billing.models import AttemptPayment, CreditNote, Invoice, PaymentAttempt, ProviderRefund, Refund
from billing.models.invoices import sum_of
from billing.refunds import PAY, CannotRefund
from catalog.money import DEFAULT_CURRENCY, ZERO, format_money

Status = ProviderRefund.Status
_KEY_LENGTH = 24


@dataclass(frozen=True)
class Refundable:
    """Credit that a provider can send back: how much is ``left`` of the money that it brought in."""

    received: AttemptPayment
    left: Decimal

    @property
    def provider(self) -> str:
        return gateways.providers[self.received.attempt.provider].name


def of_customer(customer: Customer, currency: str = DEFAULT_CURRENCY) -> list[Refundable]:
    """The customer's credit that came through a provider which gives back, oldest first."""
    left = dict(books.left_by_payment(customer.pk, currency))
    found = [Refundable(one, _left(one, left[one.payment_id])) for one in _received().filter(payment__in=left)]
    return [one for one in found if one.left > ZERO and gives_back(one.received.attempt)]


def of_invoice(invoice: Invoice) -> list[AttemptPayment]:
    """The payments of the invoice that its provider could send back."""
    paid = books.paid_by_payments(invoice)
    return [one for one in _received().filter(payment__in=paid) if gives_back(one.attempt)]


def _received():
    return AttemptPayment.objects.select_related("attempt__invoice", "payment").order_by("payment")


def gives_back(attempt: PaymentAttempt) -> bool:
    """Whether its provider can be asked. Of an attempt that was paid twice it would not know which payment is meant."""
    gateway = gateways.registry.get(attempt.gateway)
    return (
        gateway is not None
        and gateway.supports_refund
        and gateways.is_open(attempt.provider)
        and attempt.status == PaymentAttempt.Status.PAID
        and attempt.received.count() == 1
    )


def _gone(attempt: PaymentAttempt) -> Decimal:
    """What went back of it already, as the provider told or the shop asked."""
    return max(attempt.refunded, sent_back_by_us(attempt))


def _left(received: AttemptPayment, credit: Decimal) -> Decimal:
    return min(credit, received.payment.amount - _gone(received.attempt))


@transaction.atomic
def send_back(
    *,
    received: AttemptPayment,
    amount: Decimal,
    reason: str,
    cause: str,
    actor: User,
    credit_note: CreditNote | None = None,
) -> ProviderRefund:
    """Take credit that came by this payment out, to be sent back to its payer; once per ``cause``.

    Raises ``NotAllowed`` and ``CannotRefund`` (no reason, not that much credit of this payment, a provider that does not
    give back, another refund of the same attempt on its way); then nothing is taken.
    """
    _check(reason, actor)
    payment, attempt = received.payment, received.attempt
    transitions.hold(attempt)
    books.hold_credit(payment.customer_id)
    earlier = ProviderRefund.objects.filter(cause=cause).first()
    if earlier:
        if (earlier.payment_id, earlier.amount) != (payment.pk, amount):
            raise CannotRefund(_("Pengembalian dana ini sudah dicatat dengan jumlah lain."))
        return earlier
    if not gives_back(attempt):
        raise CannotRefund(_("Penyedianya tidak dapat mengembalikan pembayaran ini. Kembalikan dengan transfer."))
    if attempt.provider_refunds.filter(status=Status.QUEUED).exists():
        raise CannotRefund(_("Pengembalian lain dari pembayaran ini sedang diproses. Tunggu sampai selesai."))
    if not payments.is_payable(amount, payment.currency):
        raise CannotRefund(_("Tidak ada uang yang dapat dikembalikan."))
    credit = dict(books.left_by_payment(payment.customer_id, payment.currency)).get(payment.pk, ZERO)
    available = _left(received, credit)
    if amount > available:
        raise CannotRefund(
            _("Dari pembayaran ini hanya %(available)s yang dapat dikembalikan.")
            % {"available": format_money(max(available, ZERO), payment.currency)}
        )
    made = ProviderRefund.objects.create(
        attempt=attempt,
        payment=payment,
        credit_note=credit_note,
        cause=cause,
        key=f"rf-{get_random_string(_KEY_LENGTH).lower()}",
        currency=payment.currency,
        amount=amount,
        before=_gone(attempt),
        reason=reason.strip(),
        asked_by=actor,
    )
    transitions.began(made, actor=actor)
    _enter(made, -amount, cause=f"provider_refund:{made.pk}", actor=actor)
    nudge(made)
    return made


@transaction.atomic
def credit_and_send_back(
    *, invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, cause: str, actor: User
) -> list[ProviderRefund]:
    """Make a credit note and send back what of its credit came through a provider, both or neither; once per ``cause``.

    Raises as ``crediting.issue`` and ``send_back`` do; ``CannotRefund`` where nothing of it came through a provider.
    """
    _check(reason, actor)
    transitions.hold(invoice)
    possible = of_invoice(invoice)
    for received in possible:
        transitions.hold(received.attempt)
    books.hold_credit(invoice.customer_id)
    note = crediting.issue(invoice=invoice, amounts=amounts, reason=reason, cause=cause, actor=actor)
    earlier = list(note.provider_refunds.all())
    if earlier:
        return earlier
    made = []
    for received in possible:
        amount = sum_of(received.payment.credit_entries.filter(cause__startswith=f"credit_note:{note.pk}:"), "amount")
        if amount:
            of_payment = f"{cause}:payment:{received.payment_id}"
            made.append(
                send_back(
                    received=received, amount=amount, reason=reason, cause=of_payment, actor=actor, credit_note=note
                )
            )
    if not made:
        raise CannotRefund(_("Uang nota kredit ini tidak datang lewat penyedia yang dapat mengembalikannya."))
    return made


def _check(reason: str, actor: User) -> None:
    if not actor.has_perm(PAY):
        raise payments.NotAllowed(_("Anda tidak berhak mengembalikan dana."))
    if not reason.strip():
        raise CannotRefund(_("Isi alasan pengembalian dana."))


def _enter(refund: ProviderRefund, amount: Decimal, *, cause: str, actor: User | None) -> None:
    note = gateways.providers[refund.attempt.provider].name
    books.enter(refund.payment, amount, cause=cause, actor=actor, provider_refund=refund, note=note)


@transaction.atomic
def done(refund: ProviderRefund, *, actor: User | None = None, note: str = "") -> Refund:
    """It was sent: into the books as every refund, and the customer is told. Raises ``InvalidTransition``."""
    transitions.hold(refund)
    if refund.status != Status.QUEUED:
        raise transitions.InvalidTransition(refund, Status.DONE)
    received = refund.attempt.received.get(payment=refund.payment_id)
    customer = refund.payment.customer
    paid = Refund.objects.create(
        customer=customer,
        cause=f"provider_refund:{refund.pk}",
        credit_note=refund.credit_note,
        currency=refund.currency,
        amount=refund.amount,
        paid_on=timezone.localdate(),
        via=refund.attempt.provider,
        bank=gateways.providers[refund.attempt.provider].name,
        number=received.channel or refund.attempt.order_id[:40],
        holder=customer.name[:120],
        reason=refund.reason,
        recorded_by=actor or refund.asked_by,
    )
    transitions.move(refund, Status.DONE, actor=actor, note=note, refund=paid, error="")
    notices.refund_paid(paid)
    return paid


@transaction.atomic
def refuse(refund: ProviderRefund, words: str, *, actor: User | None = None) -> None:
    """It was not sent, and is not tried again: the credit comes back. Raises ``InvalidTransition``."""
    books.hold_credit(refund.payment.customer_id)
    transitions.move(refund, Status.REFUSED, actor=actor, note=words, error=words)
    _enter(refund, refund.amount, cause=f"provider_refund:{refund.pk}:back", actor=actor)


def nudge(refund: ProviderRefund) -> None:
    """Tell a worker after the commit; whatever fails there, the sweep finds the row within a minute."""
    # Here and not above: the task carries out what this module begins.
    from billing.tasks import send_refund

    transaction.on_commit(lambda: outbox.tell_worker(send_refund, refund.pk))
