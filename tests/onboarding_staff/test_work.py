"""A case's page: everything in one submit, all of it or nothing, with what was typed kept where it is refused."""

import uuid
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from onboarding import progress, stopping, updates
from onboarding.models import Appointment, Case, Change, Document, InternalNote, PublicUpdate, Rating, Stage
from tests import factories
from tests.onboarding import journey, signed
from tests.onboarding_staff import rows

pytestmark = pytest.mark.django_db

DAY = timezone.localdate() + timedelta(days=3)
MEETING = {"kind": "meeting", "title": "Demo", "day": DAY, "starts": "09:00", "link": "https://rapat.example/1"}


@pytest.fixture
def case(db):
    return rows.at_stage("sales_meeting")


@pytest.fixture
def pic(case):
    return rows.pic_of(case)


@pytest.fixture
def at_work(client, pic):
    client.force_login(pic)
    return client


def page(case: Case) -> str:
    return reverse("admin:onboarding_work", args=[case.pk])


def work(client, case: Case, go: str = "", **given):
    """Typed on a page that showed the case as it is, unless ``seen`` says otherwise."""
    current = case.stages.filter(status="current").first()
    stage = {"seen": current.pk, "due_on": current.due_on or ""} if current else {}
    given = {"key": uuid.uuid4(), **stage, **given}
    data = {f"work-{name}": value for name, value in given.items()}
    return client.post(page(case), {**data, "go": go})


def wrong(answer) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return dict(answer.context["form"].errors)


def counts(case: Case) -> tuple[int, ...]:
    """What there is of the case: unchanged where nothing was done."""
    models = (Appointment, Document, PublicUpdate, InternalNote, Change)
    return (*(model.objects.filter(case=case).count() for model in models), len(stored()))


