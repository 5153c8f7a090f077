"""What customers read by email: what changed, what comes next, whose turn it is, with calendars and quotations (ON6)."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.files.base import ContentFile
from django.utils import timezone
from icalendar import Calendar

from accounts import delivery, mailbox, outbox
from accounts.models import Membership, OutboxEmail
from onboarding import changes, digests, news, notices
from onboarding.models import Case, Change, Document, InternalNote, MemberRole, PublicUpdate, Quotation
from tests import factories
from tests.onboarding import journey
from tests.onboarding.diary import NOW, START, emails, follower, open_case

pytestmark = pytest.mark.django_db

Kind = Change.Kind
SENTINEL = "RAHASIA-STAF-7431"


@pytest.fixture(autouse=True)
def _on_a_monday(settings):
    settings.DEFAULT_FROM_EMAIL = "Toko <no-reply@toko.example>"
    settings.BASE_URL = "https://toko.example"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(customer, owner, pic):
    made = open_case(customer)
    journey.assign(made, pic)
    return made


@pytest.fixture
def session(case):
    return journey.appointment(case, "training", START, title="Sesi 1: absensi", time_zone="Asia/Makassar")


def document(case: Case, kind: str = "contract", **fields) -> Document:
    made = journey.document(case, "quotation", kind=kind, title="Penawaran QT-1", **fields)
    version = made.versions.create(number=1, name="penawaran.pdf", content_type="application/pdf", size=8, sha256="x")
    version.file.save("penawaran.pdf", ContentFile(b"%PDF-1.7"))
    return made


def quotation(case: Case) -> Document:
    """Sent, and waiting for the signature."""
    made = document(case, "quotation", needs_signature=True, status="sent", sent_at=NOW)
    Quotation.objects.create(
        case=case, document=made, number="QT-1", payment_method=factories.bank_transfer(),
        valid_until=date(2026, 12, 7), subtotal=100, total=100,
    )  # fmt: skip
    return made


def rendered(language: str = "", reveal: bool = True) -> outbox.Rendered:
    row = emails()[-1]
    return outbox.render(row.template, row.arguments, language or row.language, reveal=reveal)


def sent() -> list[mail.EmailMessage]:
    """Every email of the outbox, delivered."""
    mail.outbox.clear()
    OutboxEmail.objects.update(status="queued", attempts=0)
    for row in OutboxEmail.objects.order_by("pk"):
        assert delivery.deliver(row.pk)
    return mail.outbox


# What it says


def test_an_email_says_what_changed_what_comes_next_and_where_to_look(case, session, pic):
    Case.objects.filter(pk=case.pk).update(turn="us", turn_action="attend")
    changes.record(case=case, kind=Kind.STAGE, actor=pic, stage=case.stages.get(key="initial_call"))
    email = rendered()
    assert email.subject == "Jurnal Plus: Tahap sekarang: Panggilan awal"
    for part in (email.text, email.html):
        assert "Target selesai: Selasa, 10 November 2026." in part
        assert "Dewi Pratiwi" in part
        assert "Sesi 1: absensi" in part
        assert "Selasa, 1 Desember 2026, 09.00–11.00 WITA" in part
        assert "Giliran kami: bertemu pada jadwal" in part
        assert f"https://toko.example/client/onboarding/{case.number}/" in part


def test_the_customers_turn_is_said_with_its_due_date(case, pic):
    waiting = {"turn": "customer", "turn_action": "pay", "turn_due_on": date(2026, 11, 28)}
    Case.objects.filter(pk=case.pk).update(**waiting)
    changes.record(case=case, kind=Kind.REQUIREMENTS_ASKED, actor=pic)
    email = rendered()
    for part in (email.text, email.html):
        assert "Giliran Anda: bayar tagihan" in part
        assert "Tenggat Sabtu, 28 November 2026." in part


def test_the_shops_name_stands_in_the_names_of_stages(case, pic):
    changes.record(case=case, kind=Kind.STAGE, actor=pic, stage=case.stages.get(key="sales_meeting"))
    assert "{company}" not in rendered().text
    assert "Pertemuan dengan tim Langganan" in rendered().text


@pytest.mark.parametrize(
    ("zone", "words"),
    [("Asia/Jakarta", "08.00–10.00 WIB"), ("Asia/Makassar", "09.00–11.00 WITA"), ("Asia/Jayapura", "10.00–12.00 WIT")],
)
def test_times_are_by_the_appointments_own_clock(case, session, pic, zone, words):
    session.time_zone = zone
    session.save()
    changes.record(case=case, kind=Kind.SCHEDULED, actor=pic, appointment=session)
    email = rendered()
    for part in (email.text, email.html):
        assert f"Selasa, 1 Desember 2026, {words}" in part
    [event] = Calendar.from_ical(email.attachments[0].content).walk("VEVENT")
    assert (event.start, event["DTSTART"].params["TZID"]) == (START, zone)


def test_several_changes_are_one_email_with_the_weightiest_first_in_its_subject(case, session, pic):
    changes.record(case=case, kind=Kind.PIC, actor=pic, stage=case.stages.get(key="initial_call"))
    changes.record(case=case, kind=Kind.SCHEDULED, actor=pic, appointment=session)
    email = rendered()
    assert email.subject == "Jurnal Plus: Jadwal baru: Sesi 1: absensi (+1)"
    assert "PIC Anda sekarang: Dewi Pratiwi" in email.text
    assert email.text.index("PIC Anda sekarang") < email.text.index("* Jadwal baru")


def test_an_update_is_read_as_it_was_written_and_cannot_harm(case, pic):
    update = PublicUpdate.objects.create(case=case, author=pic, body="Data **diterima** <script>alert(1)</script>")
    changes.record(case=case, kind=Kind.UPDATE, actor=pic, update=update)
    email = rendered()
    assert email.subject == "Jurnal Plus: Kabar dari Dewi Pratiwi"
    assert "<strong>diterima</strong>" in email.html
    assert "<script" not in email.html
    assert "Data **diterima**" in email.text


def test_staff_without_a_name_is_the_team_and_no_address_is_shown(case):
    nameless = factories.staff("onboarding.work_on_case", name="", email="damar@toko.example")
    update = PublicUpdate.objects.create(case=case, author=nameless, body="Halo")
    changes.record(case=case, kind=Kind.UPDATE, actor=nameless, update=update)
    email = rendered()
    assert "Kabar dari Tim kami" in email.subject
    assert "damar@" not in email.text + email.html


def test_an_email_of_a_stop_names_no_reason(case, pic):
    Case.objects.filter(pk=case.pk).update(status="stopped", stopped_at=NOW, turn="nobody")
    case.events.create(kind="stopped", to_status="stopped", actor=pic, note=SENTINEL)
    changes.record(case=Case.objects.get(pk=case.pk), kind=Kind.STOPPED, actor=pic)
    email = rendered()
    assert email.subject == "Jurnal Plus: Onboarding berhenti"
    assert "Berhenti sejak Senin, 23 November 2026." in email.text
    assert "Giliran" not in email.text
    assert SENTINEL not in email.text + email.html


def everything(case: Case, session, pic) -> dict[str, dict]:
    """What each kind of change is about."""
    stage, quote = case.stages.get(key="initial_call"), quotation(case)
    update = PublicUpdate.objects.create(case=case, author=pic, body="Halo")
    about = {kind: {} for kind in Kind}
    about |= {key: {"stage": stage} for key in [Kind.STAGE, Kind.PIC, Kind.DUE]}
    kinds = [Kind.SCHEDULED, Kind.RESCHEDULED, Kind.CANCELLED, Kind.APPOINTMENT_DONE, Kind.MISSED]
    about |= {key: {"appointment": session} for key in kinds}
    signing = [Kind.DOCUMENT, Kind.SIGNED, Kind.RECEIVED, Kind.SIGNATURE_REFUSED, Kind.WITHDRAWN]
    about |= {key: {"document": quote} for key in signing}
    return about | {Kind.UPDATE: {"update": update}}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_change_has_its_words(case, session, pic, kind, language):
    about = everything(case, session, pic)[kind]
    changes.record(case=case, kind=kind, actor=pic, **about)
    email = rendered(language)
    assert len(email.subject) > len("Jurnal Plus: ")
    assert not re.search(r"[{%]%|{{|%}|%\(|\bNone\b", email.subject + email.text + email.html)
    assert kind in news.WEIGHT


# What is attached


def test_a_new_appointment_brings_its_calendar(case, session, pic, owner):
    changes.record(case=case, kind=Kind.SCHEDULED, actor=pic, appointment=session)
    [message] = sent()
    [(name, content, kind)] = message.attachments
    assert (name, kind) == (f"{case.number}-{session.pk}.ics", "text/calendar")
    calendar = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["ATTENDEE"]) == ("REQUEST", f"mailto:{owner.email}")
    assert event.start == START
    assert ".ics" in message.body


@pytest.mark.parametrize(
    ("kind", "status", "method"), [(Kind.RESCHEDULED, "scheduled", "REQUEST"), (Kind.CANCELLED, "cancelled", "CANCEL")]
)
def test_a_change_of_it_brings_the_changed_one(case, session, pic, kind, status, method):
    session.status = status
    session.save()
    changes.record(case=case, kind=kind, actor=pic, appointment=session)
    [message] = sent()
    calendar = Calendar.from_ical(message.attachments[0][1])
    assert (calendar["METHOD"], calendar.walk("VEVENT")[0]["UID"]) == (method, f"{session.uid}@toko.example")


def test_each_appointment_is_a_file_of_its_own(case, session, pic):
    second = journey.appointment(case, "training", START + timedelta(days=2), title="Sesi 2")
    for one in (session, second):
        changes.record(case=case, kind=Kind.SCHEDULED, actor=pic, appointment=one)
    assert len({attachment.name for attachment in rendered().attachments}) == 2


def test_a_quotation_is_attached_until_it_is_signed(case, pic):
    made = quotation(case)
    changes.record(case=case, kind=Kind.DOCUMENT, actor=pic, document=made)
    email = rendered()
    assert email.subject == "Jurnal Plus: Dokumen menunggu tanda tangan: Penawaran QT-1"
    assert "Berlaku sampai Senin, 7 Desember 2026." in email.text
    assert [(one.name, one.content) for one in email.attachments] == [("penawaran.pdf", b"%PDF-1.7")]
    assert rendered(reveal=False).attachments == ()
    Document.objects.filter(pk=made.pk).update(status="signed", signed_at=NOW)
    assert rendered().attachments == ()


def test_other_documents_are_read_on_the_page(case, pic):
    changes.record(case=case, kind=Kind.DOCUMENT, actor=pic, document=document(case, status="shared"))
    assert rendered().attachments == ()


def test_a_newer_version_says_that_it_is_one(case, pic):
    made = document(case, status="shared")
    for subject in ("Dokumen baru", "Versi baru"):
        changes.record(case=case, kind=Kind.DOCUMENT, actor=pic, document=made)
        OutboxEmail.objects.update(attempts=1)
        assert rendered().subject == f"Jurnal Plus: {subject}: Penawaran QT-1"


def test_a_refused_signature_says_what_to_mend(case, pic, owner):
    made = quotation(case)
    version = made.versions.get()
    version.signatures.create(way="typed", signer=owner, name="Sari", signed_sha256="x", refused_at=NOW)
    made.events.create(kind="sent", from_status="signed", to_status="sent", note="Cap perusahaan belum ada.")
    changes.record(case=case, kind=Kind.SIGNATURE_REFUSED, actor=pic, document=made)
    email = rendered()
    assert email.subject == "Jurnal Plus: Perlu ditandatangani lagi: Penawaran QT-1"
    assert "Cap perusahaan belum ada." in email.text


# Ratings, threads, and who reads again


def test_when_it_is_live_a_rating_is_asked_for(case, pic):
    Case.objects.filter(pk=case.pk).update(status="live", live_at=NOW)
    changes.record(case=Case.objects.get(pk=case.pk), kind=Kind.LIVE, actor=pic)
    assert f"/client/onboarding/{case.number}/rate/go_live/" in rendered().text


def test_emails_of_a_case_are_one_thread(case, session, pic):
    for kind in (Kind.SCHEDULED, Kind.RESCHEDULED):
        changes.record(case=case, kind=kind, actor=pic, appointment=session)
        OutboxEmail.objects.update(attempts=1)
    first, second = sent()
    root = f"<{case.number.lower()}@toko.example>"
    assert first.extra_headers["References"] == second.extra_headers["References"] == root


def readable(person, customer) -> list[str]:
    membership = Membership.objects.get(user=person, customer=customer)
    return [row.template for row in mailbox.readable_by(person, membership)]


def test_my_emails_shows_them_to_their_addressee_while_the_role_sees_the_case(case, session, pic, owner):
    colleague = follower(case)
    digests.choose(actor=colleague, daily=True)
    changes.record(case=case, kind=Kind.SCHEDULED, actor=pic, appointment=session)
    digests.send(timezone.now() + timedelta(hours=9))
    notices.remind(session)
    sent()
    assert readable(owner, case.customer) == ["onboarding/reminder", "onboarding/changed"]
    assert sorted(readable(colleague, case.customer)) == ["onboarding/digest", "onboarding/reminder"]
    for person in (owner, colleague):
        MemberRole.objects.filter(membership__user=person).update(
            role=case.product.onboarding_roles.get(key="accountant")
        )
        assert readable(person, case.customer) == []


def test_notes_of_staff_are_in_no_email(case, session, pic):
    InternalNote.objects.create(case=case, author=pic, body=SENTINEL)
    session.events.create(kind="rescheduled", actor=pic, note=SENTINEL)
    case.stages.get(key="initial_call").events.create(kind="current", actor=pic, note=SENTINEL)
    case.events.create(kind="stopped", actor=pic, note=SENTINEL)
    for kind, about in everything(case, session, pic).items():
        changes.record(case=case, kind=kind, actor=pic, **about)
        OutboxEmail.objects.update(attempts=1)
    for message in sent():
        assert SENTINEL not in message.message().as_string()
        assert SENTINEL not in message.subject + message.body + message.alternatives[0].content
