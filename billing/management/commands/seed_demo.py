"""``manage.py seed_demo``: the demo shop, whole. It may run again: what is there stays as it is."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import demo as accounts_demo
from billing import demo as billing_demo
from catalog import demo as catalog_demo


class Command(BaseCommand):
    help = "Load the demo shop: three companies' offers, people of every kind, orders and invoices in every state."

    def handle(self, *args, **options) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's passwords are known to everybody: not in production.")
        catalog_demo.load()
        accounts_demo.load()
        billing_demo.load()
        if not options["verbosity"]:
            return
        for who, address, password in accounts_demo.sign_ins():
            self.stdout.write(f"{who:<40} {address:<32} {password}")
