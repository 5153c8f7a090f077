"""What customers are promised, in a department's office hours and in words, and how fast it really is (K7, Q2)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates
from accounts.office_hours import due_at
from accounts.promises import MOST_MEASURED, Promise, usual_minutes
from tickets.models import Department, Ticket


def answer_due(department: Department, since: datetime) -> datetime:
    """When a message of ``since`` will be answered."""
    return due_at(since, department.first_answer_minutes, department.hours)


def resolution_due(department: Department, since: datetime) -> datetime:
    return due_at(since, department.resolution_minutes, department.hours)


def of_ticket(ticket: Ticket, now: datetime | None = None) -> Promise | None:
    """How the ticket stands against its promise, for staff; ``None`` while no customer waits."""
    if ticket.answer_due_at is None:
        return None
    department = ticket.department
    return Promise.until(
        ticket.answer_due_at,
        since=ticket.waiting_since,
        minutes=department.first_answer_minutes,
        hours=department.hours,
        now=now,
    )


def before(due: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """``hari ini sebelum 15.30 WIB``, ``besok sebelum 09.00 WIB``, ``Senin, 23 November 2026, sebelum 09.00 WIB``."""
    with timezone.override(zone):
        today = timezone.localdate(now)
        day = timezone.localdate(due)
        words = {"clock": dates.clock(due), "day": dates.full_date(due)}
    if day == today:
        return _("hari ini sebelum %(clock)s") % words
    if day == today + timedelta(days=1):
        return _("besok sebelum %(clock)s") % words
    return _("%(day)s, sebelum %(clock)s") % words


def expected_answer(department: Department, now: datetime | None = None) -> str:
    """For the form of a new ticket: what is promised to whoever sends it now."""
    now = now or timezone.now()
    return before(answer_due(department, now), department.zone, now)


def answer_words(ticket: Ticket, now: datetime | None = None) -> str:
    """``Perkiraan jawaban: hari ini sebelum 15.30 WIB``; an excuse when it is late; empty while it is not our turn."""
    if ticket.answer_due_at is None:
        return ""
    now = now or timezone.now()
    words = {"when": before(ticket.answer_due_at, ticket.department.zone, now)}
    if ticket.answer_due_at >= now:
        return _("Perkiraan jawaban: %(when)s") % words
    return _("Maaf, jawaban kami terlambat. Anda tetap dalam antrean.")


@dataclass(frozen=True)
class Measured:
    """The medians of what a department did lately, in its office minutes; ``None`` for nothing yet."""

    first_answer: int | None
    resolution: int | None


def measured(department: Department) -> Measured:
    return measured_by_department([department])[department.pk]


def measured_by_department(departments: Sequence[Department]) -> dict[int, Measured]:
    """By the department's id, from the last ``MOST_MEASURED`` of each; two queries, however many departments."""
    tickets = Ticket.objects.filter(department__in=departments, first_answered_at__isnull=False)
    answers = _spans(tickets, "first_answered_at")
    resolutions = _spans(tickets.filter(closed_at__isnull=False), "closed_at")
    return {
        one.pk: Measured(
            usual_minutes(answers.get(one.pk, []), one.hours), usual_minutes(resolutions.get(one.pk, []), one.hours)
        )
        for one in departments
    }


def _spans(tickets: QuerySet[Ticket], end: str) -> dict[int, list[tuple[datetime, datetime]]]:
    """By department, from opened to ``end``, of the latest ones."""
    place = Window(RowNumber(), partition_by="department", order_by=F(end).desc())
    latest = tickets.order_by().annotate(place=place).filter(place__lte=MOST_MEASURED)
    spans = defaultdict(list)
    for department, start, finish in latest.values_list("department", "created_at", end):
        spans[department].append((start, finish))
    return spans
