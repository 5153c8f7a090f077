"""Money that was recorded on a customer's word alone, and whose line came later: the line is its proof, no money moves."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch

from billing import desk
from billing.bank import pairing
from billing.models import Payment, PaymentConfirmation, StatementLine


@dataclass(frozen=True)
class Recorded:
    """A payment that a line may be the proof of, with the confirmations that it was recorded for, and why."""

    payment: Payment
    group: Sequence[PaymentConfirmation]
    fit: pairing.Fit


def of(lines: Sequence[StatementLine]) -> dict[int, list[Recorded]]:
    """For each line the payments of its very amount that a name or number speaks for; two queries however many lines."""
    if not lines:
        return {}
    days = [line.booked_on for line in lines]
    told = PaymentConfirmation.objects.select_related("invoice__customer").order_by("pk")
    unproven = Payment.objects.filter(
        source=Payment.Source.CONFIRMATION,
        statement_line=None,
        reversal=None,
        amount__in={line.amount for line in lines},
        received_on__range=(
            min(days) - timedelta(days=pairing.DAYS_AFTER),
            max(days) + timedelta(days=pairing.DAYS_BEFORE),
        ),
    )
    by_amount = defaultdict(list)
    for payment in unproven.prefetch_related(Prefetch("confirmations", told)).order_by("pk"):
        group = list(payment.confirmations.all())
        if group:
            by_amount[payment.amount].append((payment, group))
    found: dict[int, list[Recorded]] = defaultdict(list)
    for line in lines:
        for payment, group in by_amount[line.amount]:
            fit = pairing.fit(desk.claim_of(group), desk.seen(line))
            if fit is not None and len(fit.signs - {pairing.AMOUNT}) > 0:
                found[line.pk].append(Recorded(payment, group, fit))
    return dict(found)


def tie(line: StatementLine, payment: Payment) -> bool:
    """Write that the line is the proof; false where the payment has one, was taken back, or is of another amount.

    The line and what the payment pays are held by this transaction.
    """
    unproven = Payment.objects.filter(pk=payment.pk, statement_line=None, reversal=None)
    same = unproven.filter(source=Payment.Source.CONFIRMATION, amount=line.amount, currency=line.currency)
    return bool(same.update(statement_line=line))
