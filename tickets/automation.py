"""What happens by itself: silent tickets are closed after a warning (Q1), and old presence is forgotten.

Everything takes the time as an argument and may run any number of times a day.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import dates
from tickets import closing, notices, transitions, writing
from tickets.models import Department, Presence, Ticket, TicketEvent

logger = logging.getLogger(__name__)

WARNED_BEFORE = timedelta(days=1)
# Rows that are half a minute old mean nothing; these are long forgotten.
PRESENCE_KEPT_FOR = timedelta(hours=1)
Status = Ticket.Status


@dataclass
class Report:
    warned: int = 0
    closed: int = 0
    failed: int = 0


def close_silent_tickets(now: datetime) -> Report:
    """Warn and close what customers leave unanswered. One ticket's failure stops no other.

    A ticket whose warning was missed is warned first and closed a day later. Departments with 0 days close nothing.
    """
    report = Report()
    for department in Department.objects.filter(auto_close_days__gt=0):
        silent = _silent_since(department, now - timedelta(days=department.auto_close_days) + WARNED_BEFORE)
        report.warned += _each(silent.filter(close_warned_at=None), now, _warn, report)
        warned = _answered(department).filter(close_warned_at__lte=now - WARNED_BEFORE)
        report.closed += _each(warned, now, _close, report)
    return report


def _answered(department: Department) -> QuerySet[Ticket]:
    return Ticket.objects.filter(department=department, status=Status.ANSWERED, merged_into=None).order_by("pk")


def _silent_since(department: Department, moment: datetime) -> QuerySet[Ticket]:
    """Where nobody wrote since ``moment``, and staff did not set "answered" without a word later than that."""
    answered_at = (
        TicketEvent.objects.filter(ticket=OuterRef("pk"), to_status=Status.ANSWERED).order_by("-at").values("at")[:1]
    )
    # The index knows the column alone; the rest is asked of what it leaves.
    few = _answered(department).filter(last_staff_message_at__lte=moment)
    quiet_since = Greatest("last_message_at", Coalesce(Subquery(answered_at), "last_message_at"))
    return few.annotate(quiet_since=quiet_since).filter(quiet_since__lte=moment)


def _each(tickets: QuerySet[Ticket], now: datetime, act: Callable[[Ticket, datetime], int], report: Report) -> int:
    """How many were acted on; the failures are counted in the report."""
    done = 0
    # The keys first: on SQLite a query that is still being read would be in the way of writing.
    for pk in list(tickets.values_list("pk", flat=True)):
        try:
            done += act(Ticket.objects.select_related("department", "customer").get(pk=pk), now)
        except Exception:
            logger.exception("Ticket %s could not be warned or closed", pk)
            report.failed += 1
    return done


@transaction.atomic
def _warn(ticket: Ticket, now: datetime) -> int:
    """Tell the customer, once: the update that sets the time decides who of two runs does."""
    unwarned = Ticket.objects.filter(
        pk=ticket.pk, status=Status.ANSWERED, close_warned_at=None, last_message_at=ticket.last_message_at
    )
    if not unwarned.update(close_warned_at=now):
        return 0
    ticket.refresh_from_db()
    transitions.remark(ticket, "close_warned", actor=None)
    notices.news(writing.system(ticket=ticket, text=_warning(ticket, now + WARNED_BEFORE)))
    return 1


def _warning(ticket: Ticket, closes_at: datetime) -> str:
    with translation.override(ticket.language):
        return _(
            "Kami belum menerima kabar dari Anda. Tanpa balasan, tiket ini kami tutup setelah %(moment)s. "
            "Masih perlu bantuan? Balas saja: tiket ini tetap terbuka."
        ) % {"moment": dates.long_moment(closes_at)}


def _close(ticket: Ticket, now: datetime) -> int:
    """Unless somebody wrote since it was read."""
    as_read = Q(status=Status.ANSWERED, close_warned_at=ticket.close_warned_at)
    try:
        closing.close(ticket=ticket, actor=None, only_if=as_read)
    except transitions.InvalidTransition:
        return 0
    return 1


def forget_presence(now: datetime) -> int:
    """Remove the rows of people who left long ago; returns how many."""
    gone, _by_model = Presence.objects.filter(at__lt=now - PRESENCE_KEPT_FOR).delete()
    return gone
