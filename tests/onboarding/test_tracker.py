"""M0–M9: the tracker as its customer sees it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Shop
from accounts.roles import Role
from billing.models import Invoice
from onboarding.models import Case, Change, PublicUpdate, Stage
from onboarding.tracker import Tracker
from tests import factories
from tests.billing import shop
from tests.onboarding import journey, signed

# With everything that it may show.
QUERIES_OF_TRACKER = 12
AHEAD = timezone.now() + timedelta(days=30)


def page(client, case: Case) -> str:
    response = client.get(case.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def step_of(html: str, name: str) -> str:
    """The list's entry of a stage."""
    return next(part for part in html.split("<li class=")[1:] if f">{name}</a></h3>" in part)


def tracker_of(client, case: Case) -> Tracker:
    return client.get(case.get_absolute_url()).context["tracker"]


def change_turn(case: Case, **fields) -> None:
    Case.objects.filter(pk=case.pk).update(**fields)


def test_the_progress_counts_what_is_done(signed_in, case):
    tracker = tracker_of(signed_in, case)
    assert (tracker.done_count, len(tracker.counted), tracker.percent) == (4, 8, 50)
    assert [step.kind for step in tracker.steps] == ["done"] * 4 + ["now"] + ["next"] * 3
    html = page(signed_in, case)
    assert "4 dari 8 tahap selesai" in html
    assert "Tahap 5 dari 8: Pengumpulan kebutuhan." in html


def test_a_skipped_stage_is_shown_and_counted_nowhere(signed_in, case):
    case.stages.filter(key="quotation").update(status="skipped", done_at=None)
    tracker = tracker_of(signed_in, case)
    assert (tracker.done_count, len(tracker.counted), tracker.current.number) == (3, 7, 4)
    assert "Dilewati" in step_of(page(signed_in, case), "Penawaran")


def test_on7_the_customers_turn_is_said_first_with_its_deadline(signed_in, case):
    due = timezone.localdate() + timedelta(days=3)
    change_turn(case, turn="customer", turn_action="sign", turn_due_on=due)
    html = page(signed_in, case)
    assert "Giliran Anda: tanda tangani dokumen" in html
    assert "(3 hari lagi)" in html
    assert html.index("Giliran Anda: ") < html.index(">Tahapan<")


def callout(html: str) -> str:
    return html.split('id="turn-title"')[1].split("</section>")[0]


def test_on7_one_button_leads_to_the_document_that_waits(signed_in, case):
    waiting = journey.document(
        case, "requirement_gathering", title="URD", needs_signature=True, status="sent", sent_at=timezone.now()
    )
    change_turn(case, turn="customer", turn_action="sign")
    assert f'href="{waiting.get_absolute_url()}" class="button button-primary">Buka dokumen' in callout(
        page(signed_in, case)
    )


def test_on7_one_button_leads_to_the_requirement_form_and_says_how_long_it_takes(signed_in, case):
    signed.form_of(case)
    change_turn(case, turn="customer", turn_action="requirements")
    html = callout(page(signed_in, case))
    assert f'href="{case.get_absolute_url()}requirements/"' in html
    assert "Perkiraan 15 menit." in html


def test_on7_one_button_leads_to_the_invoice_for_who_may_see_it(client, case, customer, owner, product, invoice):
    change_turn(case, turn="customer", turn_action="pay")
    technician = factories.member(customer, role=Role.TECHNICAL).user
    journey.give(customer, technician, product, "ultimate")
    shown = []
    for person in (owner, technician):
        client.force_login(person)
        html = callout(page(client, case))
        assert "Giliran Anda: bayar tagihan" in html
        shown.append(invoice.get_absolute_url() in html)
    assert shown == [True, False]


def test_on7_our_turn_names_what_comes_next(signed_in, case):
    journey.appointment(case, "training", AHEAD, title="Sesi 1: Pengaturan data")
    html = page(signed_in, case)
    assert "Giliran kami: " in html
    assert "Berikutnya Sesi 1: Pengaturan data, " in html


