"""Who may visit the tracker's pages."""

from onboarding.models import Case
from tests import factories
from tests.access import LOGIN, Row, World, members_only, signed_in
from tests.onboarding import journey


def case_of(world: World) -> Case:
    """A case that the world's owner may follow; a colleague of theirs has no role in the product."""
    product = journey.product_with_roles()
    journey.give(world.customer, world.owner, product, "owner")
    return journey.case_at("requirement_gathering", world.customer, product)


def _number(world: World) -> dict[str, object]:
    return {"number": case_of(world).number}


def _stage(world: World) -> dict[str, object]:
    return _number(world) | {"key": "training"}


def _photo(world: World) -> dict[str, object]:
    case, pic = case_of(world), factories.staff()
    journey.assign(case, pic)
    return {"number": case.number, "pk": journey.contact_with_photo(pic).pk}


ROWS = [
    signed_in("onboarding:cases"),
    signed_in("onboarding:access"),
    # Only owners change roles; whoever has no customer has nobody to give one to.
    Row(
        "onboarding:access",
        method="post",
        data=lambda world: {"role": world.customer.pk},
        anonymous=LOGIN,
        stranger=422,
        lesser=403,
        staff=404,
        allowed=422,
    ),
    members_only("onboarding:case", lesser=403, make=_number),
    members_only("onboarding:stage", lesser=403, make=_stage),
    members_only("onboarding:pic-photo", lesser=403, make=_photo),
]
