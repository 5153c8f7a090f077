"""``manage.py run_billing``: invoices, reminders and suspensions that are due; harmless to repeat."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing import daily


class Command(BaseCommand):
    help = (
        "Do what is due today: renewal invoices, reminders, suspensions, unpaid orders. Repeating it changes nothing."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--date", help="as if today were this day, such as 2026-12-31")

    def handle(self, *args, **options) -> None:
        run = daily.run(_day(options["date"]))
        for step, counts in run.counts.items():
            self.stdout.write(f"{step}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
        if run.failed:
            raise CommandError(f"{run.failed} failed; the admin lists them under the daily run.")


def _day(text: str | None) -> date:
    if not text:
        return timezone.localdate()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no day; write it as 2026-12-31") from error
