"""Credit, credit notes and refunds as members of the customer see them, and adding funds."""

import io

import pytest
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from accounts import outbox
from accounts.models import CustomerEvent
from billing import credit as spending
from billing import crediting, documents, pdf, statements, write_offs
from billing.models import CreditEntry, Invoice
from tests import factories
from tests.billing import credited, shop

pytestmark = pytest.mark.django_db


def page(client, name: str, *arguments, **query) -> str:
    return client.get(reverse(f"billing:{name}", args=arguments), query).content.decode()


def test_every_entry_is_told_with_the_balance_after_it(signed_in, customer, invoice):
    credited.pay(customer, 250_000, invoice)
    credited.credit_note(invoice)
    other = shop.unpaid_invoice(customer, 120_000)
    spending.spend(invoice=other, actor=None)
    entries = [(entry.amount, documents.credit_words(entry)) for entry in CreditEntry.objects.order_by("pk")]
    assert entries == [
        (100_000, "Kelebihan bayar"),
        (50_000, f"Nota kredit {invoice.credit_notes.get()}"),
        (-120_000, "Dipakai untuk tagihan"),
    ]
    shown = page(signed_in, "credit")
    for words in ("Rp100.000", "Rp150.000", "−Rp120.000", "Rp30.000", other.number):
        assert words in shown
    assert shown.index("−Rp120.000") < shown.index("Kelebihan bayar")


def test_without_credit_the_page_leads_to_adding_some(signed_in, customer):
    assert reverse("billing:add-funds") in page(signed_in, "credit")


def test_a_member_who_may_not_pay_is_offered_no_funds(client, customer):
    reader = factories.member(customer, role="viewer").user
    client.force_login(reader)
    assert reverse("billing:add-funds") not in page(client, "credit")
    assert reverse("billing:add-funds") not in page(client, "billing-overview")


@pytest.mark.parametrize("count", [1, 3])
def test_the_credit_page_asks_as_much_for_many_entries(signed_in, customer, count, django_assert_num_queries):
    for number in range(count):
        credited.refund(customer, cause=f"refund:{number}")
    signed_in.get(reverse("billing:credit"))
    with django_assert_num_queries(5):
        signed_in.get(reverse("billing:credit"))


def test_long_histories_are_paged_and_the_balance_goes_on(signed_in, customer):
    for _number in range(21):
        credited.pay(customer, 1_000)
    assert "Rp21.000" in page(signed_in, "credit")
    last = page(signed_in, "credit", page=2)
    assert last.count("Kelebihan bayar") == 1


def test_funds_are_added_by_a_form_that_makes_an_invoice(signed_in, customer, account):
    answer = signed_in.post(
        reverse("billing:add-funds"), {"amount": "200.000", "payment_method": account.method_id}, follow=True
    )
    invoice = Invoice.objects.get()
    assert answer.redirect_chain[-1][0] == invoice.get_absolute_url()
    assert (invoice.kind, invoice.total, invoice.payment_method) == ("add_funds", 200_000, account.method)
    assert account.number in answer.content.decode()


@pytest.mark.parametrize(("amount", "words"), [("1.000", "Isi jumlah antara Rp50.000"), ("abc", "Isi jumlah dalam")])
def test_a_wrong_amount_is_said_at_its_field(signed_in, customer, account, amount, words):
    answer = signed_in.post(reverse("billing:add-funds"), {"amount": amount, "payment_method": account.method_id})
    assert (answer.status_code, Invoice.objects.count()) == (422, 0)
    assert words in answer.content.decode()


def test_who_does_not_want_to_add_funds_any_more_drops_the_invoice(signed_in, customer, account):
    signed_in.post(reverse("billing:add-funds"), {"amount": "200000", "payment_method": account.method_id})
    invoice = Invoice.objects.get()
    address = reverse("billing:invoice-drop", args=[invoice.slug])
    assert address in page(signed_in, "invoice", invoice.slug)
    signed_in.post(address)
    invoice.refresh_from_db()
    assert invoice.status == "cancelled"


def test_other_invoices_are_not_dropped(signed_in, invoice):
    address = reverse("billing:invoice-drop", args=[invoice.slug])
    assert address not in page(signed_in, "invoice", invoice.slug)
    signed_in.post(address)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.order.status) == ("unpaid", "pending")


def test_a_credit_note_stands_on_its_page_and_on_its_invoices(signed_in, customer, invoice):
    note = credited.credit_note(invoice)
    shown = page(signed_in, "credit-note", note.slug)
    for words in (note.number, invoice.number, "Salah harga", "Rp50.000"):
        assert words in shown
    of_invoice = page(signed_in, "invoice", invoice.slug)
    for words in (note.get_absolute_url(), "−Rp50.000", "Sisa yang harus dibayar", "Rp100.000"):
        assert words in of_invoice


def test_the_pdf_says_the_same(signed_in, customer, account):
    factories.ppn()
    invoice = shop.place(customer, factories.product(prices={"monthly": 149_500})).invoice
    note = credited.credit_note(invoice, 149_000)
    response = signed_in.get(reverse("billing:credit-note-pdf", args=[note.slug]))
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    for words in ("Nota kredit", note.number, invoice.number, customer.name, "Rp16.390", "Rp165.390", "Salah harga"):
        assert words in text
    assert f"{note.slug}.pdf" in response["Content-Disposition"]


