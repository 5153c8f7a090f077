"""M0–M10: a customer follows the onboarding of what they ordered, from the first call until after the go-live."""

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation
from playwright.sync_api import expect

from accounts.models import Shop, User
from onboarding import appointments, pics, progress, stopping
from onboarding.models import Appointment, Case, MemberRole
from tests import factories
from tests.acceptance import steps
from tests.acceptance.visitor import Visitor
from tests.onboarding import journey, signed, walk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(shop):
    return factories.user(is_staff=True, is_superuser=True, name="Bima Bos")


@pytest.fixture
def pic(shop):
    person = factories.onboarding_pic(name="Dewi Pratiwi", email="dewi@nusa.example")
    journey.contact(person)
    return person


@pytest.fixture
def owner(shop, language) -> User:
    return factories.user(name="Sari Wulandari", language=language)


@pytest.fixture
def case(owner) -> Case:
    """Opened by an order in the shop: its owner may follow it."""
    product = walk.product_with_onboarding(name_id="Jurnal Plus", name_en="Jurnal Plus")
    return walk.ordered_case(factories.customer(owner, name="PT Sinar Kopi"), product)


def signed_in(make_visitor, person: User, **options) -> Visitor:
    visitor = make_visitor(**options)
    steps.sign_in(visitor, person)
    return visitor


def schedule(case: Case, boss: User, kind: str, title: str, days: int = 3, **fields) -> Appointment:
    starts_at = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    defaults = {"time_zone": "Asia/Jakarta", "link": "https://rapat.example/abc", "stage": walk.current(case)}
    return appointments.schedule(
        case=case, kind=kind, title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), actor=boss,
        key=uuid.uuid4(), **{**defaults, **fields},
    )  # fmt: skip


def held(appointment: Appointment, boss: User, outcome: str = "") -> None:
    appointments.finish(appointment=appointment, actor=boss, seen=appointment.sequence, outcome=outcome)


def stage_name(case: Case, key: str, language: str) -> str:
    with translation.override(language):
        return walk.stage(case, key).name.replace("{company}", Shop.current().name)


def shows_current(visitor: Visitor, case: Case, key: str) -> None:
    visitor.visit(case.get_absolute_url())
    current = visitor.page.locator(".vertical-steps [aria-current=step]")
    expect(current).to_contain_text(stage_name(case, key, visitor.language))


def shows_when(visitor: Visitor, appointment: Appointment) -> None:
    with translation.override(visitor.language):
        expect(visitor.page.get_by_text(appointment.when).first).to_be_visible()


def test_m0_m3_the_tracker_is_in_the_account_menu_and_shows_call_and_pic(make_visitor, case, owner, boss, pic):
    visitor = signed_in(make_visitor, owner)
    visitor.visit("/client/")
    visitor.page.locator("header .menu > summary").click()
    visitor.press("Onboarding", within=visitor.page.locator(".menu-panel"))
    visitor.press("Jurnal Plus")
    # Before there is a PIC there is nobody to reach.
    expect(visitor.page.locator("#pic")).to_have_count(0)
    expect(visitor.page.locator(".callout")).to_contain_text(visitor.say("Giliran kami: %(what)s").split(":")[0])
    pics.assign(stage=walk.current(case), pic=pic, actor=boss)
    call = schedule(case, boss, "call", "Panggilan awal", time_zone="Asia/Makassar")
    shows_current(visitor, case, "initial_call")
    shows_when(visitor, call)
    card = visitor.page.locator("#pic")
    visitor.page.get_by_role("link", name=visitor.say("Info kontak")).click()
    expect(card).to_be_in_viewport()
    for words in ("Dewi Pratiwi", "0812-3456-7890", "dewi@nusa.example"):
        expect(card).to_contain_text(words)
    expect(card.locator('[href^="https://wa.me/6281234567890"]')).to_be_visible()
    card.get_by_role("button", name=visitor.say("Salin nomor telepon")).click()
    expect(visitor.page.locator("#live")).to_contain_text("+6281234567890")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "+6281234567890"
    with visitor.page.expect_download() as download:
        visitor.page.locator(f'[href$="/appointments/{call.pk}.ics"]').first.click()
    assert download.value.suggested_filename.endswith(".ics")


def test_m1b_the_wrong_role_learns_whom_to_ask_and_the_owner_lets_them_in(make_visitor, case, owner, language):
    colleague = factories.user(name="Kirana Kolega", language=language)
    membership = factories.member(case.customer, colleague)
    visitor = signed_in(make_visitor, colleague)
    visitor.visit_refused(case.get_absolute_url())
    visitor.sees("Peran Anda tidak membuka halaman ini")
    expect(visitor.page.locator("main")).to_contain_text(owner.email)
    expect(visitor.page.locator("main")).not_to_contain_text(stage_name(case, "initial_call", language))
    boss = signed_in(make_visitor, owner)
    boss.visit("/client/onboarding/")
    boss.press("Peran di produk")
    row = boss.page.locator("li", has_text="Kirana Kolega")
    row.locator("select").select_option(label="Owner")
    row.locator("button").click()
    expect(boss.page.locator(".alert-success")).to_contain_text("Kirana Kolega")
    boss.check()
    assert MemberRole.objects.get(membership=membership).role.key == "owner"
    shows_current(visitor, case, "initial_call")


def test_m1c_a_stopped_subscription_says_so(make_visitor, case, owner, boss):
    factories.department()
    stopping.stop(case=case, actor=boss, reason="SENTINEL terlalu mahal", cancel_order=True)
    visitor = signed_in(make_visitor, owner)
    visitor.visit(case.get_absolute_url())
    visitor.sees("Berhenti di sini")
    expect(visitor.page.locator("main")).not_to_contain_text("SENTINEL")
    visitor.press("Hubungi kami")
    expect(visitor.page.locator("[name=subject]")).to_have_value(case.number)


