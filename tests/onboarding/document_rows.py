"""Who may visit the pages of documents and of the requirement form."""

from tests.access import World, members_only, signed_in, staff_only
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


def _staff_version(world: World) -> dict[str, object]:
    return {"pk": signed.share(case_of(world)).versions.get().pk}


def _case(world: World) -> dict[str, object]:
    return {"case_id": case_of(world).pk}


def _case_with_form(world: World) -> dict[str, object]:
    return {"case_id": signed.form_of(case_of(world)).case_id}


def _act(name: str):
    return lambda world: {"document_id": signed.share(case_of(world)).pk, "name": name}


LOOKS = ("onboarding.view_case", "onboarding.see_all_cases")
WORKS = ("onboarding.work_on_case", "onboarding.see_all_cases")
QUOTES = (*WORKS, "onboarding.add_quotation")

STAFF_ROWS = [
    staff_only(
        "admin:onboarding_document", *LOOKS, make=lambda world: {"document_id": signed.share(case_of(world)).pk}
    ),
    # Somebody who works on cases, but not on this one.
    staff_only(
        "admin:onboarding_document",
        "onboarding.work_on_case",
        make=lambda world: {"document_id": signed.share(case_of(world)).pk},
        status=404,
    ),
    staff_only("admin:onboarding_document_do", *WORKS, make=_act("receive"), status=302),
    staff_only("admin:onboarding_document_do", *LOOKS, make=_act("receive"), method="post", status=403),
    staff_only("admin:onboarding_document_do", *WORKS, make=_act("refuse"), method="post", status=422),
    staff_only("admin:onboarding_version", *LOOKS, make=_staff_version),
    staff_only("admin:onboarding_signature", *LOOKS, make=_signature),
    staff_only("admin:onboarding_requirements", *LOOKS, make=_case_with_form),
    staff_only("admin:onboarding_requirements", *WORKS, make=_case_with_form, method="post", status=422),
    staff_only("admin:onboarding_quotation_edit", *QUOTES, make=_case),
    staff_only("admin:onboarding_quotation_edit", *WORKS, make=_case, status=403),
    staff_only("admin:onboarding_quotation_edit", *QUOTES, make=_case, method="post"),
    staff_only("admin:onboarding_quotation_preview", *QUOTES, make=_case, status=302),
    staff_only("admin:onboarding_quotation_preview", *QUOTES, make=_case, method="post", status=422),
]
