"""Who may visit the pages of documents and of the requirement form."""

from tests.access import World, members_only, signed_in
from tests.onboarding import signed
from tests.onboarding.tracker_rows import case_of


def _document(world: World) -> dict[str, object]:
    return {"pk": signed.share(case_of(world)).pk}


def _version(world: World) -> dict[str, object]:
    return {"pk": signed.share(case_of(world)).versions.get().pk}


def _signature(world: World) -> dict[str, object]:
    return {"pk": signed.send_signed(signed.share(case_of(world)), world.owner).pk}


def _form(world: World) -> dict[str, object]:
    return {"number": signed.form_of(case_of(world)).case.number}


ROWS = [
    signed_in("onboarding:documents"),
    members_only("onboarding:document", lesser=403, make=_document),
    # Opened by hand, it leads to the document.
    members_only("onboarding:sign", lesser=403, make=_document, allowed=302),
    members_only(
        "onboarding:sign", method="post", lesser=403, make=_document, data=lambda _world: {"way": "typed"}, allowed=422
    ),
    members_only("onboarding:version", lesser=403, make=_version),
    members_only("onboarding:signature-file", lesser=403, make=_signature),
    members_only("onboarding:requirements", lesser=403, make=_form),
    members_only(
        "onboarding:requirements",
        method="post",
        lesser=403,
        make=_form,
        data=lambda _world: {"action": "submit"},
        allowed=422,
    ),
]
