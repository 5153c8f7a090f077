"""``manage.py verify_ledger``: nightly, after a restore, and after every fault test."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from billing import checks, ledger


class Command(BaseCommand):
    help = "Check that money, numbers, stock, history, emails and files agree (V1 to V9); exit 1 where they do not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rules", nargs="*", choices=[[], *ledger.CHECKS], help="Only these, such as V2 V4.")

    def handle(self, *, rules: list[str], **options) -> None:
        asked = rules or list(ledger.CHECKS)
        # Only the whole of it is kept for the staff's pages.
        found = self._some(rules) if rules else checks.check_books(self.stdout.write).count
        if found:
            raise CommandError(f"{found} breaches of {', '.join(asked)}.", returncode=1)
        self.stdout.write(f"{', '.join(asked)} hold.")

    def _some(self, rules: list[str]) -> int:
        found = 0
        for breach in ledger.verify({rule: check for rule, check in ledger.CHECKS.items() if rule in rules}):
            found += 1
            self.stdout.write(str(breach))
        return found
