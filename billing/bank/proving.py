"""A statement line as the proof of what a customer confirmed: both are settled by one decision of staff (K3, U3)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import confirmations, payments, transitions
from billing.bank import recorded, settling
from billing.models import Payment, PaymentConfirmation, StatementLine


@transaction.atomic
def accept(*, confirmation: PaymentConfirmation, line: StatementLine, actor: User) -> Payment:
    """Accept a customer's proof by the line that shows its money: the line's amount is recorded, once, as received.

    Whoever may not decide on the confirmation may not do so here. Raises what ``confirmations.approve`` raises, and
    ``settling.CannotSettle`` where the line is of another account or pays something already; then neither is changed.
    """
    if (line.account_id, line.currency) != (confirmation.bank_account_id, confirmation.currency):
        raise settling.CannotSettle(_("Mutasi ini masuk ke rekening lain."))
    try:
        # First, as with all who touch a line: who comes second waits here, and then finds it taken.
        transitions.move(line, StatementLine.Status.ASSIGNED, actor=actor, rule=StatementLine.Rule.STAFF)
    except transitions.InvalidTransition:
        raise settling.CannotSettle(settling.why_taken(line)) from None
    payment = confirmations.approve(
        confirmation=confirmation, amount=line.amount, actor=actor, origin=settling.origin_of(line, part=1)
    )
    Payment.objects.filter(pk=payment.pk).update(statement_line=line)
    return payment


@transaction.atomic
def link(*, line: StatementLine, payment: Payment, actor: User) -> None:
    """Say that a line is the transfer that was recorded on the customer's word before it came: no money moves.

    Raises ``settling.CannotSettle`` where the line waits no longer, or the payment has a line, was taken back, or is another
    amount.
    """
    if not actor.has_perm(payments.VERIFY):
        raise settling.CannotSettle(_("Anda tidak berhak memverifikasi pembayaran."))
    try:
        transitions.move(line, StatementLine.Status.ASSIGNED, actor=actor, rule=StatementLine.Rule.STAFF)
    except transitions.InvalidTransition:
        raise settling.CannotSettle(settling.why_taken(line)) from None
    payments.hold(payment)
    if not recorded.tie(line, payment):
        raise settling.CannotSettle(
            _("Pembayaran ini sudah punya mutasi, sudah dibatalkan, atau jumlahnya tidak sama dengan mutasi ini.")
        )
