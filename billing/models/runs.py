"""The daily run of billing: when it ran, what it did, and what failed and waits for staff."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BillingRun(models.Model):
    """One run, for one day of the company's time zone. ``counts`` says by step how many it did.

    Its row is written as it goes, so that staff see how far a run of an hour is, and where a killed one stopped.
    """

    day = models.DateField(_("untuk tanggal"))
    started_at = models.DateTimeField(_("mulai"), default=timezone.now)
    seen_at = models.DateTimeField(_("terakhir bergerak"), default=timezone.now)
    finished_at = models.DateTimeField(_("selesai"), null=True)
    counts = models.JSONField(_("hasil"), default=dict)
    failed = models.PositiveIntegerField(_("gagal"), default=0)

    class Meta:
        verbose_name = _("proses harian")
        verbose_name_plural = _("proses harian")
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["-started_at"], name="runs_by_time")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} #{self.pk}"


class LedgerCheck(models.Model):
    """One check of all books (V1 … V9): what it found, each as its rule, row and words."""

    started_at = models.DateTimeField(_("mulai"), default=timezone.now)
    finished_at = models.DateTimeField(_("selesai"), null=True)
    breaches = models.JSONField(_("temuan"), default=list)
    # Beyond what is kept of them.
    count = models.PositiveIntegerField(_("jumlah temuan"), default=0)

    class Meta:
        verbose_name = _("pemeriksaan buku")
        verbose_name_plural = _("pemeriksaan buku")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class BillingFailure(models.Model):
    """Something that a run could not do. One row per step and subject, until it works or staff lets go of it."""

    step = models.CharField(_("langkah"), max_length=20)
    subject = models.CharField(_("tentang"), max_length=60)
    customer = models.ForeignKey(
        "accounts.Customer", verbose_name=_("pelanggan"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    error = models.TextField(_("galat"))
    first_at = models.DateTimeField(_("pertama"), default=timezone.now)
    last_at = models.DateTimeField(_("terakhir"), default=timezone.now)
    times = models.PositiveIntegerField(_("berapa kali"), default=1)
    settled_at = models.DateTimeField(_("beres"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("kegagalan proses harian")
        verbose_name_plural = _("kegagalan proses harian")
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "subject"], condition=Q(settled_at=None), name="one_open_failure_per_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.subject}"
