"""PICs: who looks after which stage, from when to when (ON4)."""

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from onboarding import access, changes, settling, transitions
from onboarding.models import Case, Change, PicAssignment, Stage
from onboarding.refusals import NotAPic, NotOpen, StageIsOver


def workers() -> QuerySet[User]:
    """Active staff who work on onboarding, of whichever team."""
    app_label, codename = access.WORK.split(".")
    permission = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    works = Q(is_superuser=True) | Q(user_permissions__in=permission) | Q(groups__permissions__in=permission)
    return User.objects.filter(works, is_active=True, is_staff=True).order_by("name", "pk").distinct()


def candidates(stage: Stage) -> QuerySet[User]:
    """Who may be the stage's PIC: those who work on onboarding, of the stage's team where it has one."""
    if not stage.pic_group_id:
        return workers()
    # Asked on its own: the group that lets somebody work may be another than the team.
    return workers().filter(pk__in=User.objects.filter(groups=stage.pic_group_id))


def is_candidate(person: User, stage: Stage) -> bool:
    return candidates(stage).filter(pk=person.pk).exists()


@transaction.atomic
def assign(*, stage: Stage, pic: User | None, actor: User) -> None:
    """Make somebody the stage's PIC in place of who was, or nobody: of the current stage now, of a later one in advance.

    The same person again changes nothing. Customers are told. Raises ``NotAllowed``, ``NotAPic``, ``StageIsOver`` and
    ``NotOpen``.
    """
    case = stage.case
    access.require_work(actor, case)
    transitions.hold(case)
    stage.refresh_from_db(fields=["status"])
    if case.status == Case.Status.STOPPED:
        raise NotOpen(case)
    if stage.status in (Stage.Status.DONE, Stage.Status.SKIPPED):
        raise StageIsOver(stage)
    if pic is not None and not is_candidate(pic, stage):
        raise NotAPic(stage, pic)
    if replace(stage, pic, actor):
        changes.record(case=case, kind=Change.Kind.PIC, actor=actor, stage=stage)
        settling.settle(case)


def current(stage: Stage) -> User | None:
    """The stage's PIC: that of its open assignment."""
    row = stage.assignments.filter(ended_at=None).select_related("pic").first()
    return row and row.pic


def replace(stage: Stage, pic: User | None, actor: User | None) -> bool:
    """Write the history, in a transaction that holds the case; whether anything changed."""
    before = stage.assignments.filter(ended_at=None).values_list("pic", flat=True).first()
    if before == (pic and pic.pk):
        return False
    end(stage)
    if pic is not None:
        PicAssignment.objects.create(stage=stage, pic=pic, assigned_by=actor)
    transitions.remark(stage, "pic_assigned", actor=actor, note=str(pic or ""))
    return True


def end(stage: Stage) -> None:
    """The stage is over, or somebody else's: its assignment becomes history."""
    stage.assignments.filter(ended_at=None).update(ended_at=timezone.now())


def take_over(stage: Stage, before: Stage | None, pic_before: User | None, actor: User | None) -> bool:
    """Who looks after a stage that is entered: whoever was assigned in advance; else who had it when the case was here
    before; else the PIC of the stage ``before``, where both are of one team or this is of none; else nobody.

    Whether the case has another PIC than before.
    """
    pic = current(stage)
    if pic is None:
        pic = _last_of(stage) or _of_same_team(stage, before, pic_before)
        if pic is not None:
            replace(stage, pic, actor)
    return pic is not None and pic != pic_before


def _last_of(stage: Stage) -> User | None:
    row = stage.assignments.select_related("pic").order_by("-pk").first()
    return row.pic if row and is_candidate(row.pic, stage) else None


def _of_same_team(stage: Stage, before: Stage | None, pic: User | None) -> User | None:
    if pic is None or before is None:
        return None
    same = stage.pic_group_id is None or stage.pic_group_id == before.pic_group_id
    return pic if same and is_candidate(pic, stage) else None
