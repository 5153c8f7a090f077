"""A1 to A8: ordering and confirming, as on Arupa's store."""

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from billing.models import Invoice, Order, PaymentConfirmation, Service
from tests import factories
from tests.acceptance import steps

pytestmark = pytest.mark.django_db(transaction=True)

CONFIGURE = "/store/arupa-backup-365/bisnis/"


def test_a1_a_tab_of_the_store_leads_to_arupa_backup_365(visitor):
    visitor.visit("/store/cloud-hosting/")
    visitor.press("Arupa Backup 365", within=visitor.page.locator(".side"))
    expect(visitor.page).to_have_url(re.compile(r"/store/arupa-backup-365/$"))


def test_a2_plans_stand_side_by_side_each_with_its_button(visitor, screen):
    visitor.visit("/store/arupa-backup-365/")
    plans = visitor.page.locator(".plan")
    expect(plans).to_have_count(3)
    tops = {round(plans.nth(number).bounding_box()["y"]) for number in range(3)}
    assert len(tops) == {"wide": 1, "phone": 3}[screen]
    visitor.press("Pesan", within=plans.nth(2))
    expect(visitor.page).to_have_url(re.compile(r"/store/arupa-backup-365/enterprise/$"))


def test_a3_sliders_move_the_numbers_and_the_price_follows(visitor):
    visitor.visit(CONFIGURE)
    visitor.choose("cycle", "monthly")
    number = visitor.page.locator("[name=users]")
    slider = visitor.page.locator(f"input[type=range][data-sync={number.get_attribute('id')}]")
    assert [slider.get_attribute(name) for name in ("min", "max", "step")] == ["5", "300", "1"]
    slider.focus()
    slider.press("ArrowRight")
    expect(number).to_have_value("6")
    # 450.000 + 6 × 12.000 + 100 × 500.
    expect(visitor.page.locator("#summary")).to_contain_text("Rp572.000")
    number.fill("25")
    expect(slider).to_have_value("25")
    visitor.page.locator("[name=addons][value=managed-service]").check()
    visitor.page.locator("[name=addons][value=setup-installation]").check()
    # 450.000 + 300.000 + 50.000 + 750.000 + 1.500.000; PPN 335.500.
    expect(visitor.page.locator("#summary")).to_contain_text("Rp3.050.000")
    expect(visitor.page.locator("#summary")).to_contain_text("Rp3.385.500")
    visitor.check()


@pytest.mark.parametrize("typed", ["", "bukan domain", "perusahaan"])
def test_a3_the_office_365_domain_is_checked(visitor, typed):
    visitor.visit(CONFIGURE)
    visitor.fill("office365-domain", typed)
    visitor.press("Lanjutkan")
    expect(visitor.page).to_have_url(re.compile(CONFIGURE))
    expect(visitor.page).to_have_title(re.compile("^" + re.escape(visitor.say("Kesalahan:"))))
    expect(visitor.page.locator("[name=office365-domain]")).to_have_value(typed)


def _configure(visitor) -> None:
    visitor.visit(CONFIGURE)
    visitor.choose("cycle", "monthly")
    visitor.fill("users", "25")
    visitor.fill("office365-domain", "kenanga.co.id")
    visitor.page.locator("[name=addons][value=setup-installation]").check()
    visitor.press("Lanjutkan")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a4_a5_continue_leads_to_the_review_and_that_to_the_checkout(make_visitor, scripts):
    visitor = make_visitor(scripts=scripts)
    _configure(visitor)
    line = visitor.page.locator("article").first
    for words in ["kenanga.co.id", "25", "Setup Installation", "Rp2.300.000"]:
        expect(line).to_contain_text(words)
    visitor.press("Checkout")
    expect(visitor.page).to_have_url(re.compile(r"/cart/checkout/$"))


def test_a6_a_known_customer_signs_in_at_the_checkout_and_keeps_the_cart(visitor):
    person = factories.user(password="melati-putih-73", language=visitor.language)
    factories.customer(person, name="CV Melati Jaya")
    _configure(visitor)
    visitor.visit("/cart/checkout/")
    visitor.page.locator("summary", has_text=visitor.say("Sudah punya akun? Masuk")).click()
    visitor.fill("login", person.email)
    visitor.fill("password", "melati-putih-73")
    visitor.press("Masuk", within=visitor.page.locator("main details"))
    expect(visitor.page).to_have_url(re.compile(r"/cart/checkout/$"))
    visitor.sees("CV Melati Jaya")
    expect(visitor.page.locator("#summary")).to_contain_text("Rp2.300.000")


def test_a7_complete_order_shows_the_invoice(visitor):
    _configure(visitor)
    steps.complete_order_as_newcomer(visitor)
    invoice = Invoice.objects.get()
    expect(visitor.page).to_have_url(re.compile(rf"/client/invoices/{invoice.slug}/$"))
    visitor.sees(invoice.number)
    # 2.300.000 and PPN 253.000.
    expect(visitor.page.locator("#pay")).to_contain_text("Rp2.553.000")


def test_a8_the_remittance_text_is_the_invoice_number_and_is_copied_with_one_press(visitor):
    _configure(visitor)
    steps.complete_order_as_newcomer(visitor)
    number = Invoice.objects.get().number
    visitor.page.locator(f"[data-copy='{number}']").first.click()
    expect(visitor.page.locator(f"[data-copy='{number}']").first).to_contain_text(visitor.say("Tersalin"))
    assert visitor.page.evaluate("navigator.clipboard.readText()") == number


def test_a8_help_with_this_invoice_names_its_number(visitor):
    _configure(visitor)
    steps.complete_order_as_newcomer(visitor)
    link = visitor.find_button("Tanya tagihan ini").get_attribute("href")
    assert Invoice.objects.get().number in unquote(link)


def test_a10_support_activates_and_the_login_details_reach_the_customer(make_visitor, tmp_path):
    visitor = make_visitor()
    _configure(visitor)
    steps.complete_order_as_newcomer(visitor)
    steps.confirm_payment(visitor, steps.picture(tmp_path))
    staff = make_visitor()
    steps.sign_in(staff, factories.user(is_staff=True, is_superuser=True))
    staff.visit(f"/admin/billing/paymentconfirmation/desk/{PaymentConfirmation.objects.get().pk}/")
    staff.press("Terima")
    assert Order.objects.get().status == Order.Status.ACTIVE
    service = Service.objects.get(parent=None)
    assert service.status == Service.Status.PENDING
    staff.visit(f"/admin/billing/service/waiting/{service.pk}/")
    staff.fill("url", "https://backup.example.com")
    staff.fill("username", "sari")
    staff.fill("password", "rahasia-melati-9")
    staff.press("Aktifkan dan beri tahu pelanggan")
    service.refresh_from_db()
    assert service.status == Service.Status.ACTIVE
    visitor.visit(f"/client/services/{service.pk}/")
    visitor.press("Tampilkan detail login")
    visitor.fill("password", steps.BUYER["account-password"])
    visitor.page.keyboard.press("Enter")
    visitor.sees("rahasia-melati-9")
    visitor.check()
