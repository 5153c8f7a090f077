"""The demo shop's ways of paying through a provider, and payments that were tried by them.

What a provider would have said is told to the service that listens to providers; none is asked.
"""

from decimal import Decimal

from django.utils import timezone

from billing import attempts, gateways, transitions
from billing.attempts import Job, Status, reports
from billing.gateways.base import Report, State
from billing.models import Order, PaymentAttempt, PaymentMethod

METHODS = (
    (
        "midtrans_va",
        "Virtual account",
        "Virtual account",
        "Pilih bank, lalu bayar ke nomor yang hanya untuk tagihan Anda. Lunas sendiri, tanpa bukti.",
        "Choose a bank, then pay to a number that is for your invoice only. Paid by itself, no proof needed.",
    ),
    (
        "midtrans_snap",
        "Kartu, GoPay, QRIS",
        "Card, GoPay, QRIS",
        "Bayar di halaman penyedia pembayaran. Lunas sendiri dalam satu menit.",
        "Pay on the payment provider's page. Paid by itself within a minute.",
    ),
    (
        "xendit_invoice",
        "Xendit",
        "Xendit",
        "Semua cara bayar Xendit di halamannya. Lunas sendiri dalam satu menit.",
        "All of Xendit's ways of paying, on its page. Paid by itself within a minute.",
    ),
)


def load_methods() -> None:
    for sort, (gateway, name_id, name_en, hint_id, hint_en) in enumerate(METHODS, start=2):
        words = {"name_id": name_id, "name_en": name_en, "hint_id": hint_id, "hint_en": hint_en}
        PaymentMethod.objects.get_or_create(gateway=gateway, defaults={**words, "sort": sort})


def is_open() -> bool:
    """Whether the shop has the keys that these payments need."""
    return gateways.is_open("midtrans")


def pay(order: Order) -> None:
    """Paid on the provider's page, by GoPay."""
    attempt = _opened(order)
    _say(attempt, State.PAID, transaction_id="demo-gopay-1", channel="gopay", paid_at=timezone.now())


def let_expire(order: Order) -> None:
    """A virtual account that nobody paid to."""
    _say(_opened(order, "bca"), State.EXPIRED, detail="expire")


def pay_too_little(order: Order) -> None:
    """The provider tells of less than was asked for: staff has to look at it."""
    attempt = _opened(order, "bri")
    _say(attempt, State.PAID, amount=attempt.amount - 5_000, transaction_id="demo-va-1", channel="bank_transfer")


def _opened(order: Order, channel: str = "") -> PaymentAttempt:
    attempt = attempts.begin(invoice=order.invoice, channel=channel, actor=order.placed_by)
    facts = {"bank": channel.upper(), "number": f"88{order.pk:014}"} if channel else {}
    transitions.move(
        attempt, Status.OPEN, actor=None, facts=facts, provider_id=f"demo-{attempt.order_id}", job=Job.NONE
    )
    return attempt


def _say(attempt: PaymentAttempt, state: State, *, amount: Decimal | None = None, **fields) -> None:
    reports.apply(attempt, Report(state, amount or attempt.amount, attempt.currency, **fields))
