"""Attempts to have an invoice paid by a provider: begun here as a row, carried out by a worker (``working``).

A page or a checkout never waits for a provider. Whatever changes an invoice's amount, method or state needs to know nothing
of attempts: one that no longer fits is closed when another begins, else by the sweep within a minute.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import User
from billing import gateways, transitions
from billing.models import AttemptPayment, Invoice, PaymentAttempt, PaymentConfirmation
from billing.models.invoices import sum_of

Status, Job = PaymentAttempt.Status, PaymentAttempt.Job

# How long a virtual account or payment page can be paid; then the customer asks for another.
LIFETIME = timedelta(hours=24)
_ORDER_ID_LENGTH = PaymentAttempt._meta.get_field("order_id").max_length
_SUFFIX_LENGTH = 8


class CannotStart(Exception):
    """No attempt was begun; the words say why."""


@transaction.atomic
def begin(*, invoice: Invoice, actor: User | None, channel: str = "") -> PaymentAttempt:
    """Ask for a payment of what the invoice still wants, by its method; one that asks for the same is gone on with.

    ``channel`` is one of the gateway's, where it has any. Raises ``CannotStart``.
    """
    transitions.hold(invoice)
    _check(invoice, channel)
    live = PaymentAttempt.objects.live().filter(invoice=invoice).first()
    if live and fits(live, invoice) and live.channel == channel:
        return live
    if live:
        cancel(live, actor=actor)
    attempt = PaymentAttempt.objects.create(
        invoice=invoice,
        method=invoice.payment_method,
        provider=_gateway(invoice).provider,
        gateway=invoice.payment_method.gateway,
        channel=channel,
        order_id=new_order_id(invoice),
        currency=invoice.currency,
        amount=invoice.balance,
        expires_at=timezone.now() + LIFETIME,
        created_by=actor,
    )
    transitions.began(attempt, actor=actor)
    nudge(attempt)
    return attempt


def begin_with_order(invoice: Invoice, actor: User | None) -> None:
    """At the end of a checkout: where nothing is left to choose, the page to pay on is ready when the invoice is shown."""
    if invoice.status != Invoice.Status.UNPAID or invoice.payment_method is None:
        return
    gateway = _gateway(invoice)
    if gateway.provider and not gateway.channels:
        begin(invoice=invoice, actor=actor)


def _check(invoice: Invoice, channel: str) -> None:
    if invoice.status != Invoice.Status.UNPAID:
        raise CannotStart(_("Tagihan ini tidak lagi menunggu pembayaran."))
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise CannotStart(_("Konfirmasi pembayaran Anda sedang diperiksa."))
    gateway = invoice.payment_method and _gateway(invoice)
    if not gateway or not gateway.provider or not gateways.is_offered(invoice.payment_method):
        raise CannotStart(_("Metode pembayaran ini tidak lagi tersedia. Pilih cara lain."))
    codes = [one.code for one in gateway.channels]
    if (channel not in codes) if codes else channel:
        raise CannotStart(_("Pilih salah satu bank yang tersedia."))


def _gateway(invoice: Invoice) -> gateways.Gateway:
    return gateways.for_method(invoice.payment_method)


def new_order_id(invoice: Invoice) -> str:
    """Told to the provider, so it names the invoice; not to be guessed, and unique where several shops share an account."""
    suffix = get_random_string(_SUFFIX_LENGTH, "abcdefghijkmnpqrstuvwxyz23456789")
    return f"{invoice.slug[: _ORDER_ID_LENGTH - _SUFFIX_LENGTH - 1]}-{suffix}"


def fits(attempt: PaymentAttempt, invoice: Invoice) -> bool:
    """Whether it asks for what the invoice wants now, by its method."""
    return (
        invoice.status == Invoice.Status.UNPAID
        and attempt.method_id == invoice.payment_method_id
        and (attempt.amount, attempt.currency) == (invoice.balance, invoice.currency)
    )


def latest(invoice: Invoice) -> PaymentAttempt | None:
    """The attempt that the invoice's page tells of: the newest by its present method."""
    found = PaymentAttempt.objects.filter(invoice=invoice, method=invoice.payment_method_id)
    return found.order_by("-pk").first()


def received_for(invoice: Invoice) -> Decimal:
    """What providers brought in for the invoice; of a cancelled one it has become credit."""
    return sum_of(AttemptPayment.objects.filter(attempt__invoice=invoice), "payment__amount")


@transaction.atomic
def cancel(attempt: PaymentAttempt, *, actor: User | None, note: str = "") -> None:
    """Use a live attempt no longer, and have it closed at the provider. Raises ``InvalidTransition``."""
    known_there = attempt.status == Status.OPEN or attempt.tries > 0
    transitions.move(
        attempt,
        Status.CANCELLED,
        actor=actor,
        note=note,
        job=Job.CLOSE if known_there else Job.NONE,
        due_at=timezone.now(),
        wakes=F("wakes") + 1,
    )
    nudge(attempt)


def cancel_stale() -> int:
    """Close live attempts whose invoice is paid, cancelled, or asks for something else by now; returns how many."""
    wanted = F("invoice__total") - F("invoice__amount_paid") - F("invoice__amount_credited")
    other = ~Q(invoice__status=Invoice.Status.UNPAID) | ~Q(amount=wanted) | ~Q(method=F("invoice__payment_method"))
    count = 0
    for attempt in PaymentAttempt.objects.live().filter(other).select_related("invoice"):
        try:
            cancel(attempt, actor=None, note=_("Tagihan tidak lagi meminta pembayaran ini."))
        except transitions.InvalidTransition:
            # Paid, or closed by somebody else, in this moment.
            continue
        count += 1
    return count


def ask_now(attempt: PaymentAttempt) -> None:
    """Have the provider asked at once, such as after a webhook; a worker that is busy with it asks again."""
    next_job = Case(When(job=Job.NONE, then=Value(Job.ASK.value)), default=F("job"))
    PaymentAttempt.objects.filter(pk=attempt.pk).update(job=next_job, due_at=timezone.now(), wakes=F("wakes") + 1)
    nudge(attempt)


def nudge(attempt: PaymentAttempt) -> None:
    """Tell a worker after the commit; whatever fails there, the sweep finds the row within a minute."""
    # Here and not above: the task carries out what this package begins.
    from billing.tasks import run_attempt

    transaction.on_commit(lambda: outbox.tell_worker(run_attempt, attempt.pk))
