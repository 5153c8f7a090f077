"""What staff arranged for customers who wait too long: raise, assign, notify; each rule once for each wait."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import outbox
from accounts.models import User
from accounts.office_hours import due_at
from tickets import access, arranging, transitions
from tickets.models import EscalationRule, EscalationRun, Ticket

logger = logging.getLogger(__name__)

SEE = "tickets.view_ticket"


@dataclass
class Report:
    escalated: int = 0
    failed: int = 0


def escalate(now: datetime) -> Report:
    """Apply every active rule to the tickets whose customers have waited that long. One failure stops nothing else."""
    report = Report()
    for rule in EscalationRule.objects.filter(active=True).select_related("assign_to", "notify_user", "notify_group"):
        # All of them first: on SQLite a query that is still being read would be in the way of writing.
        for ticket in list(_waiting(rule, now)):
            try:
                report.escalated += _apply(rule, ticket, now)
            except Exception:
                logger.exception("Rule %s could not be applied to ticket %s", rule.pk, ticket.pk)
                report.failed += 1
    return report


def _waiting(rule: EscalationRule, now: datetime) -> QuerySet[Ticket]:
    """Where a customer has waited long enough by the clock on the wall; office time is counted for each."""
    done = EscalationRun.objects.filter(rule=rule, ticket=OuterRef("pk"), waiting_since=OuterRef("waiting_since"))
    long_enough = Q(waiting_since__lte=now - timedelta(minutes=rule.waiting_minutes), merged_into=None)
    fitting = Ticket.objects.waiting().filter(~Exists(done), long_enough).select_related("department")
    if rule.department_id:
        fitting = fitting.filter(department=rule.department_id)
    if rule.priority:
        fitting = fitting.filter(priority__gte=rule.priority)
    return fitting


@transaction.atomic
def _apply(rule: EscalationRule, ticket: Ticket, now: datetime) -> int:
    """The row of the run decides who of two acts; what was answered since it was read is left alone."""
    if due_at(ticket.waiting_since, rule.waiting_minutes, ticket.department.hours) > now:
        return 0
    waiting_since = ticket.waiting_since
    transitions.hold(ticket)
    if ticket.waiting_since != waiting_since:
        return 0
    run, made = EscalationRun.objects.get_or_create(
        rule=rule, ticket=ticket, waiting_since=waiting_since, defaults={"at": now}
    )
    if not made:
        return 0
    transitions.remark(ticket, "escalated", actor=None, note=str(rule))
    if rule.set_priority and rule.set_priority > ticket.priority:
        arranging.set_priority(ticket=ticket, priority=rule.set_priority, actor=None)
    _assign(rule, ticket)
    _notify(rule, run)
    return 1


def _assign(rule: EscalationRule, ticket: Ticket) -> None:
    """To somebody who works there; the rule may be older than the departments' staff."""
    person = rule.assign_to
    if person is None:
        return
    if not access.may_answer(person, ticket):
        logger.warning("Rule %s assigns ticket %s to somebody who cannot answer it", rule.pk, ticket.pk)
        return
    arranging.assign(ticket=ticket, assignee=person, actor=None)


def _notify(rule: EscalationRule, run: EscalationRun) -> None:
    for person in _told(rule):
        if not (person.has_perm(SEE) and Ticket.objects.for_staff(person).filter(pk=run.ticket_id).exists()):
            logger.warning("Rule %s notifies somebody who cannot see ticket %s", rule.pk, run.ticket_id)
            continue
        outbox.enqueue(
            key=f"escalation:{run.pk}:user:{person.pk}",
            to=person.email,
            template="tickets/ticket_escalated",
            arguments={"run_id": run.pk},
            language=person.language,
            user=person,
        )


def _told(rule: EscalationRule) -> Iterable[User]:
    """The person and the group's members, each once."""
    named = Q(pk=rule.notify_user_id) if rule.notify_user_id else Q(pk=None)
    if rule.notify_group_id:
        members = Group.objects.get(pk=rule.notify_group_id).user_set.values("pk")
        named |= Q(pk__in=members)
    return User.objects.filter(named, is_staff=True, is_active=True).order_by("pk")
