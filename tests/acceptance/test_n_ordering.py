"""N1 to N5: ordering, as on Netdigi's site, from the store's shelf to an active service."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import OutboxEmail
from billing.models import Invoice, Order, Service, TermsVersion
from tests import factories
from tests.acceptance import steps

pytestmark = pytest.mark.django_db(transaction=True)


def test_n1_a_visitor_picks_a_group_sees_its_plans_and_orders(visitor):
    visitor.visit("/store/")
    visitor.press("Cloud Hosting")
    plans = visitor.page.locator(".plan")
    expect(plans).to_have_count(3)
    for price in ["Rp28.000", "Rp68.000", "Rp180.000"]:
        expect(plans.get_by_text(price).first).to_be_attached()
    visitor.press("Pesan", within=plans.nth(1))
    expect(visitor.page).to_have_url(re.compile(r"/store/cloud-hosting/bisnis/$"))


def test_n2_configuring_shows_the_price_of_every_change(visitor):
    visitor.visit("/store/cloud-hosting/bisnis/")
    summary = visitor.page.locator("#summary")
    visitor.choose("cycle", "annually")
    visitor.choose("domain", "own")
    visitor.fill("own_name", "kenanga.example.com")
    expect(summary).to_contain_text("Rp867.000")
    visitor.fill("storage", "20")
    # 867.000 + 20 × 20.000, and PPN 11 % of it.
    expect(summary).to_contain_text("Rp1.267.000")
    expect(summary).to_contain_text("Rp139.370")
    expect(summary).to_contain_text("Rp1.406.370")
    visitor.check()
    visitor.press("Lanjutkan")
    expect(visitor.page).to_have_url(re.compile(r"/cart/$"))


def test_n2_each_way_to_a_domain_is_offered_and_a_product_without_one_does_not_ask(visitor):
    visitor.visit("/store/cloud-hosting/bisnis/")
    ways = visitor.page.locator("[name=domain]").evaluate_all("inputs => inputs.map(input => input.value)")
    assert ways == ["register", "transfer", "own", "subdomain"]
    visitor.visit("/store/mekari/jurnal/")
    expect(visitor.page.locator("[name=domain]")).to_have_count(0)


def test_n2_without_javascript_a_button_computes_the_price(make_visitor):
    visitor = make_visitor(scripts=False)
    visitor.visit("/store/cloud-hosting/bisnis/")
    visitor.choose("cycle", "annually")
    visitor.choose("domain", "own")
    visitor.fill("own_name", "kenanga.example.com")
    visitor.fill("storage", "20")
    visitor.press("Hitung ulang")
    expect(visitor.page.locator("#summary")).to_contain_text("Rp1.406.370")
    visitor.press("Lanjutkan")
    expect(visitor.page).to_have_url(re.compile(r"/cart/$"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_n3_the_cart_shows_edits_removes_and_empties(make_visitor, scripts):
    visitor = make_visitor(scripts=scripts)
    steps.put_hosting_in_the_cart(visitor)
    line = visitor.page.locator("article").first
    expect(line).to_contain_text("kenanga.example.com")
    expect(line).to_contain_text("Rp85.000")
    visitor.press("Ubah", within=line, exact=False)
    visitor.choose("cycle", "annually")
    visitor.press("Simpan", exact=False)
    expect(visitor.page.locator("article").first).to_contain_text("Rp867.000")
    visitor.press("Hapus", within=visitor.page.locator("article").first, exact=False)
    expect(visitor.page.locator("article")).to_have_count(0)
    visitor.press("Urungkan")
    expect(visitor.page.locator("article")).to_have_count(1)
    visitor.press("Kosongkan keranjang")
    expect(visitor.page.locator("article")).to_have_count(0)


REFUSALS = {
    "TIDAKADA": "unknown",
    "LEBARAN2025": "expired",
    "SEGERA": "not yet valid",
    "HABIS": "used up",
    "ARUPA20": "not for these products",
    "SETIA15": "existing customers only",
}


def test_n3_a_bad_promo_code_says_why_and_a_good_one_takes_off(visitor):
    steps.put_hosting_in_the_cart(visitor)
    reasons = set()
    for code in REFUSALS:
        _validate(visitor, code)
        reasons.add(visitor.page.locator("#error_code").inner_text().strip())
    assert len(reasons) == len(REFUSALS)
    _validate(visitor, "hemat10")
    # 85.000 − 8.500 = 76.500, PPN 8.415.
    expect(visitor.page.locator("#summary")).to_contain_text("Rp8.500")
    expect(visitor.page.locator("#summary")).to_contain_text("Rp84.915")
    visitor.press("Checkout")
    expect(visitor.page).to_have_url(re.compile(r"/cart/checkout/$"))


def _validate(visitor, code: str) -> None:
    if not visitor.page.locator("#id_code").is_visible():
        visitor.page.locator("details:has(#id_code) > summary").click()
    visitor.fill("code", code)
    visitor.press("Validasi Kode")


def test_n4_nothing_is_ordered_before_the_terms_are_accepted(visitor):
    steps.put_hosting_in_the_cart(visitor)
    visitor.visit("/cart/checkout/")
    expect(visitor.page.locator("[name=terms]")).not_to_be_checked()
    visitor.press("Selesaikan Pesanan")
    expect(visitor.page).to_have_title(re.compile("^" + re.escape(visitor.say("Kesalahan:"))))
    expect(visitor.page.locator("[data-error-summary]")).to_be_focused()
    assert Order.objects.count() == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_n4_a_newcomer_completes_the_order_and_the_terms_are_kept(make_visitor, scripts):
    visitor = make_visitor(scripts=scripts)
    steps.put_hosting_in_the_cart(visitor)
    steps.complete_order_as_newcomer(visitor)
    expect(visitor.page).to_have_url(re.compile(r"/client/invoices/[^/]+/$"))
    order = Order.objects.get()
    assert order.terms == TermsVersion.objects.latest("published_at")
    assert order.terms_accepted_at is not None
    assert order.ip_address == "127.0.0.1"


def test_n4_a_known_customer_finds_the_address_filled_in(visitor):
    person = factories.user()
    factories.customer(person, name="CV Melati Jaya", city="Bantul")
    steps.sign_in(visitor, person)
    steps.put_hosting_in_the_cart(visitor)
    visitor.visit("/cart/checkout/")
    visitor.page.locator("[name=terms]").check()
    visitor.page.locator("[name=payment_method]").first.check()
    visitor.press("Selesaikan Pesanan")
    visitor.sees("CV Melati Jaya")
    assert Invoice.objects.get().buyer["name"] == "CV Melati Jaya"


def test_n5_the_invoice_is_paid_by_transfer_verified_by_staff_and_the_service_active(make_visitor, tmp_path):
    visitor = make_visitor()
    steps.put_hosting_in_the_cart(visitor)
    steps.complete_order_as_newcomer(visitor)
    visitor.sees("Belum Dibayar")
    invoice = Invoice.objects.get()
    pay = visitor.page.locator("#pay")
    expect(pay).to_contain_text("Rp94.350")
    expect(pay).to_contain_text(invoice.number)
    steps.confirm_payment(visitor, steps.picture(tmp_path))

    staff = make_visitor()
    steps.sign_in(staff, factories.staff("billing.verify_payment", "billing.view_paymentconfirmation"))
    staff.visit("/admin/billing/paymentconfirmation/desk/")
    staff.press(invoice.number)
    staff.press("Terima")

    visitor.visit(f"/client/invoices/{invoice.slug}/")
    visitor.sees("Lunas")
    service = Service.objects.get()
    assert service.status == Service.Status.ACTIVE
    visitor.visit(f"/client/services/{service.pk}/")
    assert _emails_to_the_customer() == {
        "billing/order_received",
        "billing/confirmation_received",
        "billing/payment_received",
        "billing/service_active",
    }


def _emails_to_the_customer() -> set[str]:
    sent = OutboxEmail.objects.filter(template__startswith="billing/", status=OutboxEmail.Status.SENT)
    assert len(mail.outbox) >= sent.count()
    return set(sent.values_list("template", flat=True))


def test_n5_help_is_one_press_away_on_every_page_of_an_order(visitor):
    steps.put_hosting_in_the_cart(visitor)
    for path in ["/store/", "/store/cloud-hosting/", "/store/cloud-hosting/bisnis/", "/cart/", "/cart/checkout/"]:
        visitor.visit(path)
        expect(visitor.page.locator("a[href^='mailto:']").first).to_be_attached()
