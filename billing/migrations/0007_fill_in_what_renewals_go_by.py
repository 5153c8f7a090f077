"""Services that exist are renewed from the first day that was not invoiced; suspended ones were so by staff."""

from django.db import migrations
from django.db.models import F
from django.utils import timezone


def fill_in(apps, schema_editor):
    services = apps.get_model("billing", "Service").objects
    services.filter(next_due__isnull=False, renews_from=None).update(renews_from=F("next_due"))
    services.filter(status="suspended", suspended_at=None).update(suspended_at=timezone.now(), suspended_because="staff")


def take_out(apps, schema_editor):
    apps.get_model("billing", "Service").objects.update(renews_from=None, suspended_at=None, suspended_because="")


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_renewals_and_the_daily_run")]

    operations = [migrations.RunPython(fill_in, take_out)]
