"""A case's way through its stages (ON1): the one door through which a stage changes its state.

Whatever changes a case holds its row first, so that of two who come at once the second sees what the first did. What staff
does carries ``seen``, the id of the stage that was current on their page: they are told if it is not any more.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import lifecycle
from billing.models import Invoice, Service
from onboarding import access, changes, facts, pics, planning, transitions, turns
from onboarding.models import Case, Change, Stage, StageKey
from onboarding.models.templates import Completion
from onboarding.refusals import (
    CannotSkip,
    LastStage,
    NotOpen,
    ReasonMissing,
    SomebodyWasFaster,
    StageIsOver,
    StillMissing,
)
from onboarding.settling import current_stage, settle

__all__ = ["finish", "move", "reenter", "satisfy", "set_due", "settle", "skip", "undo_fact"]

Status = Stage.Status


@transaction.atomic
def move(*, case: Case, to: Stage, actor: User, seen: int, reason: str = "") -> None:
    """Bring the case to another of its stages, as staff decides; to the current one: nothing.

    Forward the current stage is done (or skipped, where it may be and what ends it has not happened), and optional stages
    between are skipped; mandatory ones are not jumped over. Back, also from live, takes ``move_back_case`` and a reason for
    staff; what happened in between stays. Raises ``NotAllowed``, ``NotOpen``, ``SomebodyWasFaster``, ``StillMissing``,
    ``CannotSkip``, ``StageIsOver`` and ``ReasonMissing``.
    """
    access.require_work(actor, case)
    stage = _hold_at(case, seen)
    stages = list(case.stages.all())
    to = next(one for one in stages if one.pk == to.pk)
    place, target = stages.index(stage), stages.index(to)
    if target < place:
        _move_back(case, stage, to, actor, reason)
    elif target > place:
        _move_forward(case, stage, to, stages[place + 1 : target], actor, reason)
    settle(case)


@transaction.atomic
def finish(*, case: Case, actor: User, seen: int) -> None:
    """End the current stage by hand and enter the next; finishing go-live activates the service and makes the case live.

    Raises ``NotAllowed``, ``NotOpen``, ``SomebodyWasFaster``, ``LastStage``, and ``StillMissing`` where the stage ends with
    something that has not happened.
    """
    access.require_work(actor, case)
    stage = _hold_at(case, seen)
    if stage.key != StageKey.GO_LIVE and _next(case, stage) is None:
        raise LastStage(stage)
    _complete(case, stage, actor)
    settle(case)


@transaction.atomic
def skip(*, case: Case, actor: User, seen: int, reason: str) -> None:
    """Pass over the current stage, which has to be optional, and enter the next; the reason is for staff.

    Raises ``NotAllowed``, ``NotOpen``, ``SomebodyWasFaster``, ``CannotSkip``, ``LastStage`` and ``ReasonMissing``.
    """
    access.require_work(actor, case)
    stage = _hold_at(case, seen)
    if not _may_skip(stage):
        raise CannotSkip(stage)
    if not reason.strip():
        raise ReasonMissing
    following = _next(case, stage)
    if following is None:
        raise LastStage(stage)
    _close(stage, Status.SKIPPED, actor, reason.strip())
    _enter(case, following, actor, before=stage)
    settle(case)


@transaction.atomic
def satisfy(*, case: Case, completion: str, actor: User | None, stage: Stage | None = None) -> None:
    """Something happened that ends stages with that ``completion``, or the ``stage`` alone: the caller has made sure of it.

    The current stage is done and the case moves on; one whose turn has not come is done early, with today's date, and passed
    over later; of a case that stopped the date is filled in and nothing moves. What is done or skipped already stays, so
    that the same fact twice is one. Customers are told of what they see.
    """
    transitions.hold(case)
    waiting = case.stages.filter(completion=completion, status__in=[Status.UPCOMING, Status.CURRENT])
    for one in waiting.filter(pk=stage.pk) if stage else waiting:
        _satisfy(case, one, actor)
    settle(case)


@transaction.atomic
def undo_fact(*, case: Case, completion: str, actor: User | None, stage: Stage | None = None) -> None:
    """What had ended stages is not so any more, such as a payment that was reversed: their date goes.

    A running case that is past the stage goes back to it; a live or stopped one stays where it is. Nothing happens to stages
    that are not done.
    """
    transitions.hold(case)
    done = case.stages.filter(completion=completion, status=Status.DONE)
    for one in done.filter(pk=stage.pk) if stage else done:
        _undo(case, one, actor)
    settle(case)


@transaction.atomic
def set_due(*, stage: Stage, due_on: date | None, actor: User) -> None:
    """Promise another day for a stage that is not over, or none; the days of later stages follow. Customers are told.

    Raises ``NotAllowed``, ``NotOpen`` and ``StageIsOver``.
    """
    case = stage.case
    access.require_work(actor, case)
    transitions.hold(case)
    if case.status == Case.Status.STOPPED:
        raise NotOpen(case)
    stage.refresh_from_db(fields=["status", "due_on"])
    if stage.status in (Status.DONE, Status.SKIPPED):
        raise StageIsOver(stage)
    if stage.due_on == due_on:
        return
    planning.promise(stage, due_on, actor)
    changes.record(case=case, kind=Change.Kind.DUE, actor=actor, stage=stage)
    settle(case)


def reenter(case: Case, actor: User | None) -> None:
    """A case that stopped runs again, in the caller's transaction: at the first stage that is not over."""
    stage = current_stage(case)
    first = case.stages.filter(status__in=[Status.UPCOMING, Status.CURRENT]).first()
    if first is None or first == stage:
        return
    if stage is not None:
        _close(stage, Status.UPCOMING, actor)
    _enter(case, first, actor, before=stage)


