"""Bank statements that arrived by themselves, and a large one that a worker recognises, in a real browser."""

import os

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from billing.admin import statement_files
from billing.bank import delivery, settling
from billing.models import BankAccount, StatementImport, StatementLine
from tests import factories
from tests.acceptance.test_admin_pages import at_work, member_of  # noqa: F401 — the fixture
from tests.billing_bank import statements

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN = "Hari,Isi,Masuk,Keluar\n06/11/2026,Dari Budi,150000,\n"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    monkeypatch.setattr(settling, "tell_worker", lambda import_id: None)


@pytest.fixture
def account(shop) -> BankAccount:
    return factories.bank_account(bank="BNI", number="0987654321")


def arrived(account: BankAccount | None, text: str, **more) -> StatementImport:
    return delivery.deliver(name="bni/mutasi.csv", content=text.encode(), road="folder", account=account, **more)


def shoot(visitor, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        visitor.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("screen", "theme"), [("wide", "light"), ("phone", "dark")])
def test_what_waits_is_found_on_the_start_page_and_decided(account, at_work, screen, theme):  # noqa: F811
    imported = arrived(account, UNKNOWN)
    arrived(None, statements.BRI, problem="Tidak ada nomor rekening toko ini di judul email, nama berkas atau isinya.")
    told = delivery.tell_of(name="bni/laporan.pdf", mark="1", road="mailbox", account=None, problem="Lebih dari 5 MB.")
    visitor = at_work(member_of("Keuangan"), screen=screen, theme=theme)

    visitor.visit(reverse("admin:index"))
    shoot(visitor, f"today-{screen}")
    visitor.visit(f"{reverse('admin:billing_statementimport_changelist')}?state=waiting")
    shoot(visitor, f"list-{screen}")
    visitor.visit(reverse("admin:billing_statement_preview", args=[told.pk]))
    shoot(visitor, f"told-{screen}")
    unclear = StatementImport.objects.get(account=None, file__gt="")
    visitor.visit(reverse("admin:billing_statement_preview", args=[unclear.pk]))
    shoot(visitor, f"whose-{screen}")
    visitor.visit(reverse("admin:billing_statement_preview", args=[imported.pk]))
    shoot(visitor, f"columns-{screen}")
    page = visitor.page
    page.get_by_label("Tanggal").select_option("Hari")
    page.get_by_label("Isi", exact=True).check()
    page.get_by_label("Uang masuk").select_option("Masuk")
    page.get_by_label("Uang keluar").select_option("Keluar")
    page.get_by_role("button", name="Baca ulang").click()
    page.get_by_role("button", name="Catat dan cocokkan").click()

    expect(page.get_by_text("1 mutasi masuk, 0 dikenali sendiri.")).to_be_visible()
    assert StatementLine.objects.get().text == "Dari Budi"


@pytest.mark.parametrize(("screen", "theme"), [("wide", "dark"), ("phone", "light")])
def test_a_large_file_shows_how_far_it_is_and_then_its_result_by_itself(account, at_work, monkeypatch, screen, theme):  # noqa: F811
    monkeypatch.setattr(statement_files, "RECOGNISED_AT_ONCE", 1)
    day = f"{timezone.localdate():%d/%m/%Y}"
    rows = "".join(f"{day};DARI {number};{number}.000 CR;1\n" for number in range(1, 4))
    file = {
        "name": "besar.csv",
        "mimeType": "text/csv",
        "buffer": f"Tanggal;Keterangan;Jumlah;Saldo\n{rows}".encode(),
    }
    visitor = at_work(member_of("Keuangan"), screen=screen, theme=theme)
    visitor.visit(reverse("admin:billing_statement_upload"))
    page = visitor.page
    page.get_by_label("Rekening").select_option(label=str(account))
    page.get_by_label("Berkas mutasi").set_input_files([file])
    page.get_by_role("button", name="Unggah dan lihat").click()
    page.get_by_role("button", name="Catat dan cocokkan").click()

    expect(page.get_by_role("heading", name="Sedang dicocokkan")).to_be_visible()
    visitor.check()
    shoot(visitor, f"matching-{screen}")
    settling.recognise_import(StatementImport.objects.get().pk)

    expect(page.get_by_role("heading", name="Selesai dicocokkan")).to_be_visible()
    expect(page.get_by_text("0 dikenali, 3 perlu ditinjau")).to_be_visible()
    visitor.check()
    shoot(visitor, f"matched-{screen}")
