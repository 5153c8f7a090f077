"""The requirement form in the browser: drafts, two people at once, what is wrong, and the URD (M7)."""

import pytest
from django.urls import reverse

from onboarding import requirements
from onboarding.models import Case, Document
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import ANSWERS, form_of, fresh, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(case):
    return form_of(case)


def address(form) -> str:
    return reverse("onboarding:requirements", args=[form.case.number])


def filled(client, form, action: str, **changes) -> dict:
    seen = client.get(address(form)).context["form"]["seen"].value()
    answers = {f"answer-{key}": value for key, value in {**ANSWERS, **changes}.items()}
    return {"action": action, "answer-seen": seen, **answers}


def send(client, form, action: str, **changes):
    return client.post(address(form), filled(client, form, action, **changes))


def test_every_kind_of_question_is_asked_in_the_reader_s_language(signed_in, form):
    page = signed_in.get(address(form))
    asked = {name: type(field.widget).__name__ for name, field in page.context["form"].fields.items()}
    assert asked == {
        "seen": "HiddenInput",
        "employees": "TextInput",
        "starts_on": "DateInput",
        "payroll": "RadioSelect",
        "import_data": "RadioSelect",
        "contact": "TextInput",
        "wishes": "Textarea",
    }
    english = signed_in.get(address(form), headers={"accept-language": "en"}).content.decode()
    assert "Jumlah karyawan" in page.content.decode()
    assert ("Employees" in english, "Monthly" in english) == (True, True)


def test_a_draft_is_kept_as_it_is_typed_and_continued(signed_in, form, owner):
    response = send(signed_in, form, "draft", employees="dua puluh", starts_on="", payroll="", contact="")
    assert response.status_code == 302
    assert fresh(form).answers["employees"] == "dua puluh"
    assert "dua puluh" in signed_in.get(address(form)).content.decode()
    # And now complete.
    response = send(signed_in, form, "submit")
    assert response["Location"] == Document.objects.get().get_absolute_url()
    assert fresh(form).status == "submitted"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"employees": ""}, "employees"),
        ({"employees": "dua puluh"}, "employees"),
        ({"employees": "-3"}, "employees"),
        ({"starts_on": "besok"}, "starts_on"),
        ({"payroll": "Harian"}, "payroll"),
        ({"import_data": ""}, "import_data"),
        ({"contact": "Sari\x00"}, "contact"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_submitted(signed_in, form, changes, field):
    response = send(signed_in, form, "submit", **changes)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert (fresh(form).status, fresh(form).answers) == ("draft", {})


@pytest.mark.parametrize("typed", ["1.250", "1,250", "1 250", "1250"])
def test_numbers_are_read_as_people_write_them(signed_in, form, typed):
    send(signed_in, form, "submit", employees=typed)
    assert fresh(form).answers["employees"] == "1250"


def test_a_colleague_s_answers_are_shown_before_they_are_replaced(signed_in, form, customer, product):
    mine = filled(signed_in, form, "draft", contact="Sari Dewi")
    colleague = factories.member(customer).user
    journey.give(customer, colleague, product, "ultimate")
    requirements.save_draft(
        requirement=fresh(form), answers={**ANSWERS, "contact": "Budi Santoso"}, actor=colleague, seen=None
    )

    response = signed_in.post(address(form), mine)
    words = response.content.decode()
    assert response.status_code == 422
    assert response.context["theirs"] == [("Narahubung", "Budi Santoso")]
    assert "Sari Dewi" in words
    assert fresh(form).answers["contact"] == "Budi Santoso"

    again = {**mine, "answer-seen": response.context["form"]["seen"].value()}
    assert signed_in.post(address(form), again).status_code == 302
    assert fresh(form).answers["contact"] == "Sari Dewi"


def test_what_was_submitted_is_read_and_not_asked(signed_in, form, owner):
    document = submit(form, owner)
    page = signed_in.get(address(form))
    assert page.context["form"] is None
    assert document.get_absolute_url() in page.content.decode()
    assert "1 Desember 2026" in page.content.decode()


def test_the_same_form_posted_again_leads_to_the_same_document(signed_in, form):
    data = filled(signed_in, form, "submit")
    first, second = signed_in.post(address(form), data), signed_in.post(address(form), data)
    assert first["Location"] == second["Location"]
    assert Document.objects.get().versions.count() == 1


def test_m1c_a_stopped_case_shows_what_was_answered(signed_in, form):
    Case.objects.filter(pk=form.case_id).update(status="stopped", stopped_at=journey.START)
    page = signed_in.get(address(form))
    assert (page.status_code, page.context["form"]) == (200, None)
    signed_in.post(address(form), {"action": "draft", "answer-contact": "X"})
    assert fresh(form).answers == {}


def test_a_case_without_questions_has_no_form(signed_in, case):
    assert signed_in.get(reverse("onboarding:requirements", args=[case.number])).status_code == 404


def test_a_moment_that_is_none_is_refused(signed_in, form):
    response = signed_in.post(address(form), {"action": "draft", "answer-seen": "kemarin"})
    assert response.status_code == 422
    assert fresh(form).answers == {}
