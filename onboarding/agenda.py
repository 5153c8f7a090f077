"""What waits for a member of staff: whose cases are theirs to think of, and what of them is for today."""

from datetime import datetime, time, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from onboarding.models import Appointment, Case, Document, Stage
from onboarding.models.cases import assigned_to
from onboarding.models.templates import Completion

MINE, TEAM, ALL = "mine", "team", "all"
SEE_ALL = "onboarding.see_all_cases"


def of_whom(user: User, whose: str) -> QuerySet[Case]:
    """Of what the person may see: the cases that they look after, now or at a later stage; those of their teams; or all."""
    cases = Case.objects.for_staff(user)
    if whose == MINE:
        return cases.filter(Q(pic=user) | assigned_to(user))
    if whose == TEAM:
        return cases.filter(team__in=user.groups.values("pk"))
    return cases


def mine_or_unassigned(user: User) -> QuerySet[Case]:
    """Cases that are the person's to think of: those that they look after, and those of their teams without anybody."""
    return Case.objects.for_staff(user).filter(Q(pic=user) | _without_anybody(user))


def appointments_today(user: User) -> QuerySet[Appointment]:
    """Of the person's cases, until midnight by the company's clock; with what is over and was not marked yet."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time.min))
    going_on = of_whom(user, MINE).exclude(status=Case.Status.STOPPED)
    scheduled = Appointment.objects.filter(status=Appointment.Status.SCHEDULED, starts_at__lt=midnight)
    return scheduled.filter(case__in=going_on).order_by("starts_at", "pk")


def overdue(user: User) -> QuerySet[Case]:
    """Running cases of the person whose stage or turn is past its day."""
    today = timezone.localdate()
    late = Q(stage_due_on__lt=today) | Q(turn_due_on__lt=today)
    running = of_whom(user, MINE).filter(late, status=Case.Status.ACTIVE)
    return running.order_by(F("turn_due_on").asc(nulls_last=True), "pk")


def unassigned(user: User) -> QuerySet[Case]:
    """Running cases without a PIC: of the person's teams, and of no team for who sees all of them."""
    running = Case.objects.for_staff(user).filter(_without_anybody(user), status=Case.Status.ACTIVE)
    return running.order_by("stage_since", "pk")


def _without_anybody(user: User) -> Q:
    return Q(pic=None) if user.has_perm(SEE_ALL) else Q(pic=None, team__in=user.groups.values("pk"))


def to_receive(user: User) -> QuerySet[Document]:
    """Signed files that nobody looked at yet."""
    signed = Document.objects.filter(status=Document.Status.SIGNED, case__in=mine_or_unassigned(user))
    return signed.exclude(case__status=Case.Status.STOPPED).order_by("signed_at", "pk")


def paid_but_stopped(user: User) -> QuerySet[Case]:
    """Somebody paid, and nobody works on it: to be reopened, or paid back."""
    paid = Stage.objects.filter(
        case=OuterRef("pk"),
        completion=Completion.INVOICE_PAID,
        status=Stage.Status.DONE,
        done_at__gte=OuterRef("stopped_at"),
    )
    stopped = mine_or_unassigned(user).filter(status=Case.Status.STOPPED)
    return stopped.filter(Exists(paid)).order_by("stopped_at", "pk")
