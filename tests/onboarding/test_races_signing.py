"""Signatures, versions, quotations and forms that come at once: one outcome, nothing is signed that was not read."""

import random
import uuid
from collections import Counter
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from billing.models import Order
from onboarding import documents, quoting, requirements, signing
from onboarding.models import Document, MemberRole, Quotation, Requirement, Signature
from onboarding.refusals import AlreadySigned, AlreadySubmitted, CannotQuote, NewerVersion, SomebodySaved
from onboarding.transitions import InvalidTransition
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once, meeting
from tests.onboarding.signed import fresh, newer, quote, revise, send_signed, share, sign, stored
from tests.onboarding.walk import product_with_onboarding, walk_to

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY = 50
FEW = 4
ROUNDS = 8


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def owner():
    return factories.user(name="Sari Dewi")


@pytest.fixture
def customer(owner):
    return factories.customer(owner)


@pytest.fixture
def product():
    return product_with_onboarding()


@pytest.fixture
def lead(customer, product):
    """Waits for a quotation; nothing was ordered."""
    factories.bank_transfer()
    return walk_to("quotation", factories.onboarding_case(customer, product=product))


@pytest.fixture
def sales():
    may = ("onboarding.add_quotation", "onboarding.see_all_cases")
    return [factories.onboarding_pic(*may, name=name) for name in ("Rani", "Bayu")]


@pytest.fixture
def colleague(customer, product, owner):

    member = factories.member(customer, factories.user(name="Budi Santoso"))
    MemberRole.objects.create(membership=member, product=product, role=product.onboarding_roles.get(key="owner"))
    return member.user


def errors(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome.error) for outcome in outcomes if outcome.error]


def unheld(monkeypatch, count: int) -> None:
    """Documents are looked at and not held: everybody has looked before anybody acts, and nothing is rolled back."""
    meet = meeting(count)

    def look_then_meet(document: Document, *, seen: int | None = None):
        document.refresh_from_db()
        version = documents.newest_version(document)
        if seen is not None and version.number != seen:
            raise NewerVersion(version)
        meet()
        return version

    monkeypatch.setattr(documents, "hold", look_then_meet)
    for module in (documents, signing, quoting):
        monkeypatch.setattr(module, "transaction", SimpleNamespace(atomic=nullcontext))
    for module, service in [(signing, "sign_by_name"), (signing, "receive"), (signing, "refuse")]:
        monkeypatch.setattr(module, service, getattr(module, service).__wrapped__)
    monkeypatch.setattr(documents, "insert_version", documents.insert_version.__wrapped__)


# The same form, many times


def assert_signed_once(outcomes: list[Outcome]) -> None:
    signature = Signature.objects.get()
    assert [outcome.value for outcome in outcomes] == [signature] * len(outcomes)


def test_50_identical_posts_of_a_typed_name_are_one_signature_and_one_order(lead, owner, sales):
    quotation = quote(lead, sales[0])
    assert_signed_once(at_once(*[lambda: sign(quotation.document, owner)] * MANY))
    assert (Order.objects.count(), fresh(quotation).order) == (1, Order.objects.get())
    assert fresh(lead).stage_key == "invoice_payment"
    assert lead.changes.filter(kind="signed").count() == 1
    assert_books_agree()


def test_50_identical_uploads_are_one_signature_and_one_file(lead, owner):
    document = share(lead)
    assert_signed_once(at_once(*[lambda: send_signed(document, owner)] * MANY))
    assert (stored("signatures"), fresh(document).status) == (1, "signed")
    assert_books_agree()


def test_control_looking_first_signs_more_than_once_or_fails(monkeypatch, lead, owner):
    document = share(lead)
    made_before, meet = signing._made_before, meeting(FEW)

    def look_then_meet(*arguments, **more):
        made = made_before(*arguments, **more)
        meet()
        return made

    unheld(monkeypatch, 1)
    monkeypatch.setattr(signing, "_made_before", look_then_meet)
    outcomes = at_once(*[lambda: sign(document, owner)] * FEW, guarded=False)
    with pytest.raises((AssertionError, Signature.MultipleObjectsReturned)):
        assert_signed_once(outcomes)


def test_50_identical_quotations_are_one(lead, sales):
    key = uuid.uuid4()
    outcomes = at_once(*[lambda: quote(lead, sales[0], key=key)] * MANY)
    quotation = Quotation.objects.get()
    assert [outcome.value for outcome in outcomes] == [quotation] * MANY
    assert (Document.objects.filter(kind="quotation").count(), stored()) == (1, 1)
    assert_books_agree()


def test_of_two_who_quote_one_lead_one_does_and_the_other_is_told(lead, sales):
    outcomes = at_once(*[lambda one=one: quote(lead, one) for one in sales])
    assert errors(outcomes) == [CannotQuote]
    assert (Quotation.objects.count(), stored()) == (1, 1)
    assert_books_agree()


# Two people


def sign_at_once(document: Document, people, **how) -> list[Outcome]:
    return at_once(*[lambda one=one: sign(document, one, name=one.name) for one in people], **how)


def test_of_two_who_sign_the_later_is_told_who_was_first(lead, owner, colleague):
    for _round in range(ROUNDS):
        document = share(lead)
        outcomes = sign_at_once(document, [owner, colleague])
        assert errors(outcomes) == [AlreadySigned]
        [refusal] = [outcome.error for outcome in outcomes if outcome.error]
        assert refusal.signature == Signature.objects.get(version__document=document)
        assert fresh(document).status == "received"
    assert_books_agree()


