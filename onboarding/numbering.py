"""Numbers of quotations: ``QT-2026-0142``. They count up; a quotation that was not sent after all leaves a gap."""

from django.db import models, transaction

from onboarding.models import QuotationCounter


@transaction.atomic
def take(year: int) -> str:
    """The next number of the year. In a transaction of its own: the number is printed before the quotation is written."""
    counter = QuotationCounter.objects.filter(year=year)
    if not counter.update(value=models.F("value") + 1):
        # Two may come first at once: the row of one stands, and both count on from it.
        QuotationCounter.objects.bulk_create([QuotationCounter(year=year)], ignore_conflicts=True)
        counter.update(value=models.F("value") + 1)
    return f"QT-{year}-{counter.values_list('value', flat=True).get():04}"
