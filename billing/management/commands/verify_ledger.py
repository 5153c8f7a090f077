"""``manage.py verify_ledger``: nightly, after a restore, and after every fault test."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from accounts import jobs
from billing import ledger


class Command(BaseCommand):
    help = "Check that money, numbers, stock, history, emails and files agree (V1 to V9); exit 1 where they do not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rules", nargs="*", choices=[[], *ledger.CHECKS], help="Only these, such as V2 V4.")

    def handle(self, *, rules: list[str], **options) -> None:
        wanted = {rule: check for rule, check in ledger.CHECKS.items() if not rules or rule in rules}
        found = 0
        for breach in ledger.verify(wanted):
            found += 1
            self.stdout.write(str(breach))
        if not rules:
            jobs.record(jobs.VERIFY_LEDGER, succeeded=not found, summary=str(found))
        if found:
            raise CommandError(f"{found} breaches of {', '.join(wanted)}.", returncode=1)
        self.stdout.write(f"{', '.join(wanted)} hold.")
