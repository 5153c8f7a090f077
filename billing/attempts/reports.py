"""What a provider says of an attempt becomes the shop's: never backwards, and each transaction's money once."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import payments, transitions
from billing.attempts import Status
from billing.gateways.base import Report, State
from billing.models import AttemptPayment, Payment, PaymentAttempt, ProviderRefund
from billing.models.invoices import sum_of
from catalog.money import ZERO, format_money

_CLOSED_BY = {State.EXPIRED: Status.EXPIRED, State.FAILED: Status.FAILED}


@transaction.atomic
def apply(attempt: PaymentAttempt, report: Report) -> None:
    """Write what the provider says. The attempt is fresh afterwards.

    Money of another amount or currency than was asked for is not taken: staff looks at it. The invoice is held before the
    attempt, in the order of everybody who needs both.
    """
    transitions.hold(attempt.invoice)
    transitions.hold(attempt)
    if report.state == State.PAID:
        _paid(attempt, report)
    elif report.state == State.REFUNDED:
        _refunded(attempt, report)
    elif report.state in _CLOSED_BY and attempt.is_live:
        transitions.move(attempt, _CLOSED_BY[report.state], actor=None, note=report.detail, error=report.detail)


def _paid(attempt: PaymentAttempt, report: Report) -> None:
    if attempt.received.filter(transaction_id=report.transaction_id).exists():
        return
    if (report.amount, report.currency) != (attempt.amount, attempt.currency):
        words = _("Diterima %(came)s, diminta %(asked)s.")
        came = format_money(report.amount, report.currency)
        _review(attempt, words % {"came": came, "asked": format_money(attempt.amount, attempt.currency)})
        return
    try:
        take(attempt, report, actor=None)
    except payments.CauseTaken as error:
        # The provider tells of the same transaction with other facts.
        _review(attempt, str(error))


def take(attempt: PaymentAttempt, report: Report, *, actor: User | None) -> Payment:
    """Record the money of a transaction that is not recorded yet; the caller holds invoice and attempt.

    Raises ``payments.PaymentRefused``, such as ``CauseTaken`` where it was told of with other facts.
    """
    paid_at = report.paid_at or timezone.now()
    payment = payments.record(
        customer=attempt.invoice.customer,
        amount=report.amount,
        currency=report.currency,
        source=Payment.Source.GATEWAY,
        cause=f"{attempt.provider}:{report.transaction_id}",
        method=attempt.method,
        received_on=timezone.localdate(paid_at),
        reference=report.transaction_id,
        actor=actor,
        invoices=[attempt.invoice],
    )
    AttemptPayment.objects.create(
        attempt=attempt, payment=payment, transaction_id=report.transaction_id, channel=report.channel[:40]
    )
    if attempt.status == Status.PAID:
        # A second transaction of one attempt: its money is credit.
        transitions.remark(attempt, "paid_again", actor=actor, note=report.transaction_id)
        return payment
    note = _("Dibayar lewat %(channel)s") % {"channel": report.channel} if report.channel else ""
    transitions.move(attempt, Status.PAID, actor=actor, note=note, paid_at=paid_at, error="")
    return payment


def _refunded(attempt: PaymentAttempt, report: Report) -> None:
    """The provider sent money back. What the shop did not ask for itself is staff's to look at."""
    if report.refunded == attempt.refunded:
        return
    never_recorded = not attempt.received.exists()
    if never_recorded and report.refunded >= report.amount:
        if attempt.is_live:
            transitions.move(attempt, Status.FAILED, actor=None, note=_("Dibayar dan dikembalikan di penyedia."))
    elif never_recorded:
        _paid(attempt, report)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(refunded=report.refunded)
    attempt.refunded = report.refunded
    look_at_what_went_back(attempt)


def look_at_what_went_back(attempt: PaymentAttempt) -> None:
    """More than the shop asked for: from the provider's own pages, or by the payer's bank."""
    others = attempt.refunded - sent_back_by_us(attempt)
    if attempt.status == Status.PAID and others > ZERO:
        words = _("%(amount)s dikembalikan di penyedia, bukan dari toko ini.")
        _review(attempt, words % {"amount": format_money(others, attempt.currency)})


def sent_back_by_us(attempt: PaymentAttempt) -> Decimal:
    """What the shop asked the provider to send back of it, and the provider has not refused."""
    sent = attempt.provider_refunds.exclude(status=ProviderRefund.Status.REFUSED)
    return sum_of(sent, "amount")


def _review(attempt: PaymentAttempt, words: str) -> None:
    """Staff has to look; at the same words once."""
    if attempt.error == words:
        return
    if attempt.status == Status.REVIEW:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(error=words)
        attempt.error = words
        return
    transitions.move(attempt, Status.REVIEW, actor=None, note=words, error=words)
