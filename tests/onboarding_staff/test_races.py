"""Two PICs at one case, and one who presses twice: all of one form or nothing of it, on any database."""

import uuid
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage

from billing import uploads
from onboarding import casework, transitions
from onboarding.casework import NewDocument, Work
from onboarding.models import Case, Document, DocumentVersion, InternalNote, PublicUpdate
from onboarding.refusals import SomebodyWasFaster
from tests import factories
from tests.billing.races import Outcome, at_once, meeting
from tests.onboarding_staff import rows

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY = 50
FEW = 4
ROUNDS = 10


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def case():
    return rows.at_stage("sales_meeting")


@pytest.fixture
def team():
    return [factories.onboarding_pic("onboarding.see_all_cases", name=f"PIC {number}") for number in range(2)]


def unguarded(monkeypatch, meet) -> None:
    """Nobody holds the case, nothing is undone, and all have looked before one acts."""
    look = casework._came_before

    def look_then_wait(case, key):
        found = look(case, key)
        meet()
        return found

    monkeypatch.setattr(casework, "_came_before", look_then_wait)
    monkeypatch.setattr(casework, "transaction", SimpleNamespace(atomic=nullcontext))
    monkeypatch.setattr(casework, "transitions", SimpleNamespace(**{**vars(transitions), "hold": lambda _case: None}))


def files() -> int:
    folder = "onboarding/documents"
    return len(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else 0


def document(title: str) -> NewDocument:
    content = title.encode()
    accepted = uploads.AcceptedFile(f"{title}.txt", content, "text/plain", title, title)
    return NewDocument(kind="other", title=title, file=accepted)


# The same form, many times


def press_at_once(case: Case, actor, count: int, *, guarded: bool = True) -> list[Outcome]:
    key, seen = uuid.uuid4(), case.stages.get(status="current").pk
    work = Work(update="Kabar.", note="Catatan.", document=document("Kontrak"))
    own = [Case.objects.get(pk=case.pk) for _copy in range(count)]
    return at_once(
        *[lambda one=one: casework.carry_out(case=one, work=work, actor=actor, seen=seen, key=key) for one in own],
        guarded=guarded,
    )


def assert_done_once(outcomes: list[Outcome]) -> None:
    assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
    made = [model.objects.count() for model in (PublicUpdate, InternalNote, Document)]
    assert (made, files()) == ([1, 1, 1], 1)


def test_the_same_form_posted_50_times_is_done_once_and_leaves_one_file(case, team):
    assert_done_once(press_at_once(case, team[0], MANY))


def test_control_looking_first_shares_the_file_more_than_once(monkeypatch, case, team):
    monkeypatch.setattr(casework, "_require_new", lambda _case, _document: None)
    unguarded(monkeypatch, meeting(FEW))
    outcomes = press_at_once(case, team[0], FEW, guarded=False)
    with pytest.raises(AssertionError):
        assert_done_once(outcomes)


# Two who move a case, each with something to tell


def move_at_once(case: Case, team, *, guarded: bool = True) -> list[Outcome]:
    """On to the quotation, or over it to the invoice; each with an update and a file of their own."""
    seen = case.stages.get(status="current").pk

    def move(number: int, key: str):
        own = Case.objects.get(pk=case.pk)
        work = Work(
            to=own.stages.get(key=key), update=f"Kabar {number}.", document=document(f"Berkas {number} {uuid.uuid4()}")
        )
        casework.carry_out(case=own, work=work, actor=team[number], seen=seen, key=uuid.uuid4())

    return at_once(
        *[
            lambda number=number, key=key: move(number, key)
            for number, key in enumerate(("quotation", "invoice_payment"))
        ],
        guarded=guarded,
    )


def assert_one_was_faster(outcomes: list[Outcome], case: Case) -> None:
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [SomebodyWasFaster]
    winner = next(number for number, outcome in enumerate(outcomes) if outcome.error is None)
    case = Case.objects.get(pk=case.pk)
    assert case.stage_key == ("quotation", "invoice_payment")[winner]
    assert [update.body for update in case.updates.all()] == [f"Kabar {winner}."]
    assert [one.title.startswith(f"Berkas {winner}") for one in case.documents.all()] == [True]
    # Those of whoever was slower are gone.
    assert files() == DocumentVersion.objects.count()


def test_of_two_who_move_a_case_one_does_all_and_the_other_nothing(team):
    for _round in range(ROUNDS):
        case = rows.at_stage("sales_meeting")
        assert_one_was_faster(move_at_once(case, team), case)


def test_control_without_holding_the_case_both_tell_the_customer(monkeypatch, case, team):
    unguarded(monkeypatch, meeting(2))
    outcomes = move_at_once(case, team, guarded=False)
    with pytest.raises(AssertionError):
        assert_one_was_faster(outcomes, case)