def test_the_expected_go_live_stands_on_top(signed_in, case):
    case.stages.filter(key="go_live").update(due_on=date(2026, 12, 15))
    assert "Perkiraan go live 15 Desember 2026." in page(signed_in, case)


def test_m1_the_calls_schedule_and_the_pics_name_appear(signed_in, case, pic):
    journey.assign(case, pic, key="initial_call")
    starts_at = datetime(2026, 11, 2, 10, 0, tzinfo=journey.JAKARTA)
    journey.appointment(case, "initial_call", starts_at, hours=1, kind="call", title="Panggilan awal", status="done")
    entry = step_of(page(signed_in, case), "Panggilan awal")
    assert "Senin, 2 November 2026, 10.00–11.00 WIB" in entry
    assert "Dewi Pratiwi" in entry


def test_on4_there_is_no_contact_card_before_there_is_a_pic(signed_in, case):
    assert 'id="pic"' not in page(signed_in, case)


def test_m2_m3_the_pics_card_has_every_way_to_reach_them(signed_in, case, pic):
    journey.assign(case, pic)
    html = page(signed_in, case)
    assert "PIC Implementasi" in html
    assert 'href="tel:+6281234567890">0812-3456-7890<' in html
    assert 'href="https://wa.me/6281234567890"' in html
    assert f'href="mailto:dewi@nusa.example?subject={case.number}"' in html
    assert 'href="#pic">Info kontak' in html


def test_a_pic_without_a_contact_card_is_named_with_the_email(signed_in, case):
    journey.assign(case, factories.staff(name="Bayu Baru", email="bayu@nusa.example"))
    html = page(signed_in, case)
    assert "Bayu Baru" in html
    assert "mailto:bayu@nusa.example" in html
    assert "wa.me" not in html


def test_the_pics_photo_is_a_picture_of_this_case_only(signed_in, case, pic, customer, product):
    pic.contact.delete()
    contact = journey.contact_with_photo(pic)
    address = f"{case.get_absolute_url()}pic/{contact.pk}/photo/"
    assert signed_in.get(address).status_code == 404
    journey.assign(case, pic)
    response = signed_in.get(address)
    assert (b"".join(response), response["Content-Type"]) == (journey.PIXEL, "image/png")
    assert address in page(signed_in, case)
    other = journey.case_at("training", customer, product)
    assert signed_in.get(f"{other.get_absolute_url()}pic/{contact.pk}/photo/").status_code == 404


def test_m4_the_companys_own_name_stands_in_the_stage(signed_in, case):
    Shop.objects.update_or_create(pk=1, defaults={"name": "Mekari"})
    Shop.current().save()
    assert ">Pertemuan dengan tim Mekari</a>" in page(signed_in, case)


def test_m5_a_quotation_shows_its_three_dates(signed_in, case):
    sent, signed, received = (datetime(2026, 11, day, 12, 0, tzinfo=journey.JAKARTA) for day in (6, 9, 10))
    journey.document(
        case, "quotation", kind="quotation", title="Penawaran QT-2026-0142", needs_signature=True, status="received",
        sent_at=sent, signed_at=signed, received_at=received,
    )  # fmt: skip
    html = page(signed_in, case)
    dates = "Dikirim 6 November 2026, ditandatangani 9 November 2026, diterima 10 November 2026."
    assert dates in step_of(html, "Penawaran")
    assert "Penawaran QT-2026-0142" in html


def test_a_document_that_was_taken_back_is_not_shown(signed_in, case):
    journey.document(case, "training", title="Materi lama", status="withdrawn")
    assert "Materi lama" not in page(signed_in, case)


@pytest.fixture
def invoice(case, customer) -> Invoice:
    """That of the order which brought the case."""
    made = shop.unpaid_invoice(customer)
    service = made.order.services.first()
    Case.objects.filter(pk=case.pk).update(service=service)
    return made


