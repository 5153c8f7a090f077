"""The customer's schedule, its calendar files, ratings, and the choice of how often to be told."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from onboarding import digests, ratings
from onboarding.models import Appointment, Case, DigestChoice, Rating
from onboarding.refusals import AlreadyRated, NotAllowed, TooEarlyToRate
from tests.onboarding import journey
from tests.onboarding.diary import NOW, START, bystander, fresh, open_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(customer):
    return open_case(customer)


def sessions(case: Case, pic, count: int) -> list[Appointment]:
    """Each with a material and a PIC."""
    made = [
        journey.appointment(
            case, "training", START + timedelta(days=day), title=f"Sesi {day + 1}", time_zone="Asia/Makassar"
        )
        for day in range(count)
    ]
    for one in made:
        journey.document(case, "training", kind="material", title=f"Materi {one.title}", appointment=one)
    return made


def page(client, case: Case, name: str = "schedule", *more) -> str:
    response = client.get(reverse(f"onboarding:{name}", args=[case.number, *more]))
    assert response.status_code == 200
    return response.text


# The schedule


def test_m8_the_sessions_with_their_times_places_and_materials(signed_in, case, pic):
    journey.assign(case, pic, key="training")
    first, second = sessions(case, pic, 2)
    Appointment.objects.filter(pk=second.pk).update(status="cancelled")
    held = journey.appointment(
        case, "training", NOW - timedelta(days=3), title="Sesi 0", status="done", outcome="Lancar"
    )
    text = page(signed_in, case)
    assert "Selasa, 1 Desember 2026, 09.00–11.00 WITA" in text
    assert "Materi Sesi 1" in text
    assert "dengan Dewi Pratiwi" in text
    assert "https://meet.example.com/abc" in text
    assert "1 dari 2 sesi pelatihan selesai." in text
    assert text.index("Akan datang") < text.index("Sesi 1") < text.index("Riwayat") < text.index("Sesi 2")
    assert text.index("Riwayat") < text.index("Sesi 0") < text.index("Lancar")
    assert reverse("onboarding:appointment-ics", args=[case.number, first.pk]) in text
    assert reverse("onboarding:appointment-ics", args=[case.number, held.pk]) not in text


def test_a_material_that_was_withdrawn_is_not_shown(signed_in, case, pic):
    [session] = sessions(case, pic, 1)
    session.materials.update(status="withdrawn")
    assert "Materi Sesi 1" not in page(signed_in, case)


def test_without_anything_agreed_the_page_says_what_will_be_there(signed_in, case):
    text = page(signed_in, case)
    assert "Belum ada jadwal" in text
    assert reverse("onboarding:calendar", args=[case.number]) not in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_schedule_asks_as_often_whatever_its_length(signed_in, case, pic, count, django_assert_num_queries):
    journey.assign(case, pic, key="training")
    sessions(case, pic, count)
    page(signed_in, case)
    with django_assert_num_queries(8):
        page(signed_in, case)


@pytest.mark.parametrize(
    ("zone", "words"),
    [("Asia/Jakarta", "08.00–10.00 WIB"), ("Asia/Makassar", "09.00–11.00 WITA"), ("Asia/Jayapura", "10.00–12.00 WIT")],
)
def test_each_is_written_by_its_own_clock_whatever_the_cases(signed_in, case, zone, words):
    Case.objects.filter(pk=case.pk).update(time_zone="Asia/Jayapura")
    journey.appointment(case, "training", START, time_zone=zone)
    assert f"Selasa, 1 Desember 2026, {words}" in page(signed_in, case)


def test_a_calendar_file_is_what_the_page_says(signed_in, case, pic):
    first, _second = sessions(case, pic, 2)
    one = signed_in.get(reverse("onboarding:appointment-ics", args=[case.number, first.pk]))
    assert one["Content-Type"] == "text/calendar; charset=utf-8"
    assert one["Content-Disposition"] == f'attachment; filename="{case.number}-{first.pk}.ics"'
    [event] = Calendar.from_ical(one.content).walk("VEVENT")
    assert event.start == first.starts_at
    everything = signed_in.get(reverse("onboarding:calendar", args=[case.number]))
    assert len(Calendar.from_ical(everything.content).walk("VEVENT")) == 2


def test_an_appointment_of_another_case_is_not_found_under_this_one(signed_in, case):
    other = open_case(case.customer)
    theirs = journey.appointment(other, "training", START)
    assert signed_in.get(reverse("onboarding:appointment-ics", args=[case.number, theirs.pk])).status_code == 404


@pytest.mark.parametrize("name", ["schedule", "calendar"])
def test_m1b_a_role_that_does_not_see_the_tracker_is_told_who_can_help(client, case, accountant_of, name):
    client.force_login(accountant_of(case))
    journey.appointment(case, "training", START, title="Sesi rahasia")
    response = client.get(reverse(f"onboarding:{name}", args=[case.number]))
    assert response.status_code == 403
    assert "Sesi rahasia" not in response.text


@pytest.fixture
def accountant_of(db):
    return bystander


# Ratings


def trained(case: Case) -> Case:
    case.stages.filter(key="training").update(status="done", done_at=NOW)
    return case


def live(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(status="live", live_at=NOW)
    return fresh(case)


def test_training_and_go_live_are_rated_when_they_are_over(case, owner):
    assert ratings.open_subjects(case) == []
    assert ratings.open_subjects(trained(case)) == ["training"]
    assert ratings.open_subjects(live(case)) == ["training", "go_live"]
    made = ratings.rate(case=case, subject="training", stars=4, comment=" Jelas ", actor=owner)
    assert (made.stars, made.comment, made.user) == (4, "Jelas", owner)
    assert ratings.open_subjects(fresh(case)) == ["go_live"]


def test_before_it_is_over_nothing_is_rated(case, owner):
    for subject in Rating.Subject.values:
        with pytest.raises(TooEarlyToRate):
            ratings.rate(case=case, subject=subject, stars=5, actor=owner)
    Case.objects.filter(pk=trained(case).pk).update(status="stopped", stopped_at=NOW)
    with pytest.raises(TooEarlyToRate):
        ratings.rate(case=fresh(case), subject="training", stars=5, actor=owner)
    assert Rating.objects.count() == 0


def test_it_is_rated_once_for_the_company(case, owner):
    trained(case)
    first = ratings.rate(case=case, subject="training", stars=4, actor=owner)
    with pytest.raises(AlreadyRated):
        ratings.rate(case=case, subject="training", stars=1, actor=owner)
    assert list(Rating.objects.values_list("pk", "stars")) == [(first.pk, 4)]


def test_who_does_not_see_the_tracker_does_not_rate(case, accountant_of, stranger):
    trained(case)
    for person in (accountant_of(case), stranger):
        with pytest.raises(NotAllowed):
            ratings.rate(case=case, subject="training", stars=1, actor=person)
    assert Rating.objects.count() == 0


def test_a_rating_is_given_on_its_page_and_thanked_for(signed_in, case):
    trained(case)
    address = reverse("onboarding:rate", args=[case.number, "training"])
    assert "Bagaimana pelatihannya?" in page(signed_in, case, "rate", "training")
    answer = signed_in.post(address, {"stars": "5", "comment": "Sangat <jelas>"}, follow=True)
    assert answer.redirect_chain == [(case.get_absolute_url(), 302)]
    assert "Terima kasih atas penilaian Anda." in answer.text
    given = page(signed_in, case, "rate", "training")
    assert "Sudah dinilai 5 dari 5" in given
    assert "Sangat &lt;jelas&gt;" in given
    assert 'name="stars"' not in given


@pytest.mark.parametrize("stars", ["", "0", "6", "lima"])
def test_a_rating_without_stars_comes_back_with_its_comment(signed_in, case, stars):
    trained(case)
    answer = signed_in.post(
        reverse("onboarding:rate", args=[case.number, "training"]), {"stars": stars, "comment": "Bagus sekali"}
    )
    assert (answer.status_code, Rating.objects.count()) == (422, 0)
    assert "<title>Kesalahan:" in answer.text
    assert "Bagus sekali" in answer.text


def test_two_who_rate_at_the_same_time_are_told(signed_in, case, owner):
    trained(case)
    ratings.rate(case=case, subject="training", stars=2, actor=owner)
    address = reverse("onboarding:rate", args=[case.number, "training"])
    answer = signed_in.post(address, {"stars": "5"}, follow=True)
    assert "sudah dinilai oleh perusahaan Anda" in answer.text
    assert Rating.objects.get().stars == 2


def test_what_is_not_over_says_when_it_can_be_rated(signed_in, case):
    assert "Penilaian dibuka setelah bagian ini selesai." in page(signed_in, case, "rate", "go_live")


def test_there_is_nothing_else_to_rate(signed_in, case):
    assert signed_in.get(reverse("onboarding:rate", args=[case.number, "quotation"])).status_code == 404


# How often


@pytest.mark.parametrize(("sent", "chosen"), [("1", True), ("0", False)])
def test_how_often_is_the_persons_own_choice(signed_in, owner, case, sent, chosen):
    digests.choose(actor=owner, daily=not chosen)
    answer = signed_in.post(reverse("onboarding:digest"), {"daily": sent}, follow=True)
    assert answer.redirect_chain == [(reverse("onboarding:cases"), 302)]
    assert "Mulai sekarang Anda menerima" in answer.text
    assert digests.is_chosen_by(owner) == chosen


def test_no_choice_changes_nothing(signed_in, owner, case):
    answer = signed_in.post(reverse("onboarding:digest"), {"daily": "kadang"}, follow=True)
    assert "Pilih satu email per hari" in answer.text
    assert DigestChoice.objects.count() == 0


def test_the_choice_is_made_on_the_list(signed_in, owner, case):
    digests.choose(actor=owner, daily=True)
    text = signed_in.get(reverse("onboarding:cases")).text
    assert f'action="{reverse("onboarding:digest")}"' in text
    assert "Satu ringkasan per hari, pukul 18.00" in text
