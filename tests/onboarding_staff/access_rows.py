"""Who gets what from the staff's pages of onboarding beyond each model's own five."""

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


ROWS = [
    _press("photo"),
    _press("no-photo"),
    staff_only("admin:onboarding_staffcontact_photo", "onboarding.view_staffcontact", make=_contact),
]