def stored() -> list[str]:
    folder = "onboarding/documents"
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def pdf(name: str = "kontrak.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"Isi kontrak.", "text/plain")


def test_one_submit_does_everything(at_work, case, pic):
    colleague = factories.onboarding_pic(name="Rio")
    target = case.stages.get(key="quotation")
    answer = work(
        at_work,
        case,
        to=target.pk,
        due_on="2027-01-15",
        pic=colleague.pk,
        update="Jadwal **dipastikan**.",
        note="Minta diskon.",
        file=pdf(),
        document_title="Kontrak",
        document_kind="contract",
        needs_signature="on",
        stage=target.pk,
        **MEETING,
    )
    # It is the colleague's now, so the page is no more the person's.
    assert (answer.status_code, answer.url) == (302, reverse("admin:onboarding_board"))
    case.refresh_from_db()
    assert (case.stage_key, case.pic, case.stage_due_on) == ("quotation", colleague, date(2027, 1, 15))
    meeting = case.appointments.get()
    assert (meeting.title, meeting.stage, meeting.created_by) == ("Demo", target, pic)
    assert meeting.ends_at - meeting.starts_at == timedelta(hours=1)
    document = case.documents.get()
    assert (document.title, document.kind, document.status) == ("Kontrak", "contract", "sent")
    assert (case.updates.get().body, case.notes.get().body) == ("Jadwal **dipastikan**.", "Minta diskon.")
    told = list(case.changes.filter(actor=pic).order_by("pk").values_list("kind", flat=True))
    assert sorted(told) == ["document", "due", "pic", "pic", "scheduled", "stage", "update"]


def test_the_same_form_sent_again_does_nothing_more(at_work, case):
    key = uuid.uuid4()
    assert work(at_work, case, key=key, update="Kabar.", **MEETING).status_code == 302
    before = counts(case)
    assert work(at_work, case, key=key, update="Kabar.", file=pdf(), **MEETING).status_code == 302
    assert counts(case) == before


def test_the_same_file_is_not_shared_twice(at_work, case):
    assert work(at_work, case, file=pdf()).status_code == 302
    before = counts(case)
    assert "Berkas yang sama sudah ada" in str(wrong(work(at_work, case, file=pdf())))
    assert counts(case) == before


def test_an_empty_form_says_so(at_work, case):
    assert "Isi sedikitnya satu bagian" in str(wrong(work(at_work, case)))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**MEETING, "day": ""}, "day"),
        ({**MEETING, "starts": ""}, "starts"),
        ({**MEETING, "link": ""}, "link"),
        ({**MEETING, "link": "bukan tautan"}, "link"),
        ({**MEETING, "ends": "08:00"}, "ends"),
        ({**MEETING, "day": "2020-01-01"}, "starts"),
        ({"needs_signature": "on"}, "file"),
        ({"file": SimpleUploadedFile("virus.pdf", b"MZ", "application/pdf")}, "file"),
        ({"to": "999999"}, "to"),
        ({"pic": "999999"}, "pic"),
        ({"due_on": "besok"}, "due_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_done(at_work, case, given, field):
    before = counts(case)
    answer = work(at_work, case, note="Catatan saya.", **given)
    assert set(wrong(answer)) == {field}
    assert counts(case) == before
    assert answer.context["form"]["note"].value() == "Catatan saya."
    assert next(part.key for part in answer.context["form"].parts if part.open) == "note"


def test_a_mandatory_stage_is_not_jumped_over_and_nothing_else_is_done(at_work, case):
    before = counts(case)
    answer = work(at_work, case, to=case.stages.get(key="training").pk, update="Lanjut.", file=pdf())
    assert "tidak boleh dilewati" in str(wrong(answer))
    assert counts(case) == before
    assert Case.objects.get(pk=case.pk).stage_key == "sales_meeting"


def test_whoever_is_slower_is_told_and_keeps_the_text(at_work, case, pic):
    seen = case.stages.get(status="current").pk
    boss = factories.onboarding_pic("onboarding.see_all_cases", name="Ayu")
    progress.move(case=case, to=case.stages.get(key="quotation"), actor=boss, seen=seen)
    rows.pics.replace(case.stages.get(key="quotation"), pic, None)
    before = counts(case)
    to = case.stages.get(key="quotation").pk
    answer = work(at_work, case, seen=seen, to=to, due_on="2027-01-15", update="Kabar saya.", file=pdf())
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Ayu memindahkan onboarding ini ke “Penawaran”" in text
    assert "Kabar saya." in text
    assert "Berkasnya perlu dipilih lagi." in text
    assert counts(case) == before
    # Sent again from there, it is done.
    again = answer.context["form"]
    posted = {name: again[name].value() for name in ("key", "seen", "to", "due_on", "update")}
    assert work(at_work, case, **posted).status_code == 302
    assert case.updates.get().body == "Kabar saya."


def test_a_note_does_not_mind_that_the_case_was_moved(at_work, case):
    assert work(at_work, case, seen="", note="Ingat ini.").status_code == 302
    assert case.notes.get().body == "Ingat ini."


@pytest.mark.parametrize(
    ("kind", "key"), [("training", "training"), ("adoption_review", "post_activation"), ("call", "sales_meeting")]
)
def test_an_appointment_goes_to_the_stage_that_is_for_its_kind(at_work, case, kind, key):
    work(at_work, case, **{**MEETING, "kind": kind, "title": ""})
    made = case.appointments.get()
    assert (made.stage.key, made.title) == (key, str(Appointment.Kind(kind).label))


def test_times_are_by_the_clock_of_the_chosen_zone(at_work, case):
    work(at_work, case, time_zone="Asia/Jayapura", ends="11:30", **MEETING)
    made = case.appointments.get()
    assert made.starts_at.astimezone(made.zone).strftime("%Y-%m-%d %H:%M %Z") == f"{DAY} 09:00 WIT"
    assert made.ends_at - made.starts_at == timedelta(hours=2, minutes=30)
    assert "09.00 WIT" in at_work.get(page(case)).content.decode()


def test_materials_belong_to_their_session(at_work, case):
    session = rows.meeting(case, kind="training", title="Sesi 1")
    work(at_work, case, file=pdf(), document_kind="material", document_for=f"a{session.pk}")
    made = case.documents.get()
    assert (made.appointment, made.stage, made.kind, made.title) == (session, session.stage, "material", "kontrak.txt")


def test_a_pic_of_the_wrong_team_is_refused_with_words(at_work, case, pic):
    team = Group.objects.create(name="Implementasi")
    Stage.objects.filter(case=case, key="sales_meeting").update(pic_group=team)
    stranger = factories.onboarding_pic(name="Rio")
    assert "pilih staf dari tim Implementasi" in str(wrong(work(at_work, case, pic=stranger.pk)))
    assert Case.objects.get(pk=case.pk).pic == pic


def test_after_it_the_next_case_on_which_it_is_our_turn_opens(at_work, case, pic):
    other = rows.at_stage("initial_call")
    rows.pics.replace(other.stages.get(status="current"), pic, None)
    rows.settling.settle(other)
    assert work(at_work, case, go="next", note="Selesai.").url == page(other)
    Case.objects.filter(pk=other.pk).update(turn="customer")
    assert work(at_work, case, go="next", note="Selesai.").url == reverse("admin:onboarding_today")


def test_who_may_only_look_gets_no_form_and_does_nothing(client, case):
    client.force_login(factories.staff("onboarding.view_case", "onboarding.see_all_cases"))
    answer = client.get(page(case))
    assert answer.status_code == 200
    assert "Simpan semuanya" not in answer.content.decode()
    before = counts(case)
    assert work(client, case, note="Iseng.").status_code == 403
    assert counts(case) == before


def test_a_stopped_case_takes_notes_and_says_what_else_it_needs(at_work, case):
    stopping.stop(case=case, actor=factories.onboarding_pic("onboarding.see_all_cases"), reason="Anggaran")
    assert work(at_work, case, note="Telepon lagi tahun depan.").status_code == 302
    before = counts(case)
    assert "Buka lagi" in str(wrong(work(at_work, case, **MEETING)))
    assert counts(case) == before


def test_the_story_tells_all_that_happened_with_reasons_for_staff(at_work, case, pic):
    boss = factories.onboarding_pic("onboarding.see_all_cases", name="Ayu")
    work(at_work, case, **MEETING)
    stopping.stop(case=case, actor=boss, reason="Anggaran ditunda")
    answer = at_work.get(reverse("admin:onboarding_story", args=[case.pk]), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    told = [(one.subject, one.what, one.actor) for one in answer.context["history"]]
    assert ("Onboarding", "berhenti", "Ayu") in told
    assert ("Jadwal Demo", "dibatalkan", "Ayu") in told
    assert told.index(("Jadwal Demo", "dibatalkan", "Ayu")) < told.index(("Jadwal Demo", "dibuat", str(pic)))
    assert "Anggaran ditunda" in text


def test_members_with_their_roles_stand_above_the_story(at_work, case):
    member = factories.member(case.customer, factories.user(name="Tia Lestari"))
    factories.product_role(case.product, "ultimate")
    journey.give(case.customer, member.user, case.product, "ultimate")
    assert "Tia Lestari" not in at_work.get(page(case)).content.decode()
    answer = at_work.get(reverse("admin:onboarding_story", args=[case.pk]))
    told = [(one.user.name, company_role, role) for one, company_role, role in answer.context["members"]]
    assert told[-1] == ("Tia Lestari", "Pembaca", "Ultimate")
    assert "Tia Lestari" in answer.content.decode()


def test_what_was_written_and_rated_stands_in_one_order(at_work, case, pic):
    author = factories.onboarding_pic("onboarding.see_all_cases", name="")
    work(at_work, case, update="Kabar baik.")
    updates.add_note(case=case, actor=author, body="Catatan.", key=None)
    rated = Rating.objects.create(case=case, subject="training", stars=3, comment="Terlalu cepat.")
    context = at_work.get(page(case)).context
    assert [(one.kind, one.author, one.body) for one in context["entries"]] == [
        ("note", author.email, "Catatan."),
        ("update", pic.name, "Kabar baik."),
    ]
    [shown] = context["ratings"]
    assert (shown.about, shown.stars, shown.at) == ("Pelatihan", 3, rated.at)
    InternalNote.objects.update(author=None)
    assert at_work.get(page(case)).context["entries"][0].author == "orang yang akunnya dihapus"


def full_case() -> tuple[Case, User]:
    """What was quoted was signed and ordered, questions were answered, and the customer said what it thinks."""
    owner = factories.user()
    case = rows.at_stage("quotation", case=factories.onboarding_case(owner=owner))
    pic = rows.pic_of(case, "onboarding.add_quotation", "billing.view_invoice", "billing.view_service")
    factories.terms()
    signed.sign(signed.quote(case, pic).document, owner)
    for subject in Rating.Subject:
        Rating.objects.create(case=case, subject=subject, stars=4, user=owner)
    return Case.objects.get(pk=case.pk), pic


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_of_everything(client, django_assert_num_queries, count):
    case, pic = full_case()
    client.force_login(pic)
    for number in range(count):
        rows.meeting(case, title=f"Sesi {number}")
        work(client, case, update=f"Kabar {number}", file=SimpleUploadedFile(f"{number}.txt", b"x%d" % number))
        work(client, case, note=f"Catatan {number}")
        factories.member(case.customer)
    client.get(page(case))
    with django_assert_num_queries(12):
        answer = client.get(page(case))
    context = answer.context
    assert (len(context["documents"]), len(context["entries"]), len(context["ratings"])) == (count + 1, 2 * count, 2)
    assert (context["invoice"], context["case"].quotation.order) == (case.service.order.invoice, case.service.order)