def sign_and_replace(document: Document, signer, staff, **how) -> list[Outcome]:
    calls = [lambda: sign(document, signer, version=1), lambda: newer(document, staff, seen=1)]
    random.shuffle(calls)
    return at_once(*calls, **how)


def assert_nothing_unread_is_signed(document: Document) -> None:
    """The newest version is unsigned, so the document waits for a signature; the older one's stays with it, if there is
    one."""
    assert fresh(document).status == "sent"
    assert documents.newest_version(document).number == 2
    assert not Signature.objects.filter(version__document=document, version__number=2).exists()


def test_a_signature_is_never_of_a_version_that_was_not_read(lead, owner, sales):
    seen = Counter()
    for _round in range(ROUNDS):
        document = share(lead)
        refused = errors(sign_and_replace(document, owner, sales[0]))
        assert set(refused) <= {NewerVersion}
        seen[bool(refused)] += 1
        assert_nothing_unread_is_signed(document)
    assert sum(seen.values()) == ROUNDS
    assert_books_agree()


def test_control_looking_first_takes_the_old_signature_for_the_new_version(monkeypatch, lead, owner, sales):
    document = share(lead)
    unheld(monkeypatch, 2)
    sign_and_replace(document, owner, sales[0], guarded=False)
    with pytest.raises(AssertionError):
        assert_nothing_unread_is_signed(document)


def test_of_two_decisions_on_a_signed_file_one_counts(lead, owner, sales):
    for _round in range(ROUNDS):
        document = share(lead)
        send_signed(document, owner)
        calls = [
            lambda document=document: signing.receive(document=fresh(document), actor=sales[0]),
            lambda document=document: signing.refuse(document=fresh(document), actor=sales[1], words="Tidak terbaca."),
        ]
        random.shuffle(calls)
        assert errors(at_once(*calls)) == [InvalidTransition]
        events = list(document.events.order_by("pk").values_list("to_status", flat=True))
        assert events in (["sent", "signed", "received"], ["sent", "signed", "sent"])
        assert fresh(document).status == events[-1]
        refused = Signature.objects.get(version__document=document).refused_at is not None
        assert refused == (events[-1] == "sent")
    assert_books_agree()


# A quotation that changes while it is accepted


def test_what_is_ordered_is_what_was_signed(customer, product, owner, sales):
    """A newer version at another price while the customer signs: the order is of the one or of nothing."""
    factories.bank_transfer()
    for _round in range(ROUNDS):
        case = walk_to("quotation", factories.onboarding_case(customer, product=product))
        quotation = quote(case, sales[0])
        product.prices.update(amount=random.randint(200, 900) * 1000)
        calls = [
            lambda quotation=quotation: sign(quotation.document, owner, version=1),
            lambda quotation=quotation: revise(quotation, sales[0], seen=1, note="Harga baru"),
        ]
        random.shuffle(calls)
        [refused] = errors(at_once(*calls))
        quotation.refresh_from_db()
        ordered = quotation.order is not None
        assert refused is (CannotQuote if ordered else NewerVersion)
        assert quotation.document.versions.count() == (1 if ordered else 2)
        assert not ordered or quotation.order.invoice.total == quotation.total
        assert fresh(quotation.document).status == ("received" if ordered else "sent")
    assert_books_agree()


# The requirement form


def gathering(customer, product) -> Requirement:
    case = walk_to("quotation", factories.onboarding_case(customer, product=product))
    return case.requirement


def submit(requirement: Requirement, actor, answer: str = "25", seen=None) -> Document:
    return requirements.submit(requirement=fresh(requirement), answers={"employees": answer}, actor=actor, seen=seen)


def assert_submitted_once(requirement: Requirement, outcomes: list[Outcome]) -> None:
    document = Document.objects.get(kind="urd")
    assert [outcome.value for outcome in outcomes] == [document] * len(outcomes)
    assert (document.versions.count(), fresh(requirement).document) == (1, document)


def test_50_identical_forms_are_one_urd(customer, product, owner):
    requirement = gathering(customer, product)
    assert_submitted_once(requirement, at_once(*[lambda: submit(requirement, owner)] * MANY))
    assert stored() == 1
    assert_books_agree()


def test_control_looking_first_makes_more_or_fails(monkeypatch, customer, product, owner):
    requirement = gathering(customer, product)
    meet = meeting(FEW)
    monkeypatch.setattr(requirements, "_begin", lambda *_looked: meet())
    monkeypatch.setattr(requirements, "transaction", SimpleNamespace(atomic=nullcontext))
    outcomes = at_once(*[lambda: submit(requirement, owner)] * FEW, guarded=False)
    with pytest.raises((AssertionError, Document.MultipleObjectsReturned)):
        assert_submitted_once(requirement, outcomes)


def test_of_two_who_answer_the_later_sees_the_earlier_s_answers(customer, product, owner, colleague):
    for _round in range(ROUNDS):
        requirement = gathering(customer, product)
        outcomes = at_once(
            lambda requirement=requirement: submit(requirement, owner, "25"),
            lambda requirement=requirement: submit(requirement, colleague, "40"),
        )
        assert set(errors(outcomes)) <= {AlreadySubmitted, SomebodySaved}
        assert len(errors(outcomes)) == 1
        assert requirement.case.documents.get(kind="urd").versions.count() == 1
        requirement.refresh_from_db()
        assert requirement.answers["employees"] == ("25" if requirement.saved_by == owner else "40")
