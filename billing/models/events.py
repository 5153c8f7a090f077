"""What every history table has: when, who, what, from and to. Rows are written with the change and never edited."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    at = models.DateTimeField(_("waktu"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("oleh"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Kosong: sistem."),
    )
    kind = models.CharField(_("kejadian"), max_length=40)
    from_status = models.CharField(_("dari"), max_length=12, blank=True)
    to_status = models.CharField(_("menjadi"), max_length=12, blank=True)
    note = models.TextField(_("catatan"), blank=True)

    class Meta:
        abstract = True
        ordering = ["at", "pk"]
        verbose_name = _("riwayat")
        verbose_name_plural = _("riwayat")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"
