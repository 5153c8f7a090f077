"""One email a day for those who do not want one for each change."""

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from onboarding import notices
from onboarding.models import Case, DigestChoice, DigestEntry

logger = logging.getLogger(__name__)

# By the company's clock.
SENT_FROM = time(18)


@dataclass
class Report:
    sent: int = 0
    failed: int = 0


def is_chosen_by(user: User) -> bool:
    return DigestChoice.objects.filter(user=user).exists()


@transaction.atomic
def choose(*, actor: User, daily: bool) -> None:
    """One email a day from now on, or one for each change again; what waits already still comes with the day's digest."""
    if daily:
        DigestChoice.objects.bulk_create([DigestChoice(user=actor)], ignore_conflicts=True)
    else:
        DigestChoice.objects.filter(user=actor).delete()


def send(now: datetime) -> Report:
    """Send what waits since before six in the evening: today's, or yesterday's before that hour. Safe to run at any time.

    One person's failure stops no other's.
    """
    report = Report()
    until = _evening_before(now)
    waiting = DigestEntry.objects.filter(sent_with="", change__at__lte=until)
    pairs = waiting.order_by("user", "change__case__customer").values_list("user", "change__case__customer").distinct()
    for user_id, customer_id in list(pairs):
        try:
            report.sent += _send(waiting.filter(user=user_id, change__case__customer=customer_id), user_id, now)
        except Exception:
            logger.exception("The digest of user %s for customer %s was not made", user_id, customer_id)
            report.failed += 1
    return report


def _evening_before(now: datetime) -> datetime:
    local = timezone.localtime(now)
    day = local.date() if local.time() >= SENT_FROM else local.date() - timedelta(days=1)
    return datetime.combine(day, SENT_FROM, local.tzinfo)


@transaction.atomic
def _send(waiting: QuerySet[DigestEntry], user_id: int, now: datetime) -> int:
    """The update of the entries decides who of two runs sends them; what the person may not read any more is dropped."""
    person = User.objects.get(pk=user_id)
    _unreadable(waiting, person).delete()
    entries = list(waiting.select_related("change__case__customer").order_by("pk"))
    if not entries:
        return 0
    key = notices.digest_key(person, entries)
    mine = DigestEntry.objects.filter(pk__in=[one.pk for one in entries], sent_with="")
    if mine.update(sent_with=key) != len(entries):
        # Another run has some of them: what it leaves comes an hour later.
        transaction.set_rollback(True)
        return 0
    notices.digest(person, entries[0].change.case.customer, key=key, day=timezone.localdate(now))
    return 1


def _unreadable(waiting: QuerySet[DigestEntry], person: User) -> QuerySet[DigestEntry]:
    if not person.is_active:
        return waiting
    return waiting.exclude(change__case__in=Case.objects.visible_to(person))
