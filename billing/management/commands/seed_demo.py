"""``manage.py seed_demo``: the demo shop, whole. It may run again: what is there stays as it is."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import module_has_submodule

from accounts import demo as accounts_demo


class Command(BaseCommand):
    help = "Load the demo shop: offers, people of every kind, orders, invoices and tickets in every state."

    def handle(self, *args, **options) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's passwords are known to everybody: not in production.")
        # In the order of INSTALLED_APPS, in which each app builds on those before it.
        for app in apps.get_app_configs():
            if module_has_submodule(app.module, "demo"):
                import_module(f"{app.name}.demo").load()
        if not options["verbosity"]:
            return
        for who, address, password in accounts_demo.sign_ins():
            self.stdout.write(f"{who:<40} {address:<32} {password}")