def sign_by_name(visitor: Visitor) -> None:
    """On the page of the document."""
    visitor.fill("typed-name", "Sari Wulandari")
    visitor.page.locator("[name=typed-agree]").check()
    visitor.press("Tanda tangani")


def test_m5_m6_the_quotation_is_signed_and_its_invoice_follows(make_visitor, owner, boss):
    product = walk.product_with_onboarding(name_id="Jurnal Plus", name_en="Jurnal Plus")
    case = factories.onboarding_case(factories.customer(owner, name="PT Sinar Kopi"), owner, product)
    case = walk.walk_to("quotation", case)
    quotation = signed.quote(case, boss)
    visitor = signed_in(make_visitor, owner)
    # Found in the menu "Documents" too.
    visitor.visit("/client/documents/")
    visitor.press(quotation.document.title)
    visitor.visit(case.get_absolute_url())
    expect(visitor.page.locator(".callout h2")).to_contain_text(visitor.say("tanda tangani dokumen"))
    visitor.press("Buka dokumen")
    sign_by_name(visitor)
    shows_current(visitor, case, "invoice_payment")
    dates = visitor.page.locator(".vertical-steps > .done", has_text=stage_name(case, "quotation", visitor.language))
    expect(dates).to_contain_text(visitor.say("diterima %(date)s").split("%")[0])
    visitor.press("Buka tagihan")
    invoice = Case.objects.get(pk=case.pk).service.order.invoice
    expect(visitor.page.locator("h1")).to_contain_text(invoice.number)


def test_m7_the_requirements_are_kept_as_a_draft_sent_and_signed(make_visitor, case, owner):
    case = walk.walk_to("requirement_gathering", case)
    visitor = signed_in(make_visitor, owner)
    visitor.visit(case.get_absolute_url())
    visitor.press("Isi formulir")
    answer = visitor.page.locator("main form input[inputmode=numeric]")
    answer.fill("25")
    visitor.press("Simpan draf")
    visitor.visit(case.get_absolute_url())
    visitor.press("Isi formulir")
    expect(answer).to_have_value("25")
    visitor.press("Kirim formulir")
    visitor.visit(case.get_absolute_url())
    visitor.press("Buka dokumen")
    sign_by_name(visitor)
    shows_current(visitor, case, "training")


def test_m4_m10_the_tracker_follows_the_way_to_the_reviews(make_visitor, case, owner, boss, pic):
    visitor = signed_in(make_visitor, owner)
    held(schedule(case, boss, "call", "Panggilan awal"), boss)
    shows_current(visitor, case, "sales_meeting")
    expect(visitor.page.locator("[aria-current=step]")).to_contain_text(Shop.current().name)
    held(schedule(case, boss, "meeting", "Demo produk"), boss)
    # M6: the date of payment comes by itself.
    shows_current(visitor, case, "invoice_payment")
    visitor.sees("Buka tagihan")
    walk.pay(case)
    shows_current(visitor, case, "requirement_gathering")
    visitor.sees("Lunas")
    # M7: a specialist takes over.
    pics.assign(stage=walk.current(case), pic=pic, actor=boss)
    walk.sign(case)
    # M8: several sessions, updated by staff.
    first, second = (schedule(case, boss, "training", f"Sesi {number}", days=number) for number in (1, 2))
    shows_current(visitor, case, "training")
    for session in (first, second):
        shows_when(visitor, session)
    moved = second.starts_at + timedelta(days=7)
    appointments.reschedule(
        appointment=second, starts_at=moved, ends_at=moved + timedelta(hours=2), actor=boss, seen=second.sequence
    )
    second = Appointment.objects.get(pk=second.pk)
    visitor.visit(case.get_absolute_url())
    shows_when(visitor, second)
    held(first, boss)
    held(second, boss)
    shows_current(visitor, case, "go_live")
    visitor.press("Beri penilaian")
    # M9, M10.
    case = Case.objects.get(pk=case.pk)
    progress.finish(case=case, actor=boss, seen=walk.current(case).pk)
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.service.status) == ("live", "active")
    review = schedule(case, boss, "adoption_review", "Adoption review", stage=walk.stage(case, "post_activation"))
    business = schedule(
        case, boss, "business_review", "Business review Q1", days=30, stage=walk.stage(case, "post_activation")
    )
    held(review, boss, outcome="87 % karyawan memakai absensi.")
    visitor.visit(case.get_absolute_url())
    visitor.sees("Sudah live")
    reviews = visitor.page.locator("main section").filter(has_text="87 % karyawan memakai absensi.").last
    expect(reviews).to_contain_text("Business review Q1")
    shows_when(visitor, business)
    assert case.live_at.date() == datetime.now(tz=case.live_at.tzinfo).date()


def test_the_pages_hold_what_every_page_promises_without_scripts(make_visitor, case, owner, boss, pic):
    pics.assign(stage=walk.current(case), pic=pic, actor=boss)
    schedule(case, boss, "call", "Panggilan awal dengan judul yang panjang sekali untuk layar yang sempit")
    visitor = signed_in(make_visitor, owner, scripts=False)
    visitor.visit("/client/")
    visitor.press("Lihat onboarding")
    visitor.press("Jurnal Plus")
    visitor.page.locator(".vertical-steps a").first.click()
    expect(visitor.page).to_have_url(re.compile(r"/stages/initial_call/$"))
    visitor.check()
    visitor.visit("/client/onboarding/access/")
    visitor.visit(case.service.get_absolute_url())
    visitor.press("Lihat onboarding")
