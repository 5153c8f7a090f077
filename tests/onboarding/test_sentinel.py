"""What staff writes for itself stays with staff (ON6): a case lived through with a sentinel in every note and reason, then
every page, email, calendar and document that its customer can get, in both languages.
"""

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts import delivery, mailbox
from accounts.models import Membership, OutboxEmail, User
from billing.models import Invoice
from onboarding import (
    appointments,
    digests,
    documents,
    notices,
    progress,
    reminders,
    requirements,
    signing,
    stopping,
    updates,
)
from onboarding.models import (
    AppointmentEvent,
    Case,
    CaseEvent,
    DigestEntry,
    DocumentVersion,
    InternalNote,
    RequirementEvent,
    StageEvent,
)
from tests import factories
from tests.onboarding import journey, signed, walk
from tests.onboarding.diary import agree, follower

pytestmark = pytest.mark.django_db

SENTINEL = "RAHASIA-STAF-7431"
REASON = f"{SENTINEL}: pelanggan rewel"


@pytest.fixture
def boss(db) -> User:
    person = factories.user(is_staff=True, is_superuser=True, name="Dewi Pratiwi")
    journey.contact(person)
    return person


@pytest.fixture
def followed(customer, boss) -> tuple[Case, User]:
    """A case, and a colleague who wants digests."""
    product = journey.product_with_roles(activation="by_staff")
    factories.onboarding_template(product)
    factories.bank_account()
    factories.terms()
    case = factories.onboarding_case(customer, product=product)
    colleague = follower(case)
    digests.choose(actor=colleague, daily=True)
    return case, colleague


def note(case: Case, boss: User) -> None:
    """Wherever the case is, something is noted for staff."""
    updates.add_note(case=case, actor=boss, body=f"**{REASON}**", key=None)


def hold(case: Case, boss: User, **fields) -> None:
    """What the current stage waits for is agreed, moved, missed, agreed anew, and held."""
    made = agree(case, boss, walk.current(case).key, timezone.now() + timedelta(days=3), **fields)
    made.events.update(note=REASON)
    later = made.starts_at + timedelta(days=1)
    appointments.miss(appointment=made, actor=boss, seen=0)
    appointments.reschedule(appointment=made, starts_at=later, ends_at=later + timedelta(hours=1), actor=boss, seen=1)
    called_off = agree(case, boss, walk.current(case).key, later)
    appointments.cancel(appointment=called_off, actor=boss, seen=0)
    AppointmentEvent.objects.update(note=REASON)
    notices.remind(made)
    appointments.finish(appointment=made, actor=boss, seen=2, outcome="Berjalan lancar")


def live_through(case: Case, owner: User, boss: User) -> None:
    """From the initial call to the reviews, with every act that takes a note or a reason."""
    seen = walk.current(case).pk
    hold(case, boss)
    note(case, boss)
    case.refresh_from_db()
    progress.move(case=case, to=walk.stage(case, "initial_call"), actor=boss, seen=walk.current(case).pk, reason=REASON)
    progress.finish(case=case, actor=boss, seen=seen)
    hold(case, boss)
    quotation = signed.quote(signed.fresh(case), boss)
    signed.send_signed(quotation.document, owner)
    signing.refuse(document=signed.fresh(quotation.document), actor=boss, words="Tanda tangannya terpotong.")
    signed.sign(quotation.document, owner)
    case = signed.fresh(case)
    walk.pay(case, boss)
    case.refresh_from_db()
    stopping.stop(case=case, actor=boss, reason=REASON)
    stopping.reopen(case=case, actor=boss, reason=REASON)
    requirement = case.requirement
    answers = {"employees": "25"}
    requirements.submit(requirement=requirement, answers=answers, actor=owner, seen=requirement.saved_at)
    requirements.reopen(requirement=signed.fresh(requirement), actor=boss, reason=REASON)
    requirement = signed.fresh(requirement)
    answers = {"employees": "26"}
    urd = requirements.submit(requirement=requirement, answers=answers, actor=owner, seen=requirement.saved_at)
    signed.sign(urd, owner)
    RequirementEvent.objects.update(note=REASON)
    mistaken = signed.share(case, boss, needs_signature=False, title="Keliru")
    documents.withdraw(document=mistaken, actor=boss, reason=REASON)
    hold(signed.fresh(case), boss, kind="training", title="Sesi 1")
    case = signed.fresh(case)
    progress.finish(case=case, actor=boss, seen=walk.current(case).pk)
    agree(case, boss, "post_activation", timezone.now() + timedelta(days=60), kind="adoption_review")
    note(case, boss)
    CaseEvent.objects.update(note=REASON)
    StageEvent.objects.update(note=REASON)


