"""Kuitansi: one for each payment in which money came in, from page, overview, email and staff's pages."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts import outbox
from billing import payments, receipts, together
from billing.models import Payment
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay


def text_of(content: bytes) -> str:
    """What the PDF says, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def download(client, payment):
    return client.get(reverse("billing:receipt", args=[payment.pk]))


@pytest.fixture
def payment(customer, account):
    pay(shop.unpaid_invoice(customer, 1_250_000))
    return Payment.objects.get()


def test_mo2_it_says_the_amount_with_its_sen_and_in_words(signed_in, payment):
    response = download(signed_in, payment)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f'attachment; filename="kw-{payment.pk}.pdf"'
    text = text_of(response.content)
    assert f"KW-{payment.pk}" in text
    assert "Rp1.250.000,00" in text
    assert "Satu juta dua ratus lima puluh ribu rupiah" in text
    assert payment.customer.name in text
    assert f"Tagihan {payment.allocations.get().invoice.number}" in text
    assert "Meterai" not in text


def test_it_is_in_the_language_of_its_invoice(payment):
    payment.allocations.get().invoice.customer.invoices.update(language="en")
    document = receipts.describe(payment)
    assert document["language"] == "en"
    assert document["words"] == "One million, two hundred and fifty thousand rupiah"
    assert document["amount"] == "Rp1.250.000,00"


@pytest.mark.parametrize(("total", "stamped"), [(4_999_999, False), (5_000_000, True)])
def test_from_five_million_there_is_room_for_a_stamp(customer, account, total, stamped):
    pay(shop.unpaid_invoice(customer, total))
    payment = Payment.objects.get()
    assert receipts.describe(payment)["stamped"] is stamped
    assert ("Meterai" in text_of(receipts.as_pdf(payment))) is stamped


def test_one_payment_for_several_invoices_and_credit_names_all(customer, owner, account, verifier):
    from billing import confirmations

    invoices = [shop.unpaid_invoice(customer, total) for total in (100_000, 200_000)]
    [first, _second] = together.submit(
        invoices=invoices,
        actor=owner,
        bank_account=account,
        sender_bank="BCA",
        sender_number="",
        sender_name="PT Contoh",
        transferred_on=timezone.localdate(),
        amount=shop.rupiah(350_000),
        note="",
        proofs=[shop.picture()],
    )
    payment = confirmations.approve(confirmation=first, amount=shop.rupiah(350_000), actor=verifier)
    assert receipts.describe(payment)["purposes"] == [
        (f"Tagihan {invoices[0]}", "Rp100.000"),
        (f"Tagihan {invoices[1]}", "Rp200.000"),
        ("Disimpan sebagai saldo kredit", "Rp50.000"),
    ]


@pytest.mark.parametrize("source", [Payment.Source.WITHHOLDING, Payment.Source.DIFFERENCE, Payment.Source.WRITE_OFF])
def test_what_is_no_money_has_none(signed_in, customer, payment, source):
    Payment.objects.filter(pk=payment.pk).update(source=source)
    payment.refresh_from_db()
    assert receipts.number_of(payment) == ""
    with pytest.raises(receipts.NoReceipt):
        receipts.as_pdf(payment)
    assert download(signed_in, payment).status_code == 404


def test_c5_nor_has_a_payment_that_was_taken_back(signed_in, payment, verifier):
    payments.reverse(payment=payment, reason="Salah", actor=verifier)
    assert download(signed_in, payment).status_code == 404
    assert f"KW-{payment.pk}" not in signed_in.get(reverse("billing:billing-overview")).content.decode()


def test_page_and_overview_lead_to_it(signed_in, payment):
    address = reverse("billing:receipt", args=[payment.pk])
    for where in (payment.allocations.get().invoice.get_absolute_url(), reverse("billing:billing-overview")):
        assert address in signed_in.get(where).content.decode()


def test_a_partly_paid_invoice_has_its_receipt_too(signed_in, customer, account):
    invoice = pay(shop.unpaid_invoice(customer), 50_000)
    [found] = receipts.of_invoice(invoice)
    assert found.number in signed_in.get(invoice.get_absolute_url()).content.decode()
    [mail, *_] = shop.emails("partially_paid")
    sent = outbox.render(mail.template, mail.arguments, "id", reveal=True)
    assert [one.name for one in sent.attachments] == [f"kw-{found.payment.pk}.pdf"]


def test_the_email_of_a_payment_carries_invoice_and_receipt(payment):
    [mail, *_] = shop.emails("payment_received")
    invoice = payment.allocations.get().invoice
    sent = outbox.render(mail.template, mail.arguments, "en", reveal=True)
    assert [one.name for one in sent.attachments] == [f"{invoice.slug}.pdf", f"kw-{payment.pk}.pdf"]
    assert outbox.render(mail.template, mail.arguments, "en", reveal=False).attachments == ()


def test_another_customers_receipt_is_not_found(client, payment):
    stranger = factories.user()
    factories.customer(stranger)
    client.force_login(stranger)
    assert download(client, payment).status_code == 404


def test_staff_download_it_from_the_payment(client, payment):
    client.force_login(factories.staff("billing.view_payment"))
    page = client.get(reverse("admin:billing_payment_change", args=[payment.pk])).content.decode()
    address = reverse("admin:billing_payment_receipt", args=[payment.pk])
    assert address in page
    assert client.get(address).headers["Content-Type"] == "application/pdf"
