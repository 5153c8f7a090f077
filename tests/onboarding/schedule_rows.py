"""Who may visit the schedule, its calendar files, the ratings, and choose how often to be told."""

from datetime import timedelta

from django.utils import timezone

from tests.access import World, members_only, signed_in
from tests.onboarding import journey
from tests.onboarding.tracker_rows import case_of


def _number(world: World) -> dict[str, object]:
    return {"number": case_of(world).number}


def _appointment(world: World) -> dict[str, object]:
    case = case_of(world)
    made = journey.appointment(case, "training", timezone.now() + timedelta(days=3))
    return {"number": case.number, "pk": made.pk}


def _training(world: World) -> dict[str, object]:
    case = case_of(world)
    case.stages.filter(key="training").update(status="done", done_at=timezone.now())
    return {"number": case.number, "subject": "training"}


ROWS = [
    members_only("onboarding:schedule", lesser=403, make=_number),
    members_only("onboarding:calendar", lesser=403, make=_number),
    members_only("onboarding:appointment-ics", lesser=403, make=_appointment),
    members_only("onboarding:rate", lesser=403, make=_training),
    members_only("onboarding:rate", method="post", lesser=403, make=_training, allowed=422),
    members_only(
        "onboarding:rate", method="post", lesser=403, make=_training, data=lambda world: {"stars": "4"}, allowed=302
    ),
    signed_in("onboarding:digest", method="post", data=lambda world: {"daily": "1"}, status=302),
]
