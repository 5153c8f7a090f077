"""Lines that are there already get the feed they came by, and their imports count as recognised: nobody waits for them."""

from django.db import migrations
from django.db.models import F


def say(apps, schema_editor):
    imports = apps.get_model("billing", "StatementImport").objects
    lines = apps.get_model("billing", "StatementLine").objects
    imports.filter(imported_at__isnull=False, recognised_at=None).update(recognised_at=F("imported_at"))
    # Only tables have columns.
    standard = lines.filter(imported__columns__isnull=True)
    standard.filter(imported__source__iendswith=".xml").update(feed="camt")
    standard.exclude(imported__source__iendswith=".xml").update(feed="mt940")


def leave(apps, schema_editor):
    """The fields go with the migration before."""


class Migration(migrations.Migration):
    dependencies = [("billing", "0022_deliver_statements")]
    operations = [migrations.RunPython(say, leave)]
