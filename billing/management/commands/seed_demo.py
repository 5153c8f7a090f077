"""``manage.py seed_demo``: the demo shop, whole. It may run again: what is there stays as it is."""

from django.core.management.base import BaseCommand

from catalog import demo as catalog_demo


class Command(BaseCommand):
    help = "Load the demo shop: three companies' offers, people of every kind, orders and invoices in every state."

    def handle(self, *args, **options) -> None:
        catalog_demo.load()
        self.stdout.write("The demo shop is loaded.")
