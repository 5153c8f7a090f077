"""Days on which nobody works: promises skip them."""

from django.core.cache import caches
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line

CACHE_KEY = "holidays"
# Other processes see a new holiday within this many seconds.
CACHE_SECONDS = 5


class Holiday(models.Model):
    """A public or company holiday; ``Holiday.dates()`` reads them all, cached in the process for a few seconds."""

    date = models.DateField(_("tanggal"), unique=True)
    name = models.CharField(_("nama"), max_length=120, validators=[validate_one_line])

    class Meta:
        verbose_name = _("hari libur")
        verbose_name_plural = _("hari libur")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}"

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        caches["process"].delete(CACHE_KEY)

    def delete(self, *args, **kwargs):
        gone = super().delete(*args, **kwargs)
        caches["process"].delete(CACHE_KEY)
        return gone

    @classmethod
    def dates(cls) -> frozenset[date]:
        found = caches["process"].get(CACHE_KEY)
        if found is None:
            found = frozenset(cls.objects.values_list("date", flat=True))
            caches["process"].set(CACHE_KEY, found, CACHE_SECONDS)
        return found
