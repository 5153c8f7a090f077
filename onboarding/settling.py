"""What a case's row keeps of its stages, people and appointments, so that boards and lists need not ask for each."""

from django.db.models import Min

from onboarding import transitions, turns
from onboarding.models import Appointment, Case, PicAssignment, Stage


def settle(case: Case) -> None:
    """Bring the case's row up to what its stages, assignments, documents and appointments say, in the caller's
    transaction. Called at the end of whatever changes one of them; holds the case, so the caller may but need not.

    ``next_event_at`` is the first appointment that is scheduled, also one that is over and was not marked yet.
    """
    transitions.hold(case)
    stage = current_stage(case)
    kept = {"next_event_at": _next_event_at(case)}
    # A case that stopped and was paid since, or went live with its last stage, stays at the stage where it was.
    if stage is not None:
        kept |= {
            "stage_key": stage.key,
            "stage_since": stage.entered_at,
            "stage_due_on": stage.due_on,
            "team": stage.pic_group_id,
            "pic": PicAssignment.objects.filter(stage=stage, ended_at=None).values_list("pic", flat=True).first(),
        }
    turn = turns.find(case, stage)
    kept |= {"turn": turn.who, "turn_action": turn.action, "turn_due_on": turn.due_on}
    Case.objects.filter(pk=case.pk).update(**kept)
    case.refresh_from_db(fields=[*kept])


def current_stage(case: Case) -> Stage | None:
    return Stage.objects.filter(case=case, status=Stage.Status.CURRENT).first()


def _next_event_at(case: Case):
    scheduled = case.appointments.filter(status=Appointment.Status.SCHEDULED)
    return scheduled.aggregate(first=Min("starts_at"))["first"]
