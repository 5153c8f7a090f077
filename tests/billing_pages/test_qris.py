"""An invoice that is paid by scanning the shop's own QRIS code."""

import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts import outbox
from billing import paylinks, paymethods, pdf, qr_codes, qris
from billing.models import BankAccount, Invoice, PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import confirmation_fields, pay

QUERIES = 6


@pytest.fixture
def account(db) -> BankAccount:
    return factories.qris_account()


@pytest.fixture
def token(invoice, owner) -> str:
    return paylinks.token_of(paylinks.share(invoice=invoice, actor=owner))


def asking(account: BankAccount, invoice: Invoice, amount: int) -> str:
    return qris.with_amount(account.qris_payload, Decimal(amount), invoice.number)


def drawn(text: str) -> str:
    return f'd="{qr_codes.drawing(text).path}"'


def page(client, invoice: Invoice) -> str:
    return client.get(invoice.get_absolute_url()).content.decode()


def test_the_page_shows_the_code_that_asks_for_the_amount_and_says_the_steps(signed_in, invoice, account):
    html = page(signed_in, invoice)
    assert drawn(asking(account, invoice, 150_000)) in html
    assert 'role="img" aria-label="Kode QRIS untuk Rp150.000"' in html
    assert 'data-copy="150000"' in html
    assert reverse("billing:invoice-qris", args=[invoice.slug]) in html
    for words in ("<b>NUSA LAYANAN DIGITAL</b>", "NMID ID1000000000000", "SLEMAN", "Unggah bukti bayar."):
        assert words in html
    for words in ("Berita transfer", "Salin nomor rekening", " style="):
        assert words not in html


def test_the_code_asks_for_the_number_of_the_invoice(invoice, account):
    fields = qris.parse(asking(account, invoice, 150_000))
    assert (fields["01"], fields["54"], fields["62"]) == (
        "12", "150000", f"01{len(invoice.number)}{invoice.number}0703A01",
    )  # fmt: skip


def test_u1_the_unique_code_is_in_the_amount_that_is_scanned(signed_in, invoice, account):
    BankAccount.objects.update(unique_codes=True)
    html = page(signed_in, invoice)
    assert drawn(asking(account, invoice, 150_001)) in html
    assert "Rp150.<mark>001</mark>" in html
    assert "Termasuk kode unik 001" in html


def test_c2_after_a_partial_payment_the_code_asks_for_the_rest(signed_in, invoice, account):
    pay(invoice, amount=100_000)
    assert drawn(asking(account, invoice, 50_000)) in page(signed_in, invoice)


def test_t6_a_company_that_keeps_pph_23_back_has_a_code_for_the_rest(signed_in, customer, account):
    factories.ppn()
    product = factories.product(prices={"monthly": 1_000_000}, pph23=True)
    invoice = shop.place(customer, product).invoice
    html = page(signed_in, invoice)
    assert drawn(asking(account, invoice, 1_110_000)) in html
    assert drawn(asking(account, invoice, 1_090_000)) in html


@pytest.mark.parametrize("total", [10_000_000, 10_000_001])
def test_more_than_one_payment_by_qris_may_be_is_not_asked_for(signed_in, customer, account, total):
    other = factories.bank_account()
    product = factories.product(prices={"monthly": total}, taxable=False)
    invoice = shop.place(customer, product, method=account.method).invoice
    html = page(signed_in, invoice)
    picture = signed_in.get(reverse("billing:invoice-qris", args=[invoice.slug]))
    is_too_much = total > 10_000_000
    assert ("Sekali bayar dengan QRIS paling banyak Rp10.000.000." in html) == is_too_much
    assert ("Kode QRIS untuk" in html) == (not is_too_much)
    assert picture.status_code == (404 if is_too_much else 200)
    assert str(other.method) in html
    assert b"%PDF-" in pdf.current(invoice)[:10]


def test_the_page_costs_as_much_as_one_with_accounts(signed_in, invoice, django_assert_num_queries):
    page(signed_in, invoice)
    with django_assert_num_queries(QUERIES):
        page(signed_in, invoice)


def test_the_first_account_in_staff_s_order_is_scanned_and_the_others_can_be_confirmed(signed_in, invoice, account):
    fields = qris.parse(account.qris_payload) | {"59": "KODE LAMA"}
    old = factories.qris_account(
        account.method, number="ID2", holder="KODE LAMA", sort=5, qris_payload=qris.build(fields)
    )
    html = page(signed_in, invoice)
    assert html.count("Kode QRIS untuk") == 1
    assert drawn(asking(account, invoice, 150_000)) in html
    assert f'<option value="{old.pk}">' in html


def test_the_code_is_kept_as_a_picture_to_pay_on_the_same_phone(signed_in, invoice, account):
    response = signed_in.get(reverse("billing:invoice-qris", args=[invoice.slug]))
    assert response.content == qr_codes.png(asking(account, invoice, 150_000))
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Disposition"] == f'attachment; filename="qris-{invoice.slug}.png"'
    assert response.headers["Cache-Control"] == "no-store"


def test_there_is_no_picture_where_nothing_is_to_scan(signed_in, customer, invoice):
    transfer = factories.bank_account().method
    by_transfer = shop.place(customer, factories.product(), method=transfer).invoice
    pay(invoice)
    for one in (by_transfer, invoice):
        assert signed_in.get(reverse("billing:invoice-qris", args=[one.slug])).status_code == 404


