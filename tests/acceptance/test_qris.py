"""Paying by QRIS in a real browser: the code on the invoice, the proof, the desk, and the same by a private link."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from billing import paylinks
from billing.models import Invoice, PaymentConfirmation, PaymentMethod
from tests import factories
from tests.acceptance.steps import confirm_payment, picture, sign_in
from tests.billing import shop as orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def invoice(shop) -> Invoice:
    customer = factories.customer(factories.user(name="Sari Wulandari"))
    transfer = PaymentMethod.objects.get(gateway="bank_transfer")
    return orders.place(customer, factories.product(), method=transfer).invoice


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_k1_a_customer_scans_the_code_confirms_with_the_proof_and_staff_approves(
    make_visitor, invoice, tmp_path, scripts
):
    visitor = make_visitor(scripts=scripts)
    sign_in(visitor, invoice.customer.users.get())
    page = visitor.page
    visitor.visit(invoice.get_absolute_url())
    page.get_by_text(visitor.say("Bayar dengan cara lain")).click()
    visitor.choose("payment_method", str(PaymentMethod.objects.get(gateway="qris").pk))
    visitor.press("Pakai metode ini")

    code = page.locator(".scan").get_by_role("img")
    expect(code).to_be_visible()
    assert code.bounding_box()["width"] >= 240
    with page.expect_download() as taken:
        visitor.find_button("Unduh kode QR").click()
    assert taken.value.suggested_filename == f"qris-{invoice.slug}.png"
    confirm_payment(visitor, picture(tmp_path))

    staff = make_visitor(scripts=scripts)
    sign_in(staff, factories.staff("billing.verify_payment"))
    staff.visit(reverse("admin:billing_desk_confirmation", args=[PaymentConfirmation.objects.get().pk]))
    expect(staff.page.get_by_text("QRIS CONTOH").first).to_be_visible()
    staff.press("Terima")
    visitor.visit(invoice.get_absolute_url())
    visitor.sees("Lunas")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_the_finance_department_scans_the_code_of_its_private_link(make_visitor, invoice, tmp_path, scripts):
    Invoice.objects.update(payment_method=PaymentMethod.objects.get(gateway="qris"))
    token = paylinks.token_of(paylinks.share(invoice=invoice, actor=invoice.customer.users.get()))
    visitor = make_visitor(scripts=scripts)
    visitor.visit(reverse("billing:pay", args=[token]))
    expect(visitor.page.locator(".scan").get_by_role("img")).to_be_visible()
    with visitor.page.expect_download() as taken:
        visitor.find_button("Unduh kode QR").click()
    assert taken.value.suggested_filename == f"qris-{invoice.slug}.png"
    confirm_payment(visitor, picture(tmp_path))
    assert PaymentConfirmation.objects.get().bank_account.bank == "QRIS CONTOH"