def test_m6_the_invoice_is_in_its_stage_and_among_the_documents(signed_in, case, invoice):
    html = page(signed_in, case)
    assert f"{invoice.number} sebesar " in step_of(html, "Pembayaran tagihan")
    assert f'href="{invoice.get_absolute_url()}">Tagihan {invoice.number}' in html


def test_a_role_that_sees_no_invoices_sees_none_here(client, case, customer, product, invoice):
    technician = factories.member(customer, role=Role.TECHNICAL).user
    journey.give(customer, technician, product, "ultimate")
    client.force_login(technician)
    assert invoice.number not in page(client, case)


def test_m0_the_status_of_training_and_subscription_stand_beside_the_progress(signed_in, case, invoice):
    for status in ("done", "scheduled", "cancelled"):
        journey.appointment(case, "training", AHEAD, status=status)
    html = page(signed_in, case)
    assert "1 dari 2 sesi selesai" in html
    assert "Menunggu pembayaran" in html
    assert f"/client/services/{invoice.order.services.first().pk}/" in html


def test_m7_the_specialist_takes_over_and_who_was_before_stays_in_the_stage(signed_in, case, pic):
    journey.assign(case, factories.staff(name="Sinta Sales"), key="invoice_payment", until=timezone.now())
    journey.assign(case, factories.staff(name="Bayu Baru"), until=timezone.now())
    journey.assign(case, pic)
    html = page(signed_in, case)
    assert "Sinta Sales" in step_of(html, "Pembayaran tagihan")
    assert "Dewi Pratiwi" in step_of(html, "Pengumpulan kebutuhan")
    assert "Bayu Baru" not in html
    stage = signed_in.get(f"{case.get_absolute_url()}stages/requirement_gathering/").content.decode()
    assert "PIC sebelumnya" in stage
    assert "Bayu Baru" in stage
    paid = signed_in.get(f"{case.get_absolute_url()}stages/invoice_payment/").content.decode()
    assert "PIC tahap ini" in paid
    assert "Sinta Sales" in paid


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Jakarta", "Selasa, 1 Desember 2026, 09.00–11.00 WIB"),
        ("Asia/Makassar", "Selasa, 1 Desember 2026, 10.00–12.00 WITA"),
        ("Asia/Jayapura", "Selasa, 1 Desember 2026, 11.00–13.00 WIT"),
    ],
)
def test_m8_a_session_is_told_in_its_own_time_zone(signed_in, case, zone, words):
    starts_at = datetime(2026, 12, 1, 9, 0, tzinfo=journey.JAKARTA)
    journey.appointment(case, "training", starts_at, time_zone=zone, title="Sesi 1")
    assert words in page(signed_in, case)


def test_days_are_those_of_the_cases_own_time_zone(signed_in, case):
    """Half past midnight in Jayapura is still the evening before in Jakarta."""
    Case.objects.filter(pk=case.pk).update(time_zone="Asia/Jayapura")
    moment = datetime(2026, 11, 10, 0, 30, tzinfo=ZoneInfo("Asia/Jayapura"))
    case.stages.filter(key="initial_call").update(done_at=moment)
    assert "Selasa, 10 November 2026" in step_of(page(signed_in, case), "Panggilan awal")


def test_a_planned_stage_says_when_it_begins(signed_in, case):
    journey.appointment(case, "training", datetime(2026, 12, 1, 9, 0, tzinfo=journey.JAKARTA))
    entry = step_of(page(signed_in, case), "Sesi pelatihan")
    assert "Terjadwal" in entry
    assert "Mulai 1 Desember 2026" in entry
    assert "1 sesi terjadwal." in entry


def test_news_tell_what_changed_the_newest_first(signed_in, case, pic):
    update = PublicUpdate.objects.create(case=case, author=pic, body="Data sudah **lengkap**.")
    Change.objects.create(case=case, kind="stage", stage=case.stages.get(key="training"))
    Change.objects.create(case=case, kind="update", update=update, at=timezone.now() + timedelta(minutes=1))
    html = page(signed_in, case)
    assert "<strong>lengkap</strong>" in html
    assert html.index("<strong>lengkap</strong>") < html.rindex("Sesi pelatihan")


