"""A worker's part of an attempt: claim the row, speak with the provider outside of transactions, write what came of it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import attempts, gateways, transitions
from billing.attempts import Job, Status, reports
from billing.gateways.base import AlreadyThere, Refused, Unreadable
from billing.gateways.wire import Exchange, Unreachable, Wire
from billing.models import GatewayMessage, PaymentAttempt

logger = logging.getLogger(__name__)

# Longer than one act with all its time-outs and retries.
ABANDONED_AFTER = timedelta(seconds=120)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
ASK_EVERY = timedelta(minutes=10)
LONGEST_SILENCE = timedelta(hours=2)
# A provider's own expiry can come late; after this it is ours that counts.
PROVIDER_MAY_BE_LATE = timedelta(hours=1)
SWEEP_SIZE = 200


def run(attempt_id: int) -> bool:
    """Do the attempt's next job, unless it has none now or another worker has it; true if something was done."""
    attempt = _claim(attempt_id)
    if attempt is None:
        return False
    # As they were claimed: what is read afresh meanwhile holds what others wrote.
    wakes, job = attempt.wakes, attempt.job
    try:
        following = _act(attempt)
    except Unreachable as error:
        following = _again(attempt, str(error))
    except Exception as error:
        logger.exception("Attempt %s could not %s", attempt.order_id, job)
        following = _again(attempt, f"{type(error).__name__}: {error}")
    _release(attempt, wakes, *following)
    return True


def due() -> list[int]:
    """The attempts with something to do that no worker has, the longest waiting first."""
    rows = PaymentAttempt.objects.filter(_free(timezone.now())).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:SWEEP_SIZE])


def unanswered(provider: str, since: datetime) -> QuerySet[PaymentAttempt]:
    """The attempts of which the provider is still to say something, and has not since then at the latest."""
    return PaymentAttempt.objects.filter(provider=provider, silent_since__lte=since).exclude(job=Job.NONE)


def _free(now: datetime) -> Q:
    unclaimed = Q(claimed_at=None) | Q(claimed_at__lte=now - ABANDONED_AFTER)
    return ~Q(job=Job.NONE) & Q(due_at__lte=now) & unclaimed


def _claim(attempt_id: int) -> PaymentAttempt | None:
    """Make this worker the only one that speaks of the attempt; the database decides."""
    now = timezone.now()
    if not PaymentAttempt.objects.filter(_free(now), pk=attempt_id).update(claimed_at=now, tries=F("tries") + 1):
        return None
    return PaymentAttempt.objects.select_related("invoice__customer", "method").get(pk=attempt_id)


def _act(attempt: PaymentAttempt) -> tuple[str, datetime]:
    """Do the job; returns the following one and when."""
    gateway = gateways.named(attempt.gateway)
    if attempt.job == Job.START:
        return _start(attempt, gateway)
    if attempt.job == Job.CLOSE:
        try:
            gateway.expire(attempt, wire_for(attempt, "expire"))
        except Refused as refusal:
            # It may have been paid in this moment: the status below tells.
            logger.info("Attempt %s was not closed: %s", attempt.order_id, refusal)
    try:
        report = gateway.status(attempt, wire_for(attempt, "status"))
    except (Refused, Unreadable) as refusal:
        # Nothing moves on an answer that is not understood; staff see the words.
        return _again(attempt, str(refusal))
    reports.apply(attempt, report)
    _answered(attempt)
    return _next_question(attempt)


def _start(attempt: PaymentAttempt, gateway: gateways.Gateway) -> tuple[str, datetime]:
    now = timezone.now()
    if attempt.expires_at <= now:
        _give_up(attempt, _("Penyedia pembayaran tidak menjawab sampai waktunya habis."))
        return Job.NONE, now
    try:
        started = gateway.start(attempt, wire_for(attempt, "start"))
    except AlreadyThere:
        # Whoever could pay that one has never seen it: its answer was lost.
        PaymentAttempt.objects.filter(pk=attempt.pk).update(order_id=attempts.new_order_id(attempt.invoice))
        return Job.START, now
    except (Refused, Unreadable) as refusal:
        _give_up(attempt, str(refusal))
        return Job.NONE, now
    facts = {
        "provider_id": started.provider_id,
        "redirect_url": started.redirect_url,
        "facts": dict(started.facts),
        "expires_at": started.expires_at,
        "error": "",
        "tries": 0,
        "silent_since": None,
    }
    try:
        transitions.move(attempt, Status.OPEN, actor=None, **facts)
    except transitions.InvalidTransition:
        # Cancelled meanwhile: now that its id is known it can be closed.
        PaymentAttempt.objects.filter(pk=attempt.pk).update(**facts)
        return Job.CLOSE, now
    return _next_question(attempt)


