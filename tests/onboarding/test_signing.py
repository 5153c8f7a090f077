"""Signatures: a typed name with time, address and hash, or the signed file that staff receives or refuses (ON2, ON5)."""

import pytest

from onboarding import signing
from onboarding.models import Case, Signature
from onboarding.refusals import (
    AlreadySigned,
    CaseStopped,
    NewerVersion,
    NotAllowed,
    NothingToSign,
    OnboardingRefused,
    Withdrawn,
)
from onboarding.transitions import InvalidTransition
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import fresh, kinds, newer, send_signed, sent_picture, share, sign, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def working(case, pic):
    journey.assign(case, pic)
    return pic


def receive(document, staff, **fields):
    signing.receive(document=fresh(document), actor=staff, **fields)


def test_a_typed_name_keeps_time_address_and_the_hash_of_what_was_signed(case, owner, pic):
    document = share(case, pic)
    signature = sign(document, owner, name="Sari Dewi", ip_address="203.0.113.9")

    version = document.versions.get()
    assert (signature.way, signature.name, signature.signer) == ("typed", "Sari Dewi", owner)
    assert (signature.ip_address, signature.signed_sha256) == ("203.0.113.9", version.sha256)
    document.refresh_from_db()
    assert document.status == "received"
    assert document.signed_at == signature.signed_at
    assert document.sent_at <= document.signed_at <= document.received_at
    assert [one.to_status for one in document.events.all()] == ["sent", "signed", "received"]
    assert kinds(case) == ["document", "signed"]


def test_a_typed_name_on_the_last_document_ends_the_stage(case, owner, pic):
    first, second = share(case, pic, key="requirement_gathering"), share(case, pic, key="requirement_gathering")
    sign(first, owner)
    assert case.stages.get(key="requirement_gathering").status == "current"
    sign(second, owner)
    assert case.stages.get(key="requirement_gathering").status == "done"


def test_an_uploaded_file_waits_for_staff(case, owner, working):
    document = share(case, working)
    signature = send_signed(document, owner)

    document.refresh_from_db()
    assert (document.status, document.received_at) == ("signed", None)
    assert (signature.way, signature.file_name, signature.content_type) == (
        "uploaded",
        "ditandatangani.png",
        "image/png",
    )
    assert (signature.sha256, signature.signed_sha256) == (sent_picture().sha256, document.versions.get().sha256)
    assert stored("signatures") == 1

    receive(document, working)
    document.refresh_from_db()
    assert document.status == "received"
    assert kinds(case) == ["document", "signed", "received"]


def test_a_refused_file_is_asked_for_again_with_words_for_the_customer(case, owner, working):
    document = share(case, working)
    refused = send_signed(document, owner)
    signing.refuse(document=fresh(document), actor=working, words="Tanda tangan tidak terbaca.")

    document.refresh_from_db()
    refused.refresh_from_db()
    assert (document.status, document.signed_at) == ("sent", None)
    assert refused.refused_at is not None
    assert signing.refusal_words(document) == "Tanda tangan tidak terbaca."
    assert kinds(case) == ["document", "signed", "signature_refused"]

    again = send_signed(document, owner, file=sent_picture("green"))
    assert fresh(document).status == "signed"
    assert signing.current(document) == again
    assert signing.refusal_words(fresh(document)) == ""


def test_a_new_version_forgets_why_the_older_one_was_refused(case, owner, working):
    document = share(case, working)
    send_signed(document, owner)
    signing.refuse(document=fresh(document), actor=working, words="Halaman dua hilang.")
    newer(document, working)
    assert signing.refusal_words(fresh(document)) == ""


def test_refusing_without_words_is_refused(case, owner, working):
    document = share(case, working)
    send_signed(document, owner)
    with pytest.raises(OnboardingRefused):
        signing.refuse(document=fresh(document), actor=working, words="  ")
    assert fresh(document).status == "signed"


def test_what_was_not_signed_is_neither_received_nor_refused(case, working):
    document = share(case, working)
    for act in (receive, lambda document, staff: signing.refuse(document=document, actor=staff, words="Kurang")):
        with pytest.raises(InvalidTransition):
            act(document, working)
    assert fresh(document).status == "sent"


@pytest.mark.parametrize("act", ["receive", "refuse"])
def test_staff_of_another_team_does_not_decide(case, owner, working, act):
    document = share(case, working)
    send_signed(document, owner)
    other = factories.staff("onboarding.work_on_case")
    with pytest.raises(NotAllowed):
        signing.receive(document=document, actor=other) if act == "receive" else signing.refuse(
            document=document, actor=other, words="Kurang"
        )
    assert fresh(document).status == "signed"


def test_the_version_that_was_read_is_signed_or_none(case, owner, pic):
    document = share(case, pic)
    newer(document, pic)
    for act in (sign, send_signed):
        with pytest.raises(NewerVersion):
            act(document, owner, version=1)
    assert (fresh(document).status, Signature.objects.count(), stored("signatures")) == ("sent", 0, 0)


def test_staff_does_not_receive_a_signature_that_the_page_did_not_show(case, owner, working):
    document = share(case, working)
    newer(document, working)
    send_signed(document, owner)
    with pytest.raises(NewerVersion):
        receive(document, working, seen=1)
    assert fresh(document).status == "signed"


def test_on3_only_a_role_that_signs_signs(case, owner, accountant, stranger, pic):
    document = share(case, pic)
    for person in (accountant, stranger, pic):
        for act in (sign, send_signed):
            with pytest.raises(NotAllowed):
                act(document, person)
    assert (fresh(document).status, Signature.objects.count(), stored("signatures")) == ("sent", 0, 0)


def test_the_same_name_again_is_the_first_signature(case, owner, pic):
    document = share(case, pic)
    first = sign(document, owner)
    assert sign(document, owner) == first
    assert kinds(case) == ["document", "signed"]


def test_the_same_file_again_is_the_first_signature_and_leaves_no_second_file(case, owner, pic):
    document = share(case, pic)
    first = send_signed(document, owner)
    assert send_signed(document, owner) == first
    assert (Signature.objects.count(), stored("signatures")) == (1, 1)


def test_somebody_else_is_told_who_signed(case, customer, product, owner, pic):
    document = share(case, pic)
    sign(document, owner, name="Sari Dewi")
    colleague = factories.member(customer).user
    journey.give(customer, colleague, product, "ultimate")
    with pytest.raises(AlreadySigned, match="Sari Dewi"):
        sign(document, colleague)
    with pytest.raises(AlreadySigned):
        send_signed(document, colleague)
    assert (Signature.objects.count(), stored("signatures")) == (1, 0)


def test_what_needs_no_signature_gets_none(case, owner, pic):
    document = share(case, pic, needs_signature=False)
    with pytest.raises(NothingToSign):
        sign(document, owner)
    assert fresh(document).status == "shared"


def test_a_withdrawn_document_is_not_signed(case, owner, working):
    from onboarding import documents

    document = share(case, working)
    documents.withdraw(document=document, actor=working)
    with pytest.raises(Withdrawn):
        sign(document, owner)
    assert not Signature.objects.exists()


def test_m1c_nothing_is_signed_or_received_once_the_case_stopped(case, owner, working):
    unsigned, sent = share(case, working), share(case, working)
    send_signed(sent, owner)
    Case.objects.filter(pk=case.pk).update(status="stopped", stopped_at=journey.START)
    with pytest.raises(CaseStopped):
        sign(unsigned, owner)
    with pytest.raises(CaseStopped):
        receive(sent, working)
    assert (fresh(unsigned).status, fresh(sent).status) == ("sent", "signed")
