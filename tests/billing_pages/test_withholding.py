"""T6 on the customer's pages: who is asked about PPh 23, what to transfer then, and what the receipt says."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Customer
from billing import confirmations, pdf
from billing.emails import orders as emails
from billing.models import Invoice, PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import confirmation_fields


@pytest.fixture
def invoice(customer, account) -> Invoice:
    factories.ppn()
    return shop.place(customer, factories.product(prices={"monthly": 1_000_000}, pph23=True)).invoice


def page(client, invoice: Invoice) -> str:
    return client.get(invoice.get_absolute_url()).content.decode()


def send(client, invoice: Invoice, **changes):
    fields = confirmation_fields(invoice, amount="1.090.000", withholds="on", withholding_slips=[shop.picture("navy")])
    return client.post(reverse("billing:invoice-confirm", args=[invoice.slug]), {**fields, **changes})


def paid(invoice: Invoice, verifier) -> Invoice:
    confirmation = shop.confirm(
        invoice, amount=shop.rupiah(1_090_000), withholds=True, withholding_slips=[shop.picture("navy")]
    )
    confirmations.approve(confirmation=confirmation, amount=confirmation.amount, actor=verifier)
    return Invoice.objects.get(pk=invoice.pk)


def test_t6_a_company_reads_what_to_transfer_when_it_keeps_tax_back(signed_in, invoice):
    html = page(signed_in, invoice)
    assert "Bila memotong PPh 23 (Rp20.000), transfer" in html
    assert 'data-copy="1090000"' in html
    assert "Kami memotong PPh 23 sebesar Rp20.000" in html


def test_t6_the_page_of_an_invoice_with_it_costs_no_more_queries(signed_in, customer, account, invoice):
    other = shop.place(customer, factories.product()).invoice
    counts = []
    for one in (other, invoice):
        page(signed_in, one)
        counts.append(_queries(signed_in, one))
    assert counts[0] == counts[1]


def _queries(client, invoice: Invoice) -> int:
    with CaptureQueriesContext(connection) as captured:
        page(client, invoice)
    return len(captured)


def test_t6_people_and_invoices_without_it_are_not_asked(client, signed_in, customer, account, invoice):
    assert "PPh 23" not in page(signed_in, shop.place(customer, factories.product()).invoice)
    person = factories.user()
    private = factories.customer(person, kind=Customer.Kind.PERSON)
    client.force_login(person)
    flagged = shop.place(private, factories.product(pph23=True)).invoice
    assert "PPh 23" not in page(client, flagged)


def test_t6_what_was_stated_arrives_with_the_slip_and_is_shown_while_it_waits(signed_in, invoice):
    assert send(signed_in, invoice).status_code == 302
    sent = PaymentConfirmation.objects.get()
    assert (sent.amount, sent.withheld) == (1_090_000, 20_000)
    assert list(sent.proofs.values_list("kind", flat=True)) == ["transfer", "withholding"]
    assert "PPh 23 dipotong" in page(signed_in, invoice)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"withholding_slips": []}, "withholding_slips"), ({"amount": "1.110.000"}, "amount")],
)
def test_t6_what_does_not_fit_is_said_at_its_field_and_nothing_is_kept(signed_in, invoice, changes, field):
    response = send(signed_in, invoice, **changes)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert response.context["form"]["withholds"].value() is True
    assert not PaymentConfirmation.objects.exists()


def test_t6_without_the_tick_the_slip_counts_for_nothing(signed_in, invoice):
    fields = confirmation_fields(invoice, amount="1.110.000")
    signed_in.post(reverse("billing:invoice-confirm", args=[invoice.slug]), fields)
    assert PaymentConfirmation.objects.get().withheld == 0


def test_t6_the_receipt_names_the_tax_and_the_money_that_came(signed_in, invoice, verifier):
    settled = paid(invoice, verifier)
    html = page(signed_in, settled)
    assert "Rp1.090.000 kami terima pada" in html
    assert "PPh 23 dipotong" in html
    text = " ".join(PdfReader(io.BytesIO(pdf.current(settled))).pages[0].extract_text().split())
    assert "PPh 23 dipotong −Rp20.000" in text
    assert "Uang diterima Rp1.090.000" in text
    assert "Satu juta sembilan puluh ribu rupiah" in text
    facts = dict(emails.payment_received(invoice_id=settled.pk, reveal=True).context["facts"])
    assert (facts["Jumlah"], facts["PPh 23 dipotong"]) == ("Rp1.090.000,00", "Rp20.000")