def _answered(attempt: PaymentAttempt) -> None:
    """The provider answered: the next failure is a first one, and its words are no longer a trouble."""
    fresh = {"error": ""} if attempt.status == Status.OPEN else {}
    PaymentAttempt.objects.filter(pk=attempt.pk).update(tries=0, silent_since=None, **fresh)


def _give_up(attempt: PaymentAttempt, words: str) -> None:
    try:
        transitions.move(attempt, Status.FAILED, actor=None, note=words, error=words)
    except transitions.InvalidTransition:
        logger.info("Attempt %s failed after it was closed: %s", attempt.order_id, words)


def _next_question(attempt: PaymentAttempt) -> tuple[str, datetime]:
    now = timezone.now()
    if attempt.status != Status.OPEN:
        return Job.NONE, now
    if now > attempt.expires_at + PROVIDER_MAY_BE_LATE:
        transitions.move(attempt, Status.EXPIRED, actor=None)
        return Job.CLOSE, now
    # Once more soon after the end: the last minute is a usual one to pay in.
    end = attempt.expires_at + timedelta(minutes=1)
    if now >= end:
        return Job.ASK, now + ASK_EVERY
    # The longer it waits the less often: a webhook tells of nearly all, and each answer is kept.
    wait = min(max(ASK_EVERY, (now - attempt.created_at) / 2), LONGEST_SILENCE)
    return Job.ASK, min(now + wait, end)


def _again(attempt: PaymentAttempt, words: str) -> tuple[str, datetime]:
    """The same once more, each time after twice the wait."""
    now = timezone.now()
    PaymentAttempt.objects.filter(pk=attempt.pk).update(error=words[:500], silent_since=Coalesce("silent_since", now))
    wait = min(FIRST_RETRY * 2 ** min(attempt.tries - 1, 10), LONGEST_WAIT)
    return attempt.job, now + wait


@transaction.atomic
def _release(attempt: PaymentAttempt, wakes: int, job: str, due_at: datetime) -> None:
    """Let go of the row. Where somebody asked for it while this worker was busy, it is due at once."""
    row = PaymentAttempt.objects.filter(pk=attempt.pk)
    if row.filter(wakes=wakes).update(job=job, due_at=due_at, claimed_at=None):
        if job != Job.NONE and due_at <= timezone.now():
            attempts.nudge(attempt)
        return
    attempt.refresh_from_db()
    row.update(claimed_at=None, due_at=timezone.now(), job=_job_after(attempt, job))
    attempts.nudge(attempt)


def _job_after(attempt: PaymentAttempt, planned: str) -> str:
    """What is left to do for one that somebody else changed while this worker was busy and had ``planned`` a job."""
    if attempt.status == Status.QUEUED:
        return Job.START
    # Who cancelled it may not have known that the provider had been asked to open it.
    begun = attempt.status == Status.CANCELLED and planned in (Job.START, Job.CLOSE)
    return Job.CLOSE if begun or attempt.job == Job.CLOSE else Job.ASK


def wire_for(attempt: PaymentAttempt, kind: str) -> Wire:
    """A road to the attempt's provider that keeps what goes over it."""

    def keep(exchange: Exchange) -> None:
        GatewayMessage.objects.create(
            provider=attempt.provider,
            attempt=attempt,
            direction=GatewayMessage.Direction.OUT,
            kind=exchange.kind,
            url=exchange.url[:300],
            sent=exchange.sent,
            received=exchange.received,
            http_status=exchange.status,
            outcome=GatewayMessage.Outcome.UNREACHABLE if exchange.error else GatewayMessage.Outcome.ANSWERED,
            detail=exchange.error[:300],
        )

    return Wire(kind, keep)