def test_the_page_speaks_english(client, case, owner):
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    html = client.get(case.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert ">Requirement gathering</a>" in html


def test_the_number_is_found_in_either_case(signed_in, case):
    assert signed_in.get(case.get_absolute_url().lower()).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tracker_costs_the_same_for_any_number_of_rows(
    signed_in, case, pic, invoice, rows, django_assert_num_queries
):
    journey.assign(case, pic)
    change_turn(case, turn="customer", turn_action="sign")
    case.stages.filter(key="training").update(status="done", done_at=timezone.now())
    for key in ["requirement_gathering", "training", "go_live"][:rows]:
        journey.appointment(case, key, AHEAD)
        made = journey.document(
            case, key, title=f"Dokumen {key}", needs_signature=True, status="sent", sent_at=timezone.now()
        )
        Change.objects.create(case=case, kind="document", document=made)
        Change.objects.create(case=case, kind="pic", stage=case.stages.get(key=key))
    assert "Beri penilaian" in page(signed_in, case)
    with django_assert_num_queries(QUERIES_OF_TRACKER):
        page(signed_in, case)


def test_m9_m10_after_go_live_the_reviews_come_first(signed_in, case, pic):
    case.stages.update(status="upcoming", done_at=None)
    case.stages.exclude(key="post_activation").update(status="done", done_at=AHEAD)
    case.stages.filter(key="post_activation").update(status="current", entered_at=AHEAD)
    live_at = datetime(2026, 12, 15, 9, 0, tzinfo=journey.JAKARTA)
    change_turn(case, status="live", live_at=live_at, turn="nobody", stage_key="post_activation")
    journey.appointment(
        case, "post_activation", AHEAD, kind="adoption_review", title="Adoption review", status="done",
        outcome="87 % karyawan memakai absensi.",
    )  # fmt: skip
    journey.appointment(case, "post_activation", AHEAD, kind="business_review", title="Business review kuartal 1")
    html = page(signed_in, case)
    assert "Live sejak Selasa, 15 Desember 2026." in html
    assert "87 % karyawan memakai absensi." in html
    assert html.index("Business review kuartal 1") < html.index("Perjalanan onboarding: 7 tahap selesai")
    assert "Giliran" not in html


def test_m1c_a_stopped_case_says_so_and_whom_to_ask(signed_in, case, pic):
    journey.assign(case, pic)
    change_turn(case, status="stopped", stopped_at=datetime(2026, 11, 12, tzinfo=journey.JAKARTA), turn="nobody")
    html = page(signed_in, case)
    assert "Berhenti sejak Kamis, 12 November 2026" in html
    assert "Berhenti di sini" in step_of(html, "Pengumpulan kebutuhan")
    assert "/client/tickets/new/" in html
    assert "mailto:dewi@nusa.example" in html
    # What will not come any more is not announced.
    assert "Go live</a>" not in html
    assert "Target " not in html


def test_a_stage_shows_its_dates_its_pic_its_appointments_and_documents(signed_in, case, pic):
    journey.assign(case, pic)
    journey.appointment(case, "requirement_gathering", AHEAD, kind="meeting", title="Lokakarya kebutuhan")
    journey.document(case, "requirement_gathering", title="URD")
    journey.document(case, "training", title="Materi lain")
    html = signed_in.get(f"{case.get_absolute_url()}stages/requirement_gathering/").content.decode()
    for words in ("Jumat, 6 November 2026", "Dewi Pratiwi", "Lokakarya kebutuhan", "URD"):
        assert words in html
    assert "Materi lain" not in html


def test_an_unknown_stage_is_not_found(signed_in, case):
    assert signed_in.get(f"{case.get_absolute_url()}stages/lain/").status_code == 404


def test_every_status_has_its_page():
    from onboarding.views.tracker import TEMPLATES

    assert set(TEMPLATES) == set(Case.Status)
    assert set(Stage.Status.values) == {"upcoming", "current", "done", "skipped"}
