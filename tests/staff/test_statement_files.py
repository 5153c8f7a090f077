"""Statements that arrived by themselves at the staff's desk, and large ones that a worker recognises."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing import tasks
from billing.admin import statement_files
from billing.bank import delivery, settling
from billing.models import StatementImport, StatementLine
from tests import factories
from tests.billing import shop
from tests.billing_bank import statements

pytestmark = pytest.mark.django_db

UPLOAD = reverse("admin:billing_statement_upload")
LIST = reverse("admin:billing_statementimport_changelist")
UNKNOWN = "Hari,Isi,Masuk,Keluar\n06/11/2026,Dari Budi,150000,\n"
MAPPING = {"date": "Hari", "text": ["Isi"], "credit": "Masuk", "debit": "Keluar"}


@pytest.fixture
def account(db):
    return factories.bank_account(number="0987654321")


def arrived(account, text: str = UNKNOWN, name: str = "bca/mutasi.csv", problem: str = "") -> StatementImport:
    return delivery.deliver(name=name, content=text.encode(), road="folder", account=account, problem=problem)


def page_of(imported: StatementImport) -> str:
    return reverse("admin:billing_statement_preview", args=[imported.pk])


def result_of(imported: StatementImport) -> str:
    return reverse("admin:billing_statement_result", args=[imported.pk])


def test_the_start_page_and_the_list_show_what_waits(at_desk, boss, account):
    assert "Berkas mutasi yang menunggu Anda" not in at_desk.get(reverse("admin:index")).text
    imported = arrived(account)

    home = boss.get(reverse("admin:index")).text
    assert "Berkas mutasi yang menunggu Anda" in home
    assert page_of(imported) in home
    listed = boss.get(LIST)
    assert "1 berkas yang tiba sendiri menunggu keputusan Anda" in listed.text
    assert "Kolom berkas ini belum dikenal" in listed.text


@pytest.mark.parametrize(("state", "found"), [("waiting", "a.csv"), ("imported", "b.csv"), ("aside", "c.csv")])
def test_the_list_is_filtered_by_what_became_of_a_file(boss, superuser, account, state, found):
    arrived(account, name="a.csv")
    arrived(account, statements.BNI, name="b.csv")
    aside = arrived(account, UNKNOWN.replace("Budi", "Sari"), name="c.csv")
    boss.post(page_of(aside), {"decision": "aside"})

    listed = boss.get(LIST, {"state": state})

    assert [one.source for one in listed.context["cl"].result_list] == [found]


def test_columns_chosen_once_take_in_the_other_waiting_files_too(at_desk, account):
    first, other = arrived(account), arrived(account, UNKNOWN.replace("Budi", "Sari"))
    assert "Pilih kolomnya di bawah" in at_desk.get(page_of(first)).text

    at_desk.post(page_of(first), {**MAPPING, "decision": "import"})

    other.refresh_from_db()
    assert other.imported_at is not None
    assert sorted(StatementLine.objects.values_list("text", flat=True)) == ["Dari Budi", "Dari Sari"]


def test_staff_says_whose_a_file_is(at_desk, account):
    imported = arrived(None, statements.BNI, problem="Tidak ada nomor rekening.")
    asked = at_desk.get(page_of(imported))
    assert "Rekening yang mana?" in asked.text
    assert "Tidak ada nomor rekening." in asked.text

    wrong = at_desk.post(page_of(imported), {"decision": "whose", "account": "0"})
    assert wrong.status_code == 422
    looked = at_desk.post(page_of(imported), {"decision": "whose", "account": account.pk}, follow=True)
    assert looked.context["ready"] is True
    columns = looked.context["form"].initial
    at_desk.post(page_of(imported), {**columns, "decision": "import"})

    assert StatementLine.objects.get().account == account


def test_a_file_that_names_another_account_warns_and_is_for_people_to_decide(at_desk):
    other = factories.bank_account(number="111222333")
    imported = arrived(other, statements.MT940, name="a.sta")

    looked = at_desk.get(page_of(imported))
    assert "Menurut isinya, berkas ini milik rekening 0987654321, bukan BCA 111222333" in looked.text
    at_desk.post(page_of(imported), {"decision": "import"})

    assert StatementLine.objects.get().account == other


def test_what_is_put_aside_waits_no_more_and_can_still_be_taken_in(at_desk, verifier, account):
    imported = arrived(account)
    at_desk.post(page_of(imported), {"decision": "aside"})
    imported.refresh_from_db()
    assert (imported.put_aside_by, StatementImport.objects.to_decide().count()) == (verifier, 0)
    assert delivery.take_waiting(account.pk) == 0

    at_desk.post(page_of(imported), {**MAPPING, "decision": "import"})

    imported.refresh_from_db()
    assert (imported.put_aside_at, imported.imported_at is not None) == (None, True)


def test_a_file_that_was_not_kept_says_why_and_what_to_do(at_desk, account):
    told = delivery.tell_of(name="a.pdf", mark="1", road="mailbox", account=None, problem="Lebih besar dari 5 MB.")
    assert told == delivery.tell_of(name="a.pdf", mark="1", road="mailbox", account=None, problem="Lebih besar.")
    page = at_desk.get(page_of(told)).text
    assert "Lebih besar dari 5 MB." in page
    assert "Unduh lagi dari bank lalu unggah di sini" in page


@pytest.fixture
def large(at_desk, account, customer, monkeypatch):
    """A file of more lines than are recognised while staff waits, and the invoice that one of them pays."""
    monkeypatch.setattr(statement_files, "RECOGNISED_AT_ONCE", 1)
    invoice = shop.unpaid_invoice(customer)
    day = f"{timezone.localdate():%d/%m/%Y}"
    rows = ["Tanggal;Keterangan;Jumlah;Saldo", f"{day};LUNAS {invoice.number};150.000 CR;1", f"{day};BUNGA;7 CR;2"]
    looked = at_desk.post(
        UPLOAD, {"account": account.pk, "file": SimpleUploadedFile("a.csv", "\n".join(rows).encode())}, follow=True
    )
    return looked.request["PATH_INFO"], looked.context["form"].initial, invoice


def test_a_large_file_is_recognised_by_a_worker_while_staff_watches(at_desk, large, monkeypatch):
    address, columns, invoice = large
    told = []
    monkeypatch.setattr(settling, "tell_worker", told.append)

    watched = at_desk.post(address, {**columns, "decision": "import"}, follow=True)

    imported = StatementImport.objects.get()
    assert (watched.request["PATH_INFO"], told) == (result_of(imported), [imported.pk])
    assert "Sedang dicocokkan" in watched.text
    assert 'hx-trigger="every 3s"' in watched.text
    invoice.refresh_from_db()
    assert invoice.status == "unpaid"

    tasks.recognise_import(imported.pk)

    part = at_desk.get(result_of(imported), headers={"HX-Request": "true"})
    assert "Selesai dicocokkan" in part.text
    assert "1 dikenali, 1 perlu ditinjau" in part.text
    assert "<html" not in part.text
    assert "hx-trigger" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    invoice.refresh_from_db()
    assert invoice.status == "paid"


def test_an_import_that_no_worker_heard_of_is_swept_after_a_minute(at_desk, large, monkeypatch):
    address, columns, invoice = large
    monkeypatch.setattr(settling, "tell_worker", lambda import_id: None)
    at_desk.post(address, {**columns, "decision": "import"})
    assert tasks.sweep_statements() == 0

    StatementImport.objects.update(imported_at=timezone.now() - timedelta(minutes=2))
    assert tasks.sweep_statements() == 1

    invoice.refresh_from_db()
    assert invoice.status == "paid"
    assert tasks.sweep_statements() == 0


def test_a_worker_that_died_is_followed_by_another(at_desk, large, monkeypatch):
    address, columns, _invoice = large
    monkeypatch.setattr(settling, "tell_worker", lambda import_id: None)
    at_desk.post(address, {**columns, "decision": "import"})
    imported = StatementImport.objects.get()
    StatementImport.objects.update(recognition_at=timezone.now())
    assert settling.recognise_import(imported.pk) is None

    StatementImport.objects.update(recognition_at=timezone.now() - timedelta(minutes=11))
    assert settling.recognise_import(imported.pk).matched == 1
    assert settling.recognise_import(imported.pk) is None


def test_lines_that_may_be_the_same_money_from_another_source_are_shown(at_desk, account):
    imported = StatementImport.objects.create(account=account, source="x.csv", sha256="0" * 64)
    made = {"account": account, "imported": imported, "amount": 150_000, "booked_on": timezone.localdate()}
    one = StatementLine.objects.create(key="1", text="TRSF BUDI", **made)
    StatementLine.objects.create(key="2", text="BUDI TRANSFER", feed="webhook", **made)
    StatementLine.objects.create(key="3", text="BUDI LAGI", **made)

    page = at_desk.get(reverse("admin:billing_line_review", args=[one.pk]))

    assert [double.text for double in page.context["doubles"]] == ["BUDI TRANSFER"]
    assert "Mungkin uang yang sama, dari sumber lain" in page.text
