"""M0–M10 from the staff's side: a lead is led to its reviews in the admin, and the customer sees what is theirs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from onboarding import pics, progress
from onboarding.models import Case
from tests import factories
from tests.acceptance import steps
from tests.acceptance.visitor import Visitor
from tests.onboarding import walk
from tests.onboarding_staff import rows

pytestmark = pytest.mark.django_db(transaction=True)

DAY = (timezone.localdate() + timedelta(days=3)).isoformat()


@pytest.fixture
def pic(shop):
    """Who opens cases, works on all of them, and may move them back."""
    permissions = ("view_case", "add_case", "see_all_cases", "move_back_case")
    return factories.onboarding_pic(*(f"onboarding.{name}" for name in permissions), name="Dewi Pratiwi")


@pytest.fixture
def owner(shop, language) -> User:
    return factories.user(name="Sari Wulandari", language=language)


@pytest.fixture
def customer(owner):
    return factories.customer(owner, name="PT Sinar Kopi", province="Sulawesi Selatan")


@pytest.fixture
def product(shop):
    return walk.product_with_onboarding(name_id="Jurnal Plus", name_en="Jurnal Plus")


def signed_in(make_visitor, person: User, **options) -> Visitor:
    visitor = make_visitor(**options)
    steps.sign_in(visitor, person)
    return visitor


def page_of(case: Case, name: str = "work") -> str:
    return reverse(f"admin:onboarding_{name}", args=[case.pk])


def unfold(staff: Visitor, *parts: str) -> None:
    """The one that is our turn is open already."""
    for part in parts:
        folded = staff.page.locator(f"details.is-{part}:not([open]) > summary")
        if folded.count():
            folded.click()


def fill_in_meeting(staff: Visitor, kind: str, title: str, starts: str = "09:00") -> None:
    unfold(staff, "appointment")
    staff.page.locator("[name=work-kind]").select_option(kind)
    for name, value in {"title": title, "day": DAY, "starts": starts, "link": "https://rapat.example/1"}.items():
        staff.fill(f"work-{name}", value)


def shows_stage(staff: Visitor, case: Case, key: str) -> None:
    assert Case.objects.get(pk=case.pk).stage_key == key
    here = staff.page.locator(".case-stages [aria-current=step]")
    expect(here).to_have_count(1)


def test_m1_m8_a_lead_is_opened_by_hand_and_led_on(make_visitor, pic, owner, customer, product, tmp_path):
    staff = signed_in(make_visitor, pic)
    staff.visit("/admin/onboarding/case/board/")
    staff.press("Buka onboarding")
    staff.fill("q", "sinar")
    staff.press("Cari")
    staff.press("PT Sinar Kopi")
    staff.page.locator("[name=product]").select_option(str(product.pk))
    staff.press("Buka onboarding")
    case = Case.objects.get()
    # M1: the call and its PIC, with a word to the customer and a note for the team, by one press.
    assert (case.pic, case.time_zone) == (pic, "Asia/Makassar")
    fill_in_meeting(staff, "call", "Panggilan kenalan")
    unfold(staff, "update", "note", "document")
    staff.fill("work-update", "Kami menelepon **hari Rabu**.")
    staff.fill("work-note", "SENTINEL minta diskon")
    paper = tmp_path / "profil.txt"
    paper.write_text("Profil perusahaan")
    staff.page.locator("[name=work-file]").set_input_files(paper)
    staff.press("Simpan semuanya")
    expect(staff.page.locator("#appointments")).to_contain_text("Panggilan kenalan")
    expect(staff.page.locator("#documents")).to_contain_text("profil.txt")
    reader = signed_in(make_visitor, owner)
    reader.visit(case.get_absolute_url())
    expect(reader.page.locator("main")).to_contain_text("hari Rabu")
    expect(reader.page.locator("main")).to_contain_text("WITA")
    expect(reader.page.locator("main")).not_to_contain_text("SENTINEL")
    # M4: the call was held, and the case goes on by itself.
    staff.press("Terlaksana", exact=False)
    shows_stage(staff, case, "sales_meeting")
    # M8 is planned early: sessions wait at their own stage.
    fill_in_meeting(staff, "training", "Sesi 1", "13:00")
    staff.press("Simpan semuanya")
    assert case.appointments.get(title="Sesi 1").stage.key == "training"
    # The meeting may be left out.
    unfold(staff, "stage")
    staff.page.locator("[name=work-to]").select_option(str(walk.stage(case, "quotation").pk))
    staff.press("Simpan semuanya")
    shows_stage(staff, case, "quotation")
    staff.page.locator("details[data-more] > summary").click()
    expect(staff.page.locator(".history")).to_contain_text("Panggilan kenalan")
    staff.check()


def test_m1c_a_case_is_stopped_and_opened_again(make_visitor, pic, owner, customer, product):
    case = factories.onboarding_case(customer, owner, product)
    staff = signed_in(make_visitor, pic)
    staff.visit(page_of(case))
    staff.press("Hentikan")
    staff.fill("reason", "SENTINEL anggaran")
    staff.press("Hentikan onboarding")
    reader = signed_in(make_visitor, owner)
    reader.visit(case.get_absolute_url())
    reader.sees("Berhenti di sini")
    expect(reader.page.locator("main")).not_to_contain_text("SENTINEL")
    staff.press("Buka lagi")
    staff.fill("reason", "Anggaran turun")
    staff.press("Buka lagi")
    shows_stage(staff, case, "initial_call")


def test_m9_m10_go_live_activates_and_the_reviews_have_their_outcomes(make_visitor, pic, owner, customer, product):
    case = walk.walk_to("go_live", walk.ordered_case(customer, product))
    staff = signed_in(make_visitor, pic)
    staff.visit(page_of(case, "move"))
    staff.page.locator("[name=to]").select_option(str(walk.stage(case, "post_activation").pk))
    staff.press("Pindahkan")
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.service.status) == ("live", "active")
    fill_in_meeting(staff, "adoption_review", "Adoption review")
    staff.press("Simpan semuanya")
    staff.press("Adoption review")
    staff.fill("outcome", "87 % karyawan memakai absensi.")
    staff.press("Tandai terlaksana")
    expect(staff.page.locator("#appointments")).to_contain_text("87 %")
    reader = signed_in(make_visitor, owner)
    reader.visit(case.get_absolute_url())
    expect(reader.page.locator("main")).to_contain_text("87 % karyawan memakai absensi.")


def test_two_pics_move_one_case_and_the_slower_keeps_the_text(make_visitor, pic, customer, product):
    case = rows.at_stage("sales_meeting", case=factories.onboarding_case(customer, product=product))
    colleague = factories.onboarding_pic("onboarding.see_all_cases", name="Rio Hartono")
    staff = signed_in(make_visitor, pic)
    staff.visit(page_of(case))
    unfold(staff, "update", "stage")
    staff.fill("work-update", "Undangan menyusul.")
    staff.page.locator("[name=work-to]").select_option(str(walk.stage(case, "quotation").pk))
    here = walk.current(case)
    progress.move(case=case, to=walk.stage(case, "quotation"), actor=colleague, seen=here.pk)
    staff.find_button("Simpan semuanya").click()
    alert = staff.page.locator(".work-form [role=alert]")
    expect(alert).to_contain_text("Rio Hartono")
    expect(alert).to_be_focused()
    expect(staff.page.locator("[name=work-update]")).to_have_value("Undangan menyusul.")
    staff.check()
    staff.page.locator("[name=work-to]").select_option("")
    staff.press("Simpan semuanya")
    assert case.updates.get().body == "Undangan menyusul."


def board_of(product, *names: str) -> list[Case]:
    cases = []
    for name in names:
        of = factories.customer(factories.user(), name=name)
        cases.append(rows.at_stage("sales_meeting", case=factories.onboarding_case(of, product=product)))
    return cases


def test_the_board_is_walked_and_worked_with_the_keyboard(make_visitor, pic, product):
    first, second = board_of(product, "PT Satu", "PT Dua")
    call = factories.onboarding_case(factories.customer(factories.user(), name="PT Nol"), product=product)
    staff = signed_in(make_visitor, pic)
    staff.visit("/admin/onboarding/case/board/")
    press = staff.page.keyboard.press
    focused = staff.page.locator("[data-row]:focus")
    press("l")
    expect(focused).to_have_text("PT Nol")
    press("l")
    expect(focused).to_have_text("PT Satu")
    press("j")
    expect(focused).to_have_text("PT Dua")
    press("h")
    expect(focused).to_have_text("PT Nol")
    press("l")
    with staff.page.expect_navigation():
        press("m")
    staff.check()
    staff.page.locator("[name=to]").select_option(str(walk.stage(first, "quotation").pk))
    staff.press("Pindahkan")
    stages = dict(Case.objects.values_list("pk", "stage_key"))
    assert stages == {first.pk: "quotation", second.pk: "sales_meeting", call.pk: "initial_call"}
    # Back on the board, where it stands in its new column.
    expect(staff.page.locator("#column-quotation + ul")).to_contain_text("PT Satu")
    press("?")
    expect(staff.page.locator("dialog[open]")).to_be_visible()
    staff.check()


def test_everything_works_without_scripts(make_visitor, pic, product):
    first, second = board_of(product, "PT Satu", "PT Dua")
    for case in (first, second):
        pics.replace(walk.current(case), pic, None)
        rows.meeting(case, title="Demo produk", hours=72)
    staff = signed_in(make_visitor, pic, scripts=False)
    staff.visit("/admin/onboarding/case/board/?whose=mine")
    with staff.page.expect_navigation():
        staff.page.locator(f"#case-{first.pk} button").click()
    staff.check()
    assert Case.objects.get(pk=first.pk).stage_key == "quotation"
    staff.press("PT Dua")
    unfold(staff, "note")
    staff.fill("work-note", "Minta data karyawan.")
    staff.press("Simpan semuanya")
    assert second.notes.get().body == "Minta data karyawan."
    staff.page.locator("details[data-more] > summary").click()
    staff.press("Buka halaman anggota dan riwayat")
    # Many appointments at once: looked at first, then moved.
    before = second.appointments.get().starts_at
    staff.visit("/admin/onboarding/case/reschedule/")
    for box in staff.page.locator("[name=chosen]").all():
        box.check()
    staff.fill("days", "7")
    staff.page.locator("[name=skip_days_off]").uncheck()
    staff.press("Lihat dulu yang akan terjadi")
    staff.page.locator("button[value=move]").click()
    staff.check()
    assert second.appointments.get().starts_at == before + timedelta(days=7)
    staff.visit("/admin/onboarding/case/today/")
