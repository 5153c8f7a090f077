"""The outbox: an email is a row first, written in the transaction of the event that it tells of."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

RETRY_FOR = timedelta(hours=24)


def a_day_from_now() -> datetime:
    return timezone.now() + RETRY_FOR


class OutboxEmail(models.Model):
    """One email to one address. ``key`` makes a second request for the same email harmless.

    ``template`` names a registered email (``accounts.outbox.email``) and ``arguments`` its primitive arguments, such as
    ``{"invoice_id": 12}``; the worker builds the text from them. What was sent is kept in ``subject`` and the bodies, with
    login details masked.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Menunggu")
        SENDING = "sending", _("Sedang dikirim")
        SENT = "sent", _("Terkirim")
        FAILED = "failed", _("Gagal")

    key = models.CharField(max_length=150, unique=True)
    to = models.EmailField(_("kepada"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="emails"
    )
    customer = models.ForeignKey(
        "accounts.Customer", on_delete=models.SET_NULL, null=True, blank=True, related_name="emails"
    )
    template = models.CharField(_("templat"), max_length=80)
    arguments = models.JSONField(default=dict)
    language = models.CharField(_("bahasa"), max_length=2, default="id")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED)
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now)
    due_at = models.DateTimeField(_("kirim mulai"), default=timezone.now)
    retry_until = models.DateTimeField(_("dicoba sampai"), default=a_day_from_now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.TextField(_("galat terakhir"), blank=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    subject = models.CharField(_("subjek"), max_length=250, blank=True)
    text_body = models.TextField(blank=True)
    html_body = models.TextField(blank=True)

    class Meta:
        verbose_name = _("email keluar")
        verbose_name_plural = _("email keluar")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "due_at"], name="outbox_by_status_and_due"),
            models.Index(fields=["customer", "-created_at"], name="outbox_by_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False), name="sent_email_has_its_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.to}"