def _hold_at(case: Case, seen: int) -> Stage:
    """The current stage, which stays so until the transaction ends. Raises ``NotOpen`` and ``SomebodyWasFaster``."""
    # A payment or a cancellation has the service before the case: so does whoever brings it to life.
    if case.stage_key == StageKey.GO_LIVE and case.service_id:
        transitions.hold(case.service)
    transitions.hold(case)
    if case.status == Case.Status.STOPPED:
        raise NotOpen(case)
    stage = current_stage(case)
    if stage is None:
        raise NotOpen(case)
    if stage.pk != seen:
        raise SomebodyWasFaster(case, stage)
    return stage


def _move_back(case: Case, stage: Stage, to: Stage, actor: User, reason: str) -> None:
    access.require_move_back(actor, case)
    if not reason.strip():
        raise ReasonMissing
    if case.status == Case.Status.LIVE:
        transitions.move(case, Case.Status.ACTIVE, actor=actor, note=reason.strip(), live_at=None)
    _close(stage, Status.UPCOMING, actor, reason.strip())
    _enter(case, to, actor, before=stage, note=reason.strip())


def _move_forward(case: Case, stage: Stage, to: Stage, between: Sequence[Stage], actor: User, reason: str) -> None:
    if to.status == Status.DONE:
        raise StageIsOver(to)
    passed = [one for one in between if one.status == Status.UPCOMING]
    mandatory = [one for one in passed if not _may_skip(one)]
    if mandatory:
        raise CannotSkip(*mandatory)
    if stage.key != StageKey.GO_LIVE and facts.missing(stage) and _may_skip(stage):
        _close(stage, Status.SKIPPED, actor, reason.strip())
    else:
        _end(case, stage, actor)
    for one in passed:
        _close(one, Status.SKIPPED, actor, reason.strip())
    # Go-live's end may have entered it already.
    to.refresh_from_db()
    if to.status != Status.CURRENT:
        _enter(case, to, actor, before=stage)


def _complete(case: Case, stage: Stage, actor: User | None) -> None:
    """End the current stage and go on with the next that is not over."""
    _end(case, stage, actor)
    if current_stage(case) is None:
        _advance(case, stage, actor)


def _end(case: Case, stage: Stage, actor: User | None) -> None:
    """The current stage is done, if nothing is missing."""
    if stage.key == StageKey.GO_LIVE and _activate(case, stage, actor):
        # The service's start ended the stage (``onboarding.receivers``).
        stage.refresh_from_db()
        if stage.status == Status.DONE:
            return
    if words := facts.missing(stage):
        raise StillMissing(stage, words)
    _close(stage, Status.DONE, actor)


