"""Who gets what from the staff's pages of onboarding beyond each model's own five."""

from onboarding import stopping
from tests import factories
from tests.access import World, staff_only
from tests.onboarding_staff import rows


def _contact(world: World) -> dict:
    return {"object_id": rows.contact(photo=True).pk}


def _press(button: str, **more):
    return staff_only(
        "admin:onboarding_staffcontact_press",
        "onboarding.view_staffcontact",
        "onboarding.change_staffcontact",
        make=lambda world: {**_contact(world), "button": button},
        **more,
    )


WORK = ("onboarding.view_case", "onboarding.work_on_case", "onboarding.see_all_cases")


def _case(world: World) -> dict:
    return {"case_id": factories.onboarding_case(world.customer).pk}


def _stage(world: World) -> dict:
    case = factories.onboarding_case(world.customer)
    return {"case_id": case.pk, "stage_id": case.stages.get(status="current").pk}


def _stopped(world: World) -> dict:
    case = factories.onboarding_case(world.customer)
    stopping.stop(case=case, actor=factories.onboarding_pic("onboarding.see_all_cases"), reason="Ragu")
    return {"case_id": case.pk}


def _meeting(world: World) -> dict:
    case = factories.onboarding_case(world.customer)
    return {"case_id": case.pk, "appointment_id": rows.meeting(case).pk}


def _meet(world: World) -> dict:
    return {**_meeting(world), "act": "miss"}


def _page(url: str, *, permissions=WORK, **more):
    return staff_only(f"admin:onboarding_{url}", *permissions, **more)


_CASES = [
    _page("board", permissions=["onboarding.view_case"]),
    _page("today", permissions=["onboarding.view_case"]),
    _page("reschedule", permissions=["onboarding.work_on_case"]),
    _page("open", permissions=["onboarding.add_case"]),
    _page("work", make=_case),
    _page("work", method="post", make=_case, status=422),
    # A case of nobody's and of no team is not found by who looks after others.
    _page("work", permissions=["onboarding.view_case"], make=_case, status=404),
    _page("move", make=_case),
    _page("story", make=_case),
    _page("stage", make=_stage),
    _page("stop", permissions=[*WORK, "onboarding.stop_case"], make=_case),
    _page("stop", make=_case, status=403),
    _page("reopen", permissions=[*WORK, "onboarding.stop_case"], make=_stopped),
    _page("reopen", make=_stopped, status=403),
    _page("meeting", make=_meeting),
    _page("meet", method="post", make=_meet, data=lambda world: {"seen": 0}, status=302),
]

ROWS = [
    *_CASES,
    _press("photo"),
    _press("no-photo"),
    staff_only("admin:onboarding_staffcontact_photo", "onboarding.view_staffcontact", make=_contact),
]
