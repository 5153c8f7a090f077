"""What companies need around an invoice, in a real browser: PO number, one transfer for two, receipt, tax invoice."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from billing.models import BankAccount, Invoice, PaymentConfirmation, PaymentMethod, TaxInvoice
from tests import factories
from tests.acceptance.steps import picture, sign_in
from tests.billing import shop as orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_c4_a_customer_pays_two_invoices_by_one_transfer_and_takes_the_papers(shop, make_visitor, tmp_path, scripts):
    customer = factories.customer(factories.user(name="Sari Wulandari"), npwp="0012345678901000")
    method = PaymentMethod.objects.first()
    invoices = [orders.place(customer, factories.product(), method=method).invoice for _number in range(2)]
    visitor = make_visitor(scripts=scripts)
    sign_in(visitor, customer.users.get())
    page = visitor.page

    visitor.visit(invoices[0].get_absolute_url())
    page.locator("[name=po_number]").fill("PO/2026/77")
    visitor.press("Simpan nomor PO")
    expect(page.get_by_text("PO PO/2026/77")).to_be_visible()
    visitor.press("Minta faktur pajak")
    expect(page.locator("#tax-invoice button")).to_have_count(0)
    assert TaxInvoice.objects.get().invoice == invoices[0]

    visitor.visit(reverse("billing:invoices"))
    for tick in page.locator("[name=invoice]").all():
        tick.check()
    visitor.press("Bayar yang dicentang dengan satu transfer")
    page.locator("[name=bank_account]").select_option(str(BankAccount.objects.filter(method=method).first().pk))
    page.locator("[name=sender_bank]").fill("Mandiri")
    page.locator("[name=proofs]").set_input_files(picture(tmp_path))
    visitor.press("Kirim konfirmasi")
    expect(page.get_by_text(visitor.say("Terima kasih. Konfirmasi pembayaran Anda kami terima."))).to_be_visible()
    first, second = PaymentConfirmation.objects.order_by("pk")
    assert (first.transfer, first.amount + second.amount) == (second.transfer, sum(one.total for one in invoices))

    orders.pay_together(first, factories.staff("billing.verify_payment"))
    assert {one.status for one in Invoice.objects.all()} == {"paid"}
    visitor.visit(invoices[0].get_absolute_url())
    with page.expect_download() as taken:
        page.get_by_role("link", name=f"KW-{invoices[0].allocations.get().payment_id}").click()
    assert taken.value.suggested_filename.startswith("kw-")