def test_the_holder_of_the_private_link_scans_and_keeps_the_same_code(client, invoice, account, token):
    text = asking(account, invoice, 150_000)
    html = client.get(reverse("billing:pay", args=[token])).content.decode()
    address = reverse("billing:pay-qris", args=[token])
    assert drawn(text) in html
    assert f'href="{address}"' in html
    response = client.get(address)
    assert response.content == qr_codes.png(text)
    assert response.headers["Cache-Control"] == "no-store"


def test_an_ended_link_gives_no_picture(client, invoice, owner, token):
    paylinks.revoke(invoice=invoice, actor=owner)
    response = client.get(reverse("billing:pay-qris", args=[token]))
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_confirmation_speaks_of_apps_and_wallets_and_keeps_its_fields(signed_in, invoice, account):
    transfer = factories.bank_account()
    html = page(signed_in, invoice)
    for words in ("Dibayar ke", "Bank atau dompet digital", "Contoh: BCA, GoPay, OVO", "Bukti bayar"):
        assert words in html
    options = re.findall(r'<option value="(\d+)">', html)
    assert options == [str(account.pk), str(transfer.pk)]


def test_k3_it_is_confirmed_with_a_proof_and_approved_like_any_payment(signed_in, invoice, account, verifier):
    fields = confirmation_fields(invoice) | {"sender_bank": "GoPay", "sender_number": ""}
    response = signed_in.post(reverse("billing:invoice-confirm", args=[invoice.slug]), fields)
    assert response.status_code == 302
    sent = PaymentConfirmation.objects.get()
    assert (sent.bank_account, sent.sender_bank, sent.amount) == (account, "GoPay", 150_000)
    payment = shop.pay(invoice, verifier, sent)
    invoice.refresh_from_db()
    assert (invoice.status, payment.method, payment.amount) == ("paid", account.method, 150_000)


def test_c4_several_invoices_are_scanned_as_one_sum(signed_in, customer, invoice, account):
    second = shop.unpaid_invoice(customer, 50_000)
    address = reverse("billing:confirm-together", query={"invoice": [invoice.slug, second.slug]})
    html = signed_in.get(address).content.decode()
    assert drawn(qris.with_amount(account.qris_payload, Decimal(200_000))) in html
    assert "Berita transfer" not in html


def test_c4_a_sum_that_one_scan_cannot_pay_is_transferred(signed_in, customer, invoice, account):
    transfer = factories.bank_account(number="777")
    second = shop.unpaid_invoice(customer, 9_900_000)
    address = reverse("billing:confirm-together", query={"invoice": [invoice.slug, second.slug]})
    html = signed_in.get(address).content.decode()
    assert "Kode QRIS untuk" not in html
    assert transfer.number in html
    assert f'digits">{account.number}<' not in html


def test_the_pdf_has_the_code_and_whose_it_is(invoice, account, monkeypatch):
    seen = []
    monkeypatch.setattr(pdf, "render_html", lambda html: seen.append(html) or b"")
    pdf.render(pdf.describe(invoice))
    assert drawn(asking(account, invoice, 150_000)) in seen[0]
    monkeypatch.undo()
    content = pdf.current(invoice)
    text = " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())
    for words in ("Bayar dengan QRIS", "Rp150.000", "NUSA LAYANAN DIGITAL", "NMID ID1000000000000"):
        assert words in text
    assert "Berita transfer" not in text


def test_the_pdf_is_made_anew_when_the_code_asks_for_something_else(invoice):
    before = pdf.fingerprint_of(pdf.describe(invoice))
    pay(invoice, amount=100_000)
    invoice.refresh_from_db()
    assert pdf.fingerprint_of(pdf.describe(invoice)) != before


def test_the_email_leads_to_the_code_and_says_the_exact_amount(invoice, account):
    arguments = {"order_id": invoice.order_id, "invoice_id": invoice.pk}
    sent = outbox.render("billing/order_received", arguments, "id", reveal=True)
    for words in (
        "Bayar tepat",
        "Rp150.000",
        "Pindai kodenya di halaman tagihan atau di PDF-nya.",
        account.code.merchant,
    ):
        assert words in sent.text
    assert "Berita transfer" not in sent.text
    assert [one.name for one in sent.attachments] == [f"{invoice.slug}.pdf"]


def test_a_method_without_a_code_is_not_offered_and_cannot_be_chosen(signed_in, customer, account):
    transfer = factories.bank_account().method
    invoice = shop.place(customer, factories.product(), method=transfer).invoice
    BankAccount.objects.filter(pk=account.pk).update(active=False)
    assert account.method not in paymethods.active()
    with pytest.raises(paymethods.CannotChoose):
        paymethods.choose(invoice=invoice, method=account.method, actor=None)
    invoice.refresh_from_db()
    assert invoice.payment_method == transfer


@pytest.mark.parametrize(("total", "takes"), [(10_000_000, True), (10_000_001, False)])
def test_an_invoice_that_one_scan_cannot_pay_is_not_led_to_qris(signed_in, customer, account, total, takes):
    transfer = factories.bank_account().method
    product = factories.product(prices={"monthly": total}, taxable=False)
    invoice = shop.place(customer, product, method=transfer).invoice
    assert (account.method in paymethods.others(invoice)) == takes
    signed_in.post(reverse("billing:invoice-method", args=[invoice.slug]), {"payment_method": account.method.pk})
    invoice.refresh_from_db()
    assert invoice.payment_method == (account.method if takes else transfer)
