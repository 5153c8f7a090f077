"""A worker's part of a refund through a provider: claim the row, ask outside of transactions, write what came of it.

No answer is not a refusal: the money may have gone. Then it is asked whether it went, and the same again under the same key;
only the provider's own no brings the credit back.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import gateways, payments, provider_refunds, transitions
from billing.attempts import reports
from billing.attempts.working import ABANDONED_AFTER, FIRST_RETRY, LONGEST_WAIT, SWEEP_SIZE, wire_for
from billing.gateways.base import Refused, State, Unreadable
from billing.gateways.wire import Unreachable
from billing.models import ProviderRefund
from billing.refunds import PAY, CannotRefund

logger = logging.getLogger(__name__)

Status = ProviderRefund.Status


def run(refund_id: int) -> bool:
    """Have it sent, unless that is not due or another worker is at it; true if something was done."""
    refund = _claim(refund_id)
    if refund is None:
        return False
    try:
        words = _act(refund)
    except (Unreachable, Unreadable) as error:
        words = str(error) or type(error).__name__
    except transitions.InvalidTransition:
        # Staff settled it in this moment.
        words = ""
    except Exception as error:
        logger.exception("Refund %s could not be sent", refund.key)
        words = f"{type(error).__name__}: {error}"
    _release(refund, words)
    return True


def due() -> list[int]:
    """Those to be sent that no worker has, the longest waiting first."""
    rows = ProviderRefund.objects.filter(_free(timezone.now())).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:SWEEP_SIZE])


def _free(now: datetime) -> Q:
    return Q(status=Status.QUEUED, due_at__lte=now) & _unclaimed(now)


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lte=now - ABANDONED_AFTER)


def _claim(refund_id: int) -> ProviderRefund | None:
    now = timezone.now()
    if not ProviderRefund.objects.filter(_free(now), pk=refund_id).update(claimed_at=now, tries=F("tries") + 1):
        return None
    return ProviderRefund.objects.select_related("attempt__invoice__customer", "payment__customer").get(pk=refund_id)


def _act(refund: ProviderRefund) -> str:
    """Returns why it has to be done again; empty where it is settled."""
    gateway = gateways.named(refund.attempt.gateway)
    # An earlier answer may have been lost, and a provider forgets its keys after a day.
    if refund.tries > 1 and _went_back(refund, gateway):
        provider_refunds.done(refund)
        return ""
    if not refund.provider_refund_id:
        try:
            known = gateway.refund(
                refund.attempt,
                refund.amount,
                key=refund.key,
                reason=refund.reason,
                wire=wire_for(refund.attempt, "refund"),
            )
        except Refused as refusal:
            provider_refunds.refuse(refund, str(refusal))
            return ""
        ProviderRefund.objects.filter(pk=refund.pk).update(provider_refund_id=known[:100])
    if _went_back(refund, gateway):
        provider_refunds.done(refund)
        return ""
    return _("Penyedia menerima permintaannya; uangnya belum dikirim.")


def _went_back(refund: ProviderRefund, gateway: gateways.Gateway) -> bool:
    try:
        report = gateway.status(refund.attempt, wire_for(refund.attempt, "status"))
    except Refused as error:
        # Of the question how it stands, not of the refund.
        raise Unreachable(str(error)) from error
    if report.state != State.REFUNDED:
        return False
    reports.apply(refund.attempt, report)
    return report.refunded >= refund.before + refund.amount


def _release(refund: ProviderRefund, words: str) -> None:
    """Let go of the row; where it is not settled it is due again, each time after twice the wait."""
    wait = min(FIRST_RETRY * 2 ** min(refund.tries - 1, 10), LONGEST_WAIT)
    rows = ProviderRefund.objects.filter(pk=refund.pk)
    rows.update(claimed_at=None)
    rows.filter(status=Status.QUEUED).update(error=words[:500], due_at=timezone.now() + wait)


@transaction.atomic
def settle(*, refund: ProviderRefund, went_back: bool, note: str, actor: User) -> None:
    """Staff saw at the provider what became of a refund that stays open. Raises ``NotAllowed`` and ``CannotRefund``.

    Not while a worker asks: what it is told might be the other.
    """
    if not actor.has_perm(PAY):
        raise payments.NotAllowed(_("Anda tidak berhak mengembalikan dana."))
    if not note.strip():
        raise CannotRefund(_("Isi catatan: apa yang Anda lihat di penyedia."))
    transitions.hold(refund)
    free = ProviderRefund.objects.filter(_unclaimed(timezone.now()), pk=refund.pk, status=Status.QUEUED, tries__gt=0)
    if not free.exists():
        raise CannotRefund(_("Pengembalian ini sudah diputuskan, atau penyedianya sedang ditanya. Lihat keadaannya."))
    if went_back:
        provider_refunds.done(refund, actor=actor, note=note.strip())
    else:
        provider_refunds.refuse(refund, note.strip(), actor=actor)
