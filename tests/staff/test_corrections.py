"""Staff corrects invoices: credit notes per line, refunds with their proof, write-offs, and what goes back to credit."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing import crediting, payments, refunds, write_offs
from billing.models import CreditAccount, CreditNote, Invoice, Refund
from tests import factories
from tests.billing import credited, shop
from tests.staff.test_documents import press, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


@pytest.fixture
def paid(customer) -> Invoice:
    invoice = shop.unpaid_invoice(customer)
    credited.pay(customer, 150_000, invoice)
    invoice.refresh_from_db()
    return invoice


@pytest.fixture
def accountant(client):
    person = factories.staff(
        "billing.view_invoice", "billing.view_creditaccount", crediting.ISSUE, refunds.PAY, write_offs.WRITE_OFF
    )
    client.force_login(person)
    return client


def bank(**fields) -> dict:
    return {
        "paid_on": timezone.localdate().isoformat(),
        "bank": "BCA",
        "number": "0123456789",
        "holder": "PT Contoh",
        "proof": shop.picture(),
        **fields,
    }


def note_of(invoice: Invoice, amount: str = "50.000", **fields) -> dict:
    line = invoice.lines.get()
    return {f"line_{line.pk}": amount, "reason": "Salah harga", "way": "credit", "once": str(uuid.uuid4()), **fields}


def test_a_note_is_made_per_line_and_its_money_becomes_credit(accountant, customer, paid):
    form = accountant.get(reverse("admin:billing_invoice_press", args=[paid.pk, "credit-note"])).content.decode()
    assert "Neto, paling banyak Rp150.000." in form
    [words] = told(press(accountant, paid, "credit-note", **note_of(paid)))
    note = CreditNote.objects.get()
    assert words == f"Nota kredit {note} dibuat: Rp50.000."
    assert (note.total, note.reason, payments.credit_balance(customer)) == (50_000, "Salah harga", 50_000)


def test_a_note_and_the_transfer_back_are_one_form(accountant, customer, paid):
    press(accountant, paid, "credit-note", **note_of(paid, "150.000", way="bank"), **bank())
    refund = Refund.objects.get()
    assert (refund.amount, refund.credit_note.total, refund.name) == (150_000, 150_000, "bukti.png")
    assert (paid.status, payments.credit_balance(customer)) == ("refunded", 0)


def test_sending_the_form_twice_makes_one_note(accountant, paid):
    data = note_of(paid)
    for _time in range(2):
        press(accountant, paid, "credit-note", **data)
    assert CreditNote.objects.count() == 1


@pytest.mark.parametrize("missing", ["bank", "number", "holder", "proof", "paid_on"])
def test_a_transfer_back_is_told_in_full(accountant, paid, missing):
    data = {**note_of(paid, way="bank"), **bank()}
    data.pop(missing)
    assert press(accountant, paid, "credit-note", **data).status_code == 422
    assert (CreditNote.objects.count(), Refund.objects.count()) == (0, 0)


@pytest.mark.parametrize("amount", ["150.001", "0", ""])
def test_amounts_that_do_not_fit_are_said_and_nothing_is_made(accountant, paid, amount):
    assert press(accountant, paid, "credit-note", **note_of(paid, amount)).status_code == 422
    assert CreditNote.objects.count() == 0


def test_a_proof_that_is_none_is_refused(accountant, paid):
    false = SimpleUploadedFile("bukti.png", b"<script>", "image/png")
    assert press(accountant, paid, "credit-note", **note_of(paid, way="bank"), **bank(proof=false)).status_code == 422
    assert (CreditNote.objects.count(), Refund.objects.count()) == (0, 0)


def test_an_unpaid_invoice_is_not_asked_what_becomes_of_its_money(accountant, customer):
    invoice = shop.unpaid_invoice(customer)
    address = reverse("admin:billing_invoice_press", args=[invoice.pk, "credit-note"])
    assert "Bukti transfer" not in accountant.get(address).content.decode()
    data = note_of(invoice)
    del data["way"]
    press(accountant, invoice, "credit-note", **data)
    assert invoice.balance == 100_000


def test_staff_reads_why_an_unpaid_invoice_is_not_credited_in_full(accountant, customer):
    invoice = shop.unpaid_invoice(customer)
    [words] = told(press(accountant, invoice, "credit-note", **note_of(invoice, "150.000")))
    assert words.endswith("batalkan saja tagihannya.")
    assert invoice.amount_credited == 0


def test_a_bad_debt_is_written_off_with_its_reason(accountant, customer):
    invoice = credited.bounced(customer)
    assert press(accountant, invoice, "write-off").status_code == 422
    assert invoice.status == "unpaid"
    press(accountant, invoice, "write-off", reason="Bangkrut")
    assert (invoice.status, invoice.amount_written_off) == ("paid", 150_000)


def test_a_pending_order_offers_no_write_off(accountant, customer):
    invoice = shop.unpaid_invoice(customer)
    press(accountant, invoice, "write-off", reason="Bangkrut")
    assert invoice.status == "unpaid"


def test_what_was_half_paid_goes_to_credit_and_can_be_cancelled(boss, customer):
    invoice = credited.half_paid(customer)
    press(boss, invoice, "release", reason="Tidak jadi")
    assert (invoice.amount_paid, payments.credit_balance(customer)) == (0, 70_000)
    press(boss, invoice, "cancel", note="Tidak jadi")
    assert invoice.status == "cancelled"


def test_credit_is_paid_out_from_the_customers_account(accountant, customer):
    account = CreditAccount.objects.get(pk=credited.rich(customer, 100_000).pk)
    data = {"amount": "60.000", "reason": "Diminta", "once": str(uuid.uuid4()), **bank()}
    press(accountant, account, "pay-out", **data)
    assert (Refund.objects.get().amount, payments.credit_balance(customer)) == (60_000, 40_000)
    shown = accountant.get(reverse("admin:billing_creditaccount_change", args=[customer.pk])).content.decode()
    for words in ("Rp40.000", "Dikembalikan ke rekening BCA 0123456789", "−Rp60.000"):
        assert words in shown


def test_more_than_there_is_is_refused_by_name(accountant, customer):
    account = CreditAccount.objects.get(pk=credited.rich(customer, 100_000).pk)
    data = {"amount": "100.001", "reason": "Diminta", "once": str(uuid.uuid4()), **bank()}
    assert told(press(accountant, account, "pay-out", **data)) == ["Kredit pelanggan hanya Rp100.000."]
    assert (Refund.objects.count(), payments.credit_balance(customer)) == (0, 100_000)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", ["creditnote", "refund", "creditaccount"])
def test_lists_ask_as_much_for_many_rows(boss, model, count, django_assert_num_queries):
    for number in range(count):
        customer = factories.customer(factories.user())
        credited.refund(customer, cause=f"refund:{number}")
        credited.credit_note(shop.unpaid_invoice(customer), cause=f"note:{number}")
    address = reverse(f"admin:billing_{model}_changelist")
    boss.get(address)
    with django_assert_num_queries(LIST_QUERIES[model]):
        assert boss.get(address).status_code == 200


LIST_QUERIES = {"creditnote": 7, "refund": 7, "creditaccount": 7}