def _activate(case: Case, stage: Stage, actor: User | None) -> bool:
    """Whether the service was pending and is active now (ON2). Raises ``StillMissing`` while its order is unpaid."""
    service = case.service
    if service is None or service.status != Service.Status.PENDING:
        return False
    invoice = turns.order_invoice(case)
    if invoice is None or invoice.status != Invoice.Status.PAID:
        words = _("pesanannya belum lunas. Layanan diaktifkan setelah tagihan %(invoice)s dibayar.")
        raise StillMissing(stage, words % {"invoice": invoice or case.service.order})
    lifecycle.activate(service=service, actor=actor)
    return True


def _advance(case: Case, stage: Stage, actor: User | None) -> None:
    """Enter the next stage that is not over; after go-live the case is live."""
    following = _next(case, stage)
    if following is not None:
        _enter(case, following, actor, before=stage)
    elif stage.key == StageKey.GO_LIVE:
        _go_live(case, actor)


def _next(case: Case, stage: Stage) -> Stage | None:
    stages = list(case.stages.all())
    later = stages[stages.index(stage) + 1 :]
    return next((one for one in later if one.status == Status.UPCOMING), None)


def _may_skip(stage: Stage) -> bool:
    return stage.optional and stage.key != StageKey.GO_LIVE


def _close(stage: Stage, to: str, actor: User | None, note: str = "") -> None:
    """The stage is over, or waits for its turn again; nobody looks after it any more."""
    done_at = timezone.now() if to == Status.DONE else None
    transitions.move(stage, to, actor=actor, note=note, done_at=done_at)
    pics.end(stage)


def _enter(case: Case, stage: Stage, actor: User | None, *, before: Stage | None, note: str = "") -> None:
    """Make the stage the current one, with its target and its PIC; customers are told. No other is current."""
    now = timezone.now()
    due_on = planning.due_when_entered(stage, timezone.localdate(now))
    transitions.move(stage, Status.CURRENT, actor=actor, note=note, entered_at=now, done_at=None, due_on=due_on)
    planning.plan_after(stage)
    changed_pic = pics.take_over(stage, before, case.pic, actor)
    if stage.key == StageKey.POST_ACTIVATION and case.status == Case.Status.ACTIVE and _went_live(case):
        _go_live(case, actor)
    changes.record(case=case, kind=Change.Kind.STAGE, actor=actor, stage=stage)
    if changed_pic:
        changes.record(case=case, kind=Change.Kind.PIC, actor=actor, stage=stage)


def _went_live(case: Case) -> bool:
    """Go-live is behind it, or the template has none."""
    return not case.stages.filter(key=StageKey.GO_LIVE).exclude(status=Status.DONE).exists()


def _go_live(case: Case, actor: User | None) -> None:
    """M9: the day is that on which go-live was done, also where the service was active before its turn came."""
    done = case.stages.filter(key=StageKey.GO_LIVE).values_list("done_at", flat=True).first()
    transitions.move(case, Case.Status.LIVE, actor=actor, live_at=done or timezone.now())
    changes.record(case=case, kind=Change.Kind.LIVE, actor=actor)


def _satisfy(case: Case, stage: Stage, actor: User | None) -> None:
    was_current = stage.status == Status.CURRENT
    stopped = case.status == Case.Status.STOPPED
    if stopped:
        # Its PIC goes on seeing it: there is something to decide.
        transitions.move(stage, Status.DONE, actor=actor, done_at=timezone.now())
    else:
        _close(stage, Status.DONE, actor)
    if stage.completion == Completion.INVOICE_PAID:
        changes.record(case=case, kind=Change.Kind.PAID, actor=actor, stage=stage)
    elif stage.completion == Completion.SERVICE_ACTIVE and not was_current:
        changes.record(case=case, kind=Change.Kind.STAGE, actor=actor, stage=stage)
    if was_current and not stopped:
        _advance(case, stage, actor)


def _undo(case: Case, stage: Stage, actor: User | None) -> None:
    transitions.move(stage, Status.UPCOMING, actor=actor, done_at=None)
    if stage.completion == Completion.INVOICE_PAID:
        changes.record(case=case, kind=Change.Kind.UNPAID, actor=actor, stage=stage)
    current = current_stage(case)
    if case.status != Case.Status.ACTIVE or current is None:
        return
    stages = list(case.stages.all())
    if stages.index(stage) < stages.index(current):
        _close(current, Status.UPCOMING, actor)
        _enter(case, stage, actor, before=current)
