"""Faktur pajak: asked for, filed or refused, once each; and the month's tables for Coretax."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import outbox, spreadsheets
from accounts.roles import Role
from billing import crediting, invoicing, ledger, orphans, tax_export, tax_invoices, uploads
from billing.models import Invoice, TaxInvoice
from tests import factories
from tests.billing.shop import emails, pay, place, rupiah, unpaid_invoice
from tests.billing_pages.shop import tax_paper

pytestmark = pytest.mark.django_db
NUMBER = "04002600012345678"


def paper() -> uploads.AcceptedFile:
    return uploads.accept(tax_paper(), kinds=[uploads.PDF])


@pytest.fixture
def clerk(db):
    return factories.staff("billing.change_taxinvoice", name="Fitri Faktur")


@pytest.fixture
def invoice(customer, account, ppn):
    """T3: 149.500 net, DPP 137.042, PPN 16.445."""
    customer.npwp = "012345678901000"
    customer.save()
    return place(customer, factories.product(prices={"monthly": 149_500})).invoice


def file(invoice, clerk, **fields) -> TaxInvoice:
    defaults = {"number": NUMBER, "issued_on": timezone.localdate(), "document": paper()}
    return tax_invoices.file(invoice=invoice, actor=clerk, **{**defaults, **fields})


def stored() -> int:
    return len(default_storage.listdir("tax_invoices")[1]) if default_storage.exists("tax_invoices") else 0


def test_asking_twice_asks_once(owner, invoice):
    first, again = (tax_invoices.ask(invoice=invoice, actor=owner) for _time in range(2))
    assert first == again == TaxInvoice.objects.get()
    assert (first.requested_by, list(tax_invoices.waiting())) == (owner, [first])
    assert invoice.events.filter(kind="tax_invoice_requested").count() == 1


def cannot_ask(invoice, actor) -> None:
    with pytest.raises(tax_invoices.CannotAsk):
        tax_invoices.ask(invoice=invoice, actor=actor)
    assert not TaxInvoice.objects.exists()


def test_without_tax_or_tax_id_or_after_the_end_there_is_nothing_to_ask_for(owner, customer, invoice, verifier):
    cannot_ask(unpaid_invoice(customer), owner)
    Invoice.objects.filter(pk=invoice.pk).update(buyer={**invoice.buyer, "npwp": "", "nik": ""})
    cannot_ask(Invoice.objects.get(pk=invoice.pk), owner)
    cancelled = place(customer, factories.product()).invoice
    invoicing.cancel(invoice=cancelled, actor=verifier)
    cannot_ask(cancelled, owner)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICAL])
def test_those_who_may_not_pay_may_not_ask(customer, invoice, role):
    cannot_ask(invoice, factories.member(customer, role=role).user)


def test_filing_answers_and_sends_it_once(owner, invoice, clerk):
    tax_invoices.ask(invoice=invoice, actor=owner)
    filed = file(invoice, clerk)
    assert (filed.number, filed.filed_by, filed.name) == (NUMBER, clerk, "faktur.pdf")
    assert not tax_invoices.waiting().exists()
    assert {mail.to for mail in emails("tax_invoice_filed")} == {owner.email, invoice.customer.billing_email}
    [mail, *_] = emails("tax_invoice_filed")
    sent = outbox.render(mail.template, mail.arguments, "id", reveal=True)
    assert f"Nomor faktur pajak: {NUMBER}" in sent.text
    assert [(one.name, one.content) for one in sent.attachments] == [("faktur.pdf", filed.file.read())]
    in_english = outbox.render(mail.template, mail.arguments, "en", reveal=False)
    assert NUMBER in in_english.text
    assert invoice.number in in_english.subject
    assert list(ledger.verify({"V9": ledger.CHECKS["V9"]})) == []


def test_staff_may_file_it_unasked(invoice, clerk):
    file(invoice, clerk)
    assert TaxInvoice.objects.get().requested_at is None
    assert {mail.to for mail in emails("tax_invoice_filed")} == {invoice.customer.billing_email}


def cannot_file(invoice, actor, **fields) -> str:
    before = (list(TaxInvoice.objects.values_list("number", "filed_at")), stored(), len(emails("tax_invoice_filed")))
    with pytest.raises(tax_invoices.CannotFile) as refusal:
        file(invoice, actor, **fields)
    assert (
        list(TaxInvoice.objects.values_list("number", "filed_at")),
        stored(),
        len(emails("tax_invoice_filed")),
    ) == before
    return str(refusal.value)


def test_a_second_one_replaces_only_what_was_seen(invoice, clerk):
    first = file(invoice, clerk)
    assert "Orang lain" in cannot_file(invoice, clerk, number="04002600012345679")
    second = file(invoice, clerk, number="04002600012345679", replaces=first.filed_at)
    assert (TaxInvoice.objects.get().number, second.pk) == ("04002600012345679", first.pk)
    assert len(emails("tax_invoice_filed")) == 2


def test_one_number_is_for_one_invoice(customer, invoice, clerk):
    file(invoice, clerk)
    other = place(customer, factories.product()).invoice
    assert invoice.number in cannot_file(other, clerk)


def test_what_cannot_be_filed(owner, customer, invoice, clerk):
    assert "masa depan" in cannot_file(invoice, clerk, issued_on=timezone.localdate() + timedelta(days=1))
    cannot_file(unpaid_invoice(customer), clerk)
    with pytest.raises(tax_invoices.NotAllowed):
        file(invoice, owner)


def test_refusing_says_why_and_lets_ask_again(owner, invoice, clerk):
    asked = tax_invoices.ask(invoice=invoice, actor=owner)
    tax_invoices.refuse(invoice=invoice, reason="NPWP tidak dikenal", actor=clerk)
    [mail, *_] = emails("tax_invoice_refused")
    for language in ("id", "en"):
        assert "NPWP tidak dikenal" in outbox.render(mail.template, mail.arguments, language, reveal=False).text
    with pytest.raises(tax_invoices.CannotFile):
        tax_invoices.refuse(invoice=invoice, reason="Lagi", actor=clerk)
    again = tax_invoices.ask(invoice=invoice, actor=owner)
    assert (again.pk, again.refused_at, again.reason) == (asked.pk, None, "")
    assert len(emails("tax_invoice_refused")) == 2


def test_a_reason_is_needed_and_a_filed_one_is_not_refused(owner, invoice, clerk):
    tax_invoices.ask(invoice=invoice, actor=owner)
    with pytest.raises(tax_invoices.CannotFile):
        tax_invoices.refuse(invoice=invoice, reason=" ", actor=clerk)
    file(invoice, clerk)
    with pytest.raises(tax_invoices.CannotFile):
        tax_invoices.refuse(invoice=invoice, reason="Terlambat", actor=clerk)
    assert TaxInvoice.objects.get().refused_at is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (NUMBER, NUMBER),
        ("040.026-00012345678", NUMBER),
        ("010.000-25.00000001", "0100002500000001"),
        ("12", None),
        ("A4002600012345678", None),
        ("040026000123456789", None),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed, read):
    if read:
        assert tax_invoices.read_number(typed) == read
    else:
        with pytest.raises(ValueError, match=r"\w"):
            tax_invoices.read_number(typed)


def test_v9_a_lost_or_changed_file_is_found(invoice, clerk):
    filed = file(invoice, clerk)
    default_storage.delete(filed.file.name)
    assert [breach.rule for breach in ledger.verify({"V9": ledger.CHECKS["V9"]})] == ["V9"]


def test_files_that_no_row_names_are_removed_and_others_kept(invoice, clerk):
    filed = file(invoice, clerk)
    default_storage.save("tax_invoices/leftover.pdf", SimpleUploadedFile("x.pdf", b"%PDF-1.4"))
    assert orphans.remove_orphans(timezone.now() + timedelta(days=3)).removed == 1
    assert default_storage.exists(filed.file.name)


# The month's tables


def table(name: str, month: date) -> list[dict[str, str]]:
    text = spreadsheets.as_csv(tax_export.TABLES[name](month)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_t3_one_row_for_each_taxed_invoice_of_the_month_with_its_own_figures(customer, invoice, clerk, verifier):
    pay(invoice, verifier)
    unpaid_invoice(customer)
    invoicing.cancel(invoice=place(customer, factories.product()).invoice, actor=verifier)
    file(invoice, clerk)
    today = timezone.localdate()
    [row] = table("faktur", today.replace(day=1))
    assert (row["Referensi"], row["Tanggal Faktur"]) == (invoice.number, f"{today:%d/%m/%Y}")
    assert (row["Jenis Faktur"], row["Kode Transaksi"]) == ("Normal", "04")
    assert (row["DPP"], row["DPP Nilai Lain"], row["Tarif PPN"], row["PPN"]) == ("149500", "137042", "12", "16445")
    assert (row["NPWP/NIK Pembeli"], row["Jenis ID Pembeli"], row["ID TKU Pembeli"]) == (
        "0012345678901000",
        "TIN",
        "0012345678901000000000",
    )
    assert (row["Nama Pembeli"], row["Negara Pembeli"], row["Nomor Dokumen Pembeli"]) == (customer.name, "IDN", "")
    assert row["Nomor Faktur Pajak"] == NUMBER
    assert table("faktur", date(2020, 1, 1)) == []


def test_a_person_is_named_by_the_nik(customer, account, ppn):
    customer.nik, customer.npwp = "3404012345678901", ""
    customer.save()
    place(customer, factories.product())
    [row] = table("faktur", timezone.localdate())
    assert (row["NPWP/NIK Pembeli"], row["Jenis ID Pembeli"], row["Nomor Dokumen Pembeli"], row["ID TKU Pembeli"]) == (
        "0000000000000000",
        "National ID",
        "3404012345678901",
        "000000",
    )


def test_the_parts_of_the_lines_sum_to_the_invoice(customer, account, ppn):
    products = [factories.product(prices={"monthly": price}) for price in (100_001, 33_333, 7)]
    products.append(factories.product(prices={"monthly": 50_000}, taxable=False))
    invoice = place(customer, *products).invoice
    rows = table("detail", timezone.localdate())
    assert [(row["Baris"], row["Harga Satuan"]) for row in rows] == [("1", "100001"), ("1", "33333"), ("1", "7")]
    assert sum(Decimal(row["DPP"]) for row in rows) == 133_341
    assert sum(Decimal(row["DPP Nilai Lain"]) for row in rows) == invoice.tax_base
    assert sum(Decimal(row["PPN"]) for row in rows) == invoice.tax


def test_credit_notes_have_a_table_of_their_own(invoice, verifier):
    pay(invoice, verifier)
    verifier.is_superuser = True
    verifier.save()
    line = invoice.lines.get()
    note = crediting.credit(
        invoice=Invoice.objects.get(pk=invoice.pk),
        amounts={line.pk: rupiah(49_500)},
        reason="Potongan",
        cause="test:1",
        actor=verifier,
    )
    [row] = table("nota-kredit", timezone.localdate())
    assert (row["Nomor Nota"], row["Referensi"], row["DPP"]) == (note.number, invoice.number, "49500")
    assert (row["DPP Nilai Lain"], row["PPN"]) == (f"{note.tax_base:.0f}", f"{note.tax:.0f}")
    assert len(table("faktur", timezone.localdate())) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_table_costs_the_same_for_one_and_three(customer, account, ppn, count, django_assert_num_queries):
    for _number in range(count):
        place(customer, factories.product())
    with django_assert_num_queries(2):
        assert len(table("faktur", timezone.localdate())) == count
