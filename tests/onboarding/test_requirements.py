"""The requirement form: a draft that need not be complete, and what is submitted becomes the URD (M7)."""

import pytest

from onboarding import requirements
from onboarding.models import Case, Document
from onboarding.refusals import AlreadySubmitted, CaseStopped, NotAllowed, SomebodySaved
from onboarding.transitions import InvalidTransition
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import ANSWERS, form_of, fresh, kinds, sign, stored, submit, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(case):
    return form_of(case)


@pytest.fixture
def working(case, pic):
    journey.assign(case, pic)
    return pic


def draft(form, actor, answers, seen=None):
    requirements.save_draft(requirement=form, answers=answers, actor=actor, seen=seen)


def test_a_draft_keeps_what_was_typed_however_incomplete(form, owner):
    draft(form, owner, {"employees": "dua puluh"})
    form = fresh(form)
    assert (form.status, form.answers, form.saved_by) == ("draft", {"employees": "dua puluh"}, owner)
    assert not Document.objects.exists()


def test_a_colleague_s_draft_is_not_written_over(form, customer, product, owner):
    colleague = factories.member(customer).user
    journey.give(customer, colleague, product, "ultimate")
    draft(form, owner, {"contact": "Sari"})
    with pytest.raises(SomebodySaved) as refusal:
        draft(fresh(form), colleague, {"contact": "Budi"}, seen=None)
    assert refusal.value.requirement.saved_by == owner
    assert fresh(form).answers == {"contact": "Sari"}


def test_what_is_submitted_is_printed_to_be_signed(case, form, owner):
    document = submit(form, owner)

    form = fresh(form)
    assert (form.status, form.document, form.answers) == ("submitted", document, ANSWERS)
    assert (document.kind, document.status, document.stage.key) == ("urd", "sent", "requirement_gathering")
    words = words_of(document.versions.get())
    for expected in (
        "Dokumen kebutuhan (URD)", case.number, case.customer.name, "Jurnal Plus", "Jumlah karyawan 25",
        "Mulai dipakai 1 Desember 2026", "Penggajian Bulanan", "Data lama dipindahkan Ya", "Narahubung Sari Dewi",
        "Tanda tangan",
    ):  # fmt: skip
        assert expected in words
    assert kinds(case) == ["document", "requirements"]


def test_the_urd_is_in_the_language_of_the_case(case, owner):
    case.language = "en"
    case.save()
    words = words_of(submit(form_of(case), owner).versions.get())
    assert "Employees 25" in words
    assert "Starts on 1 December 2026" in words
    assert "Payroll Monthly" in words


def test_m7_the_signed_urd_ends_the_stage(case, form, owner):
    sign(submit(form, owner), owner)
    assert case.stages.get(key="requirement_gathering").status == "done"


def test_another_document_s_signature_does_not_end_the_stage_of_an_unfilled_form(case, form, owner, pic):
    from tests.onboarding.signed import share

    sign(share(case, pic, key="requirement_gathering"), owner)
    assert case.stages.get(key="requirement_gathering").status == "current"


def test_submitted_answers_are_not_changed(form, owner):
    submit(form, owner)
    form = fresh(form)
    with pytest.raises(AlreadySubmitted):
        draft(form, owner, {}, seen=form.saved_at)
    with pytest.raises(AlreadySubmitted):
        submit(form, owner, employees="30")
    assert (fresh(form).answers["employees"], stored()) == ("25", 1)


def test_the_same_form_again_is_the_first_document(form, owner):
    document = submit(form, owner)
    assert requirements.submit(requirement=fresh(form), answers=ANSWERS, actor=owner, seen=None) == document
    assert (document.versions.count(), stored()) == (1, 1)


def test_staff_opens_the_form_again_and_the_urd_gets_a_version_to_sign(case, form, owner, working):
    document = submit(form, owner)
    sign(document, owner)
    requirements.reopen(requirement=fresh(form), actor=working, reason="Data belum lengkap")
    assert fresh(form).status == "draft"
    # Until something else is sent, what was signed stands.
    assert fresh(document).status == "received"

    assert submit(fresh(form), owner, employees="40") == document

    assert (fresh(document).status, document.versions.count()) == ("sent", 2)
    assert "Jumlah karyawan 40" in words_of(document.versions.get(number=2))
    assert "Versi 2" in words_of(document.versions.get(number=2))
    assert [kind for kind in kinds(case) if "requirements" in kind] == [
        "requirements",
        "requirements_asked",
        "requirements",
    ]


def test_only_who_works_on_the_case_opens_it_again(form, owner, pic):
    submit(form, owner)
    with pytest.raises(NotAllowed):
        requirements.reopen(requirement=fresh(form), actor=pic)
    assert fresh(form).status == "submitted"


def test_a_draft_is_not_opened_again(form, working):
    with pytest.raises(InvalidTransition):
        requirements.reopen(requirement=form, actor=working)


def test_on3_who_does_not_see_the_tracker_fills_nothing_in(form, accountant, stranger):
    for person in (accountant, stranger):
        with pytest.raises(NotAllowed):
            draft(form, person, {"contact": "X"})
        with pytest.raises(NotAllowed):
            submit(form, person)
    assert (fresh(form).answers, stored()) == ({}, 0)


def test_m1c_a_stopped_case_asks_nothing(case, form, owner):
    Case.objects.filter(pk=case.pk).update(status="stopped", stopped_at=journey.START)
    with pytest.raises(CaseStopped):
        draft(form, owner, {})
    with pytest.raises(CaseStopped):
        submit(form, owner)
    assert fresh(form).status == "draft"
