"""What the shop itself is told about its books."""

from django.urls import reverse

from accounts import dates, outbox
from billing.emails.about import link, sample
from billing.models import LedgerCheck

MOST_NAMED = 10


@outbox.email("billing/books_disagree", sample=sample(lambda: LedgerCheck.objects.filter(count__gt=0), check_id="pk"))
def books_disagree(*, check_id: int, reveal: bool) -> outbox.Content:
    check = LedgerCheck.objects.get(pk=check_id)
    named = check.breaches[:MOST_NAMED]
    return outbox.Content(
        {
            "count": check.count,
            "when": dates.short_moment(check.finished_at),
            "findings": [f"{one['rule']} {one['row']}: {one['message']}" for one in named],
            "more": check.count - len(named),
            "link": link(reverse("admin:billing_ledgercheck_change", args=[check.pk])),
        }
    )
