"""Credit that goes back to its payer through the provider that it came through."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.credit_notes import CreditNote, Refund
from billing.models.events import Event
from billing.models.gateways import PaymentAttempt
from billing.models.payments import Payment
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah

# A provider needs seconds; whoever refused is news for a few days.
SENT_WITHIN = timedelta(hours=1)
REFUSAL_IS_NEWS_FOR = timedelta(days=3)


class ProviderRefundQuerySet(models.QuerySet["ProviderRefund"]):
    def in_trouble(self, now: datetime) -> "ProviderRefundQuerySet":
        """Refused lately, or not sent though it was asked for a while ago; oldest first."""
        refused = Q(status=ProviderRefund.Status.REFUSED, asked_at__gt=now - REFUSAL_IS_NEWS_FOR)
        stuck = Q(status=ProviderRefund.Status.QUEUED, asked_at__lt=now - SENT_WITHIN)
        return self.filter(refused | stuck).order_by("asked_at", "pk")


class ProviderRefund(models.Model):
    """The credit is taken out when the row is made, and comes back if the provider refuses; ``refund`` is the books' row.

    ``key`` names it at the provider, so that asking twice sends nothing twice. ``before`` is what had gone back of the
    attempt already: that it is ``before + amount`` now is the provider's word that this one was sent.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Diproses")
        DONE = "done", _("Dikembalikan")
        REFUSED = "refused", _("Tidak dikembalikan")

    attempt = models.ForeignKey(
        PaymentAttempt, verbose_name=_("percobaan"), on_delete=models.PROTECT, related_name="provider_refunds"
    )
    payment = models.ForeignKey(
        Payment, verbose_name=_("pembayaran"), on_delete=models.PROTECT, related_name="provider_refunds"
    )
    credit_note = models.ForeignKey(
        CreditNote,
        verbose_name=_("nota kredit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="provider_refunds",
    )
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="sent_by")
    cause = models.CharField(max_length=120, unique=True, editable=False)
    key = models.CharField(_("kunci di penyedia"), max_length=40, unique=True, editable=False)
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    before = MoneyField(_("sudah dikembalikan sebelumnya"), default=0)
    reason = models.TextField(_("alasan"))
    status = models.CharField(_("status"), max_length=7, choices=Status.choices, default=Status.QUEUED)
    provider_refund_id = models.CharField(_("id di penyedia"), max_length=100, blank=True)
    error = models.TextField(_("kata penyedia"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("diminta oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("diminta"), default=timezone.now, editable=False)

    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)

    objects = ProviderRefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("pengembalian lewat penyedia")
        verbose_name_plural = _("pengembalian lewat penyedia")
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="queued"), name="refunds_to_send")]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(status="queued"), name="one_refund_of_an_attempt_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="done", refund__isnull=False) | (~Q(status="done") & Q(refund__isnull=True)),
                name="refund_that_was_sent_is_in_the_books",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="sent_back_is_more_than_nothing"),
            whole_rupiah("amount", "before", name="sent_back_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.attempt.order_id}"


class ProviderRefundEvent(Event):
    provider_refund = models.ForeignKey(ProviderRefund, on_delete=models.CASCADE, related_name="events")
