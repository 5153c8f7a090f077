"""What staff decides of attempts that came otherwise than asked for (``review``): each once, by whoever is first."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import gateways, payments, transitions
from billing.attempts import Status, reports
from billing.attempts.working import wire_for
from billing.gateways.base import Refused, Report, State, Unreadable
from billing.gateways.wire import Unreachable
from billing.models import Payment, PaymentAttempt
from catalog.money import format_money


class CannotDecide(Exception):
    """Nothing was decided; the words say why."""


def accept_difference(*, attempt: PaymentAttempt, actor: User) -> Payment:
    """Record the money that really came, as the provider says it now: a part of the invoice, or more than it.

    Asks the provider, so it is called outside of transactions. Raises ``CannotDecide`` and ``payments.PaymentRefused``.
    """
    _check_permission(actor)
    try:
        report = gateways.named(attempt.gateway).status(attempt, wire_for(attempt, "status"))
    except (Unreachable, Refused, Unreadable) as error:
        words = _("%(provider)s tidak memberi jawaban yang dapat dipakai: %(error)s. Coba lagi nanti.")
        raise CannotDecide(words % {"provider": name_of(attempt.provider), "error": error}) from error
    return _record(attempt, report, actor)


@transaction.atomic
def _record(attempt: PaymentAttempt, report: Report, actor: User) -> Payment:
    _hold(attempt)
    if report.state not in {State.PAID, State.REFUNDED}:
        raise CannotDecide(_("Menurut penyedia tidak ada uang yang masuk untuk percobaan ini."))
    if attempt.received.filter(transaction_id=report.transaction_id).exists():
        raise CannotDecide(_("Uang ini sudah tercatat. Tutup tinjauannya dengan catatan."))
    payment = reports.take(attempt, report, actor=actor)
    remark = _("Dicatat %(came)s, diminta %(asked)s.") % {
        "came": format_money(report.amount, report.currency),
        "asked": format_money(attempt.amount, attempt.currency),
    }
    transitions.remark(attempt, "difference_accepted", actor=actor, note=remark)
    reports.look_at_what_went_back(attempt)
    return payment


@transaction.atomic
def dismiss(*, attempt: PaymentAttempt, note: str, actor: User) -> None:
    """Staff has looked: paid where money was recorded, else no longer used. Raises ``CannotDecide``."""
    _check_permission(actor)
    if not note.strip():
        raise CannotDecide(_("Isi catatan: apa yang Anda periksa dan putuskan."))
    _hold(attempt)
    to = Status.PAID if attempt.received.exists() else Status.CANCELLED
    # Its words stay: when the provider says the same once more, it was looked at.
    transitions.move(attempt, to, actor=actor, note=note.strip())


def name_of(provider: str) -> str:
    """A provider's name for people."""
    found = gateways.providers.get(provider)
    return found.name if found else provider


def _check_permission(actor: User) -> None:
    if not actor.has_perm(payments.VERIFY):
        raise payments.NotAllowed(_("Anda tidak berhak memverifikasi pembayaran."))


def _hold(attempt: PaymentAttempt) -> None:
    """The invoice before the attempt, as everybody who needs both."""
    transitions.hold(attempt.invoice)
    transitions.hold(attempt)
    if attempt.status != Status.REVIEW:
        raise CannotDecide(
            _("Percobaan ini sudah diputuskan: %(status)s.") % {"status": attempt.get_status_display().lower()}
        )
