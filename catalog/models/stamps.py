"""When the catalog last changed, for the caches that every process keeps of it."""

import uuid

from django.db import models


class CatalogStamp(models.Model):
    """One row. What processes remember of the catalog carries its value; another value means: read again."""

    value = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_catalog_stamp")]

    def __str__(self) -> str:
        return str(self.value)
