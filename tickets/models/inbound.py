"""Every email that came in, kept as it came, with what became of it (V9)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.messages import Message
from tickets.models.tickets import Ticket


class InboundEmail(models.Model):
    class Outcome(models.TextChoices):
        RECEIVED = "received", _("Diterima, belum diproses")
        REPLIED = "replied", _("Menjadi balasan")
        OPENED = "opened", _("Menjadi tiket baru")
        IGNORED = "ignored", _("Diabaikan")
        FAILED = "failed", _("Gagal")

    # The source: a provider's name, or "imap".
    provider = models.CharField(_("sumber"), max_length=30)
    received_at = models.DateTimeField(_("diterima"), default=timezone.now)
    # The same email told twice is one row.
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    raw = models.FileField(upload_to="inbound/")
    email_message_id = models.CharField(max_length=250, blank=True)
    sender = models.CharField(_("dari"), max_length=254, blank=True)
    recipient = models.CharField(_("kepada"), max_length=254, blank=True)
    subject = models.CharField(_("judul"), max_length=250, blank=True)
    outcome = models.CharField(_("hasil"), max_length=8, choices=Outcome.choices, default=Outcome.RECEIVED)
    # Why it was ignored, or what failed.
    reason = models.TextField(_("alasan"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    ticket = models.ForeignKey(
        Ticket, verbose_name=_("tiket"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="inbound_email"
    )

    class Meta:
        verbose_name = _("email masuk")
        verbose_name_plural = _("email masuk")
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["outcome", "received_at"], name="inbound_by_outcome")]

    def __str__(self) -> str:
        return f"{self.sender}: {self.subject}"