def assert_nothing_of(text: str | bytes, where: str) -> None:
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    assert SENTINEL not in text.replace("\r\n ", ""), where


def pages(case: Case, subject: str) -> list[str]:
    stages = [reverse("onboarding:stage", args=[case.number, stage.key]) for stage in case.stages.all()]
    files = [reverse("onboarding:appointment-ics", args=[case.number, one.pk]) for one in case.appointments.all()]
    papers = [
        address
        for document in case.documents.exclude(status="withdrawn")
        for address in [document.get_absolute_url(), reverse("onboarding:sign", args=[document.pk])]
    ]
    of_case = [
        reverse(f"onboarding:{name}", args=[case.number]) for name in ("case", "requirements", "schedule", "calendar")
    ]
    general = [reverse(name) for name in ("client-home", "onboarding:cases", "onboarding:documents", "accounts:emails")]
    more = [reverse("onboarding:rate", args=[case.number, subject]), case.service.get_absolute_url()]
    return [*general, *of_case, *stages, *files, *papers, *more]


def crawl(client, case: Case) -> int:
    """How many pages were read."""
    found = pages(case, "training")
    for address in found:
        response = client.get(address, follow=True)
        assert response.status_code in {200, 405}, address
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert_nothing_of(content, address)
    return len(found)


def read_files(client, case: Case) -> int:
    """How many documents were read."""
    versions = DocumentVersion.objects.filter(document__case=case)
    for version in versions:
        response = client.get(reverse("onboarding:version", args=[version.pk]))
        if version.document.status == "withdrawn":
            continue
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert_nothing_of(content, str(version))
        if version.content_type == "application/pdf" and content.count(b"%%EOF"):
            for page in PdfReader(io.BytesIO(content)).pages:
                assert_nothing_of(page.extract_text(), str(version))
    return len(versions)


def deliver_everything() -> list[mail.EmailMessage]:
    """Each change's email, as if each had left before the next came."""
    mail.outbox.clear()
    for row in OutboxEmail.objects.exclude(status="sent").order_by("pk"):
        OutboxEmail.objects.filter(pk=row.pk).update(status="queued", attempts=0)
        assert delivery.deliver(row.pk), OutboxEmail.objects.get(pk=row.pk).last_error
    return mail.outbox


def test_no_page_email_calendar_or_document_tells_what_staff_noted(client, followed, owner, boss):
    case, colleague = followed
    live_through(case, owner, boss)
    case = signed.fresh(case)
    assert case.status == "live"
    assert InternalNote.objects.filter(case=case, body__contains=SENTINEL).count() == 2
    digests.send(timezone.now() + timedelta(days=1))
    reminders.remind(timezone.now())
    assert not DigestEntry.objects.filter(sent_with="").exists()

    sent = deliver_everything()
    assert {row.template for row in OutboxEmail.objects.filter(template__startswith="onboarding/")} == {
        "onboarding/changed", "onboarding/reminder", "onboarding/digest",
    }  # fmt: skip
    for message in sent:
        assert_nothing_of(message.message().as_bytes(), message.subject)
        assert_nothing_of(message.subject + message.body + message.alternatives[0].content, message.subject)
        for attachment in message.attachments:
            assert_nothing_of(attachment[1], attachment[0])
    for row in OutboxEmail.objects.all():
        assert_nothing_of(row.subject + row.text_body + row.html_body + str(row.arguments), row.template)

    for person in (owner, colleague):
        client.force_login(person)
        for language in ("id", "en"):
            client.cookies["django_language"] = language
            User.objects.filter(pk=person.pk).update(language=language)
            assert crawl(client, case) > 20
        assert read_files(client, case) >= 4
        membership = Membership.objects.get(user=person, customer=case.customer)
        for email in mailbox.readable_by(person, membership):
            assert_nothing_of(client.get(reverse("accounts:email", args=[email.pk])).content, email.subject)
    assert Invoice.objects.get().status == "paid"
    # What staff wrote for the customer is where it belongs: the pages and emails that were read do show staff's words.
    assert "Berjalan lancar" in client.get(reverse("onboarding:schedule", args=[case.number])).text
    assert any("Berjalan lancar" in message.body for message in sent)


def test_a_stopped_case_tells_no_reason(client, followed, owner, boss):
    case, _colleague = followed
    note(case, boss)
    stopping.stop(case=case, actor=boss, reason=REASON)
    client.force_login(owner)
    for address in (case.get_absolute_url(), reverse("onboarding:cases"), reverse("client-home")):
        response = client.get(address)
        assert response.status_code == 200
        assert_nothing_of(response.content, address)
    assert "berhenti" in client.get(case.get_absolute_url()).text.lower()
    for message in deliver_everything():
        assert_nothing_of(message.message().as_bytes(), message.subject)
