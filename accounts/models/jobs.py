"""When each regular job last ran, so that staff sees a worker or a schedule that stopped."""

from django.db import models
from django.utils import timezone


class JobRun(models.Model):
    """The last run of one job, such as ``sweep-outbox`` (written by ``accounts.jobs``)."""

    name = models.CharField(max_length=60, primary_key=True)
    finished_at = models.DateTimeField(default=timezone.now)
    succeeded = models.BooleanField(default=True)
    summary = models.CharField(max_length=250, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.finished_at:%Y-%m-%d %H:%M}"
