"""Attempts to have an invoice paid by a payment provider, and every message that went to and fro."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.events import Event
from billing.models.invoices import Invoice
from billing.models.methods import PaymentMethod
from billing.models.payments import Payment
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class PaymentAttemptQuerySet(models.QuerySet["PaymentAttempt"]):
    def live(self) -> "PaymentAttemptQuerySet":
        """Those that can still be paid as the provider was asked to: at most one of each invoice."""
        return self.filter(status__in=LIVE)

    def to_review(self) -> "PaymentAttemptQuerySet":
        """Those about which staff has to decide, oldest first."""
        return self.filter(status=PaymentAttempt.Status.REVIEW).order_by("created_at", "pk")


class PaymentAttempt(models.Model):
    """One try to have an invoice paid by a provider: a virtual account, or a page at the provider's.

    ``order_id`` is ours and unique at the provider, ``provider_id`` is theirs. ``job`` is what a worker has to ask of the
    provider next, from ``due_at`` on.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Disiapkan")
        OPEN = "open", _("Menunggu pembayaran")
        PAID = "paid", _("Dibayar")
        EXPIRED = "expired", _("Kedaluwarsa")
        CANCELLED = "cancelled", _("Tidak dipakai lagi")
        FAILED = "failed", _("Gagal")
        REVIEW = "review", _("Perlu ditinjau")

    class Job(models.TextChoices):
        NONE = "", _("Tidak ada")
        START = "start", _("Memulai")
        ASK = "ask", _("Menanyakan status")
        CLOSE = "close", _("Menutup")

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("tagihan"), on_delete=models.PROTECT, related_name="payment_attempts"
    )
    method = models.ForeignKey(PaymentMethod, verbose_name=_("metode"), on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(_("penyedia"), max_length=20)
    gateway = models.CharField(_("gateway"), max_length=30)
    channel = models.CharField(_("saluran"), max_length=20, blank=True)
    order_id = models.CharField(_("nomor pesanan di penyedia"), max_length=50, unique=True)
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.QUEUED)
    provider_id = models.CharField(_("id di penyedia"), max_length=100, blank=True)
    redirect_url = models.URLField(max_length=600, blank=True)
    # What the customer pays to, such as {"bank": "BCA", "number": "…"}; Mandiri's bills have a biller_code besides.
    facts = models.JSONField(_("tujuan"), default=dict, blank=True)
    expires_at = models.DateTimeField(_("berlaku sampai"))
    paid_at = models.DateTimeField(_("dibayar pada"), null=True)
    # What the provider says has gone back to the payer.
    refunded = MoneyField(_("dikembalikan"), default=0)
    error = models.TextField(_("kata penyedia"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dimulai oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("dimulai"), default=timezone.now, editable=False)

    job = models.CharField(max_length=5, choices=Job.choices, default=Job.START, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    # Since when the provider has given no answer that can be used.
    silent_since = models.DateTimeField(null=True)
    # Counts who asked for the status to be asked at once, so that none of them is lost to a worker that is just busy.
    wakes = models.PositiveIntegerField(default=0)

    objects = PaymentAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("percobaan pembayaran")
        verbose_name_plural = _("percobaan pembayaran")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(job=""), name="attempts_with_a_job"),
            models.Index(fields=["provider", "provider_id"], name="attempts_by_their_provider"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status__in=["queued", "open"]),
                name="one_live_attempt_per_invoice",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_is_for_more_than_nothing"),
            whole_rupiah("amount", name="attempt_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return self.order_id

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


LIVE = (PaymentAttempt.Status.QUEUED, PaymentAttempt.Status.OPEN)


class PaymentAttemptEvent(Event):
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.CASCADE, related_name="events")


class AttemptPayment(models.Model):
    """Money that an attempt brought in: one payment for each transaction of the provider."""

    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="received")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="attempt_payment")
    transaction_id = models.CharField(_("nomor transaksi"), max_length=100)
    # Such as "gopay" or "credit_card", as the provider says it.
    channel = models.CharField(_("saluran"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("pembayaran lewat penyedia")
        verbose_name_plural = _("pembayaran lewat penyedia")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "transaction_id"], name="one_payment_per_transaction"),
        ]

    def __str__(self) -> str:
        return self.transaction_id


class GatewayMessage(models.Model):
    """One exchange with a provider, raw: a call of ours with its answer, or a webhook with what became of it (V9)."""

    class Direction(models.TextChoices):
        IN = "in", _("Masuk")
        OUT = "out", _("Keluar")

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("Diterima, belum diproses")
        ACCEPTED = "accepted", _("Diproses")
        FORGED = "forged", _("Tanda tangan salah")
        UNREADABLE = "unreadable", _("Tidak terbaca")
        UNKNOWN = "unknown", _("Bukan milik kita")
        REFUSED = "refused", _("Ditolak")
        FAILED = "failed", _("Gagal, akan dikirim lagi")
        ANSWERED = "answered", _("Dijawab")
        UNREACHABLE = "unreachable", _("Tidak terjawab")

    provider = models.CharField(_("penyedia"), max_length=20)
    attempt = models.ForeignKey(
        PaymentAttempt, verbose_name=_("percobaan"), on_delete=models.PROTECT, null=True, related_name="messages"
    )
    direction = models.CharField(_("arah"), max_length=3, choices=Direction.choices)
    # "webhook", or the act: start, status, expire, refund.
    kind = models.CharField(_("jenis"), max_length=20)
    url = models.CharField(_("alamat"), max_length=300, blank=True)
    # As they went over the wire, whatever their bytes are; keys and tokens stand in headers, which are not kept.
    sent = models.BinaryField(default=b"")
    received = models.BinaryField(default=b"")
    http_status = models.PositiveSmallIntegerField(_("status HTTP"), null=True)
    outcome = models.CharField(_("hasil"), max_length=12, choices=Outcome.choices)
    detail = models.CharField(_("rincian"), max_length=300, blank=True)
    at = models.DateTimeField(_("waktu"), default=timezone.now)

    class Meta:
        verbose_name = _("pesan penyedia")
        verbose_name_plural = _("pesan penyedia")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["provider", "-at"], name="messages_of_a_provider")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def sent_text(self) -> str:
        return bytes(self.sent).decode("utf-8", "replace")

    @property
    def received_text(self) -> str:
        return bytes(self.received).decode("utf-8", "replace")