def test_the_invoices_pdf_shows_what_was_taken_off(customer, invoice):
    before = pdf.describe(invoice)["totals"]
    credited.credit_note(invoice)
    invoice.refresh_from_db()
    rows = [(row["label"], row["amount"]) for row in pdf.describe(invoice)["totals"]]
    assert len(rows) == len(before) + 2
    assert rows[-2:] == [("Nota kredit", "−Rp50.000"), ("Sisa yang harus dibayar", "Rp100.000")]


def test_a_refunded_invoice_says_so(signed_in, customer, invoice):
    credited.pay(customer, 150_000, invoice)
    invoice.refresh_from_db()
    crediting.credit(invoice=invoice, amounts=crediting.left_of(invoice), reason="x", cause="x", actor=None)
    assert "Pembayaran tagihan ini sudah dikembalikan." in page(signed_in, "invoice", invoice.slug)
    assert "Dikembalikan" in page(signed_in, "invoices")


def test_what_was_written_off_thanks_nobody(signed_in, customer, account):
    invoice = credited.bounced(customer)
    write_offs.write_off(invoice=invoice, reason="Bangkrut", actor=factories.staff(write_offs.WRITE_OFF))
    shown = page(signed_in, "invoice", invoice.slug)
    assert "Tagihan ini kami tutup. Tidak ada yang perlu Anda bayar." in shown
    assert ("Terima kasih!" in shown, "Bangkrut" in shown) == (False, False)
    described = pdf.describe(invoice)
    assert (described["stamp"], described["receipt"]) == ("DITUTUP", None)


def test_the_proof_of_a_refund_is_downloaded(signed_in, customer):
    refund = credited.refund(customer)
    response = signed_in.get(reverse("billing:refund-proof", args=[refund.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="bukti.png"'
    assert b"".join(response.streaming_content)[:4] == b"\x89PNG"
    assert reverse("billing:refund-proof", args=[refund.pk]) in page(signed_in, "billing-overview")


def test_the_statement_counts_notes_and_refunds_and_closes_with_the_credit(customer, invoice):
    credited.pay(customer, 150_000, invoice)
    credited.credit_note(invoice)
    credited.refund(customer, 30_000)
    today = invoice.issued_on
    found = statements.of(customer, today, today)
    assert sorted((one.charge, one.credit) for one in found.entries) == [
        (0, 50_000),
        (0, 100_000),
        (0, 150_000),
        (30_000, 0),
        (150_000, 0),
    ]
    assert found.closing == -120_000


def test_added_funds_are_no_debt_on_the_statement(signed_in, customer, account):
    signed_in.post(reverse("billing:add-funds"), {"amount": "200000", "payment_method": account.method_id})
    invoice = Invoice.objects.get()
    assert statements.of(customer, invoice.issued_on, invoice.issued_on).closing == 0
    credited.pay(customer, 200_000, invoice)
    assert statements.of(customer, invoice.issued_on, invoice.issued_on).closing == -200_000


def test_what_is_due_now_is_less_what_was_credited(signed_in, customer, invoice):
    credited.credit_note(invoice)
    assert signed_in.get(reverse("billing:billing-overview")).context["due_now"] == 100_000


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("id", "Nota kredit untuk tagihan", "Yang perlu Anda bayar menjadi lebih kecil."),
        ("en", "Credit note for invoice", "You have less to pay."),
    ],
)
def test_the_email_of_a_note_says_what_is_left_to_pay_and_carries_it(invoice, language, subject, words):
    note = credited.credit_note(invoice)
    sent = outbox.render("billing/credit_note", {"credit_note_id": note.pk}, language, reveal=True)
    assert sent.subject.startswith(subject)
    for text in (words, note.number, "Rp50.000", "Rp100.000", note.get_absolute_url()):
        assert text in sent.text
    assert [one.name for one in sent.attachments] == [f"{note.slug}.pdf"]


@pytest.mark.parametrize(("language", "words"), [("id", "Dana Anda kami kembalikan"), ("en", "We returned your money")])
def test_the_email_of_a_refund_names_the_account(customer, language, words):
    refund = credited.refund(customer)
    sent = outbox.render("billing/refund_paid", {"refund_id": refund.pk}, language, reveal=True)
    assert words in sent.html
    for text in ("Rp40.000", "BCA 0123456789, PT Contoh", "Diminta pelanggan"):
        assert text in sent.text
    assert mail.outbox == []


def test_how_a_customer_is_invoiced_is_theirs_to_say(signed_in, customer):
    address = reverse("accounts:customer")
    form = signed_in.get(address).context["form"]
    data = {name: form.initial.get(name, "") for name in form.fields} | {"separate_invoices": "on"}
    data.pop("credit_pays_renewals")
    assert signed_in.post(address, data).status_code == 302
    customer.refresh_from_db()
    assert (customer.separate_invoices, customer.credit_pays_renewals) == (True, False)
    detail = CustomerEvent.objects.filter(customer=customer, kind="updated").get().detail
    assert detail == {"separate_invoices": [False, True], "credit_pays_renewals": [True, False]}
