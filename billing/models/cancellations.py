"""Customers who want to end a service (S7)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.services import Service


class CancellationRequest(models.Model):
    """Until ``Service.ends_on`` it can be withdrawn; from that day on the service is over, and this is ``done_at``."""

    class Reason(models.TextChoices):
        PRICE = "price", _("Harganya terlalu mahal")
        UNUSED = "unused", _("Tidak dipakai lagi")
        QUALITY = "quality", _("Kurang puas dengan layanannya")
        OTHER_PROVIDER = "other", _("Pindah ke penyedia lain")
        ELSE = "else", _("Alasan lain")

    class When(models.TextChoices):
        PERIOD_END = "period_end", _("Pada akhir periode yang sudah dibayar")
        NOW = "now", _("Besok, tanpa menunggu akhir periode")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="cancellation_requests")
    when = models.CharField(_("kapan"), max_length=10, choices=When.choices)
    reason = models.CharField(_("alasan"), max_length=7, choices=Reason.choices)
    comment = models.TextField(_("keterangan"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("diminta oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("diminta"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True)
    done_at = models.DateTimeField(_("berakhir"), null=True)

    class Meta:
        verbose_name = _("permintaan berhenti")
        verbose_name_plural = _("permintaan berhenti")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(withdrawn_at=None, done_at=None),
                name="one_open_cancellation_request_per_service",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(done_at=None), name="cancellation_is_withdrawn_or_done_not_both"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.get_when_display()}"
