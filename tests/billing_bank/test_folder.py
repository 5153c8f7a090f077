"""Statements that are put into a folder: each file taken in once, and what cannot be taken in waits for staff."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import JobRun
from billing import tasks
from billing.bank import delivery, folder, importing, settling
from billing.models import StatementImport, StatementLine
from tests import factories
from tests.billing import shop
from tests.billing_bank import statements
from tests.racing import at_once

pytestmark = pytest.mark.django_db

UNKNOWN = "Hari,Isi,Masuk,Keluar\n06/11/2026,Dari Budi,150000,\n"


@pytest.fixture
def root(tmp_path, settings) -> Path:
    settings.STATEMENTS_DIR = str(tmp_path / "mutasi")
    return tmp_path / "mutasi"


@pytest.fixture
def account(db):
    return factories.bank_account(bank="BCA", number="098-765-4321")


def put(root: Path, where: str, text: str = statements.BNI, seconds_ago: int = 120) -> Path:
    path = root / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    then = timezone.now().timestamp() - seconds_ago
    os.utime(path, (then, then))
    return path


def lies_in(root: Path) -> list[str]:
    """Every file below, without the mark of its claim."""
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(f"{path.parent}/{path.name.split('.', 2)[-1]}" for path in found)


def collect() -> tuple[int, int, int]:
    report = folder.collect(timezone.now())
    return report.taken, report.waiting, report.failed


def waiting() -> list[tuple[str, object, str]]:
    return list(StatementImport.objects.to_decide().values_list("source", "account", "problem"))


@pytest.mark.parametrize("name", ["0987654321", "bca-0987654321", "BCA-0987654321"])
def test_a_file_in_an_accounts_folder_is_taken_in_and_put_away(root, account, name):
    put(root, f"{name}/mutasi.csv")

    assert collect() == (1, 0, 0)

    row = StatementImport.objects.get()
    assert (row.account, row.road, row.source) == (account, "folder", f"{name}/mutasi.csv")
    assert row.counts == {"new": 1, "known": 0, "ignored": 1}
    assert lies_in(root) == [f"{name}/done/mutasi.csv"]
    assert waiting() == []


def test_the_lines_are_recognised_after_the_commit(root, account, customer, django_capture_on_commit_callbacks):
    invoice = shop.unpaid_invoice(customer)
    day = f"{timezone.localdate():%d/%m/%Y}"
    put(root, "0987654321/a.csv", f"Tanggal;Keterangan;Jumlah;Saldo\n{day};LUNAS {invoice.number};150.000 CR;1\n")

    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.collect_statements() == {"taken": 1, "waiting": 0, "failed": 0}

    invoice.refresh_from_db()
    row = StatementImport.objects.get()
    assert (invoice.status, row.counts["matched"], row.recognised_at is not None) == ("paid", 1, True)
    assert JobRun.objects.get(name="collect-statements").succeeded


def test_every_account_gets_its_folder_and_keeps_the_one_it_has(root, account):
    factories.bank_account(bank="Bank Mandiri", number="137 001")
    (root / "0987654321").mkdir(parents=True)

    collect()

    assert sorted(path.name for path in root.iterdir()) == ["0987654321", "bankmandiri-137001"]


@pytest.mark.parametrize("name", ["a.csv.part", "a.tmp", ".a.csv.swp", "a.csv.FILEPART"])
def test_a_file_that_its_writer_calls_unfinished_waits(root, account, name):
    path = put(root, f"0987654321/{name}")
    assert collect() == (0, 0, 0)
    assert path.exists()


def test_a_file_that_was_just_written_to_waits_for_a_minute(root, account):
    path = put(root, "0987654321/a.csv", seconds_ago=5)
    assert collect() == (0, 0, 0)
    assert folder.collect(timezone.now() + timedelta(minutes=1)).taken == 1
    assert not path.exists()


def test_a_link_to_another_file_is_left_alone(root, account, tmp_path):
    secret = put(tmp_path, "rahasia.csv")
    (root / "0987654321").mkdir(parents=True)
    (root / "0987654321/a.csv").symlink_to(secret)
    os.utime(root / "0987654321/a.csv", (1, 1), follow_symlinks=False)
    assert collect() == (0, 0, 0)
    assert not StatementImport.objects.exists()


def test_the_same_file_again_changes_nothing(root, account):
    put(root, "0987654321/a.csv")
    collect()
    put(root, "0987654321/b.csv")

    assert collect() == (1, 0, 0)

    assert StatementImport.objects.count() == 1
    assert StatementLine.objects.count() == 1
    assert lies_in(root) == ["0987654321/done/a.csv", "0987654321/done/b.csv"]


def test_columns_that_nobody_knows_wait_for_staff_and_are_read_once_they_are_chosen(root, account):
    put(root, "0987654321/a.csv", UNKNOWN)
    put(root, "0987654321/b.csv", UNKNOWN.replace("Budi", "Sari"))
    assert collect() == (0, 2, 0)
    assert [(source, whose) for source, whose, _problem in waiting()] == [
        ("0987654321/a.csv", account.pk),
        ("0987654321/b.csv", account.pk),
    ]
    assert "Kolom berkas ini belum dikenal" in waiting()[0][2]
    assert lies_in(root) == ["0987654321/failed/a.csv", "0987654321/failed/b.csv"]
    assert not StatementLine.objects.exists()

    columns = {"date": "Hari", "text": ["Isi"], "credit": "Masuk", "debit": "Keluar"}
    type(account).objects.update(statement_columns=columns)

    assert tasks.take_waiting_statements(account.pk) == 2
    assert sorted(StatementLine.objects.values_list("text", flat=True)) == ["Dari Budi", "Dari Sari"]
    assert waiting() == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "Tanggal;Keterangan;Jumlah;Saldo\n06/11/2026;X;1.2,3 CR;0\n", "Baris 2 tidak terbaca"),
        ("a.csv", "bukan tabel", "tidak berisi tabel mutasi"),
        ("a.sta", ":20:x\n:25:0987654321\n:61:rusak\n", "MT940"),
        ("a.pdf", "%PDF-1.4", "CSV, MT940"),
        ("a.csv", "x" * (importing.MAX_BYTES + 1), "5 MB"),
    ],
)
def test_what_cannot_be_read_waits_for_staff_with_the_reason(root, account, name, text, problem):
    put(root, f"0987654321/{name}", text)

    assert collect() == (0, 1, 0)

    ((source, whose, said),) = waiting()
    assert (source, whose, problem in said) == (f"0987654321/{name}", account.pk, True), said
    assert lies_in(root) == [f"0987654321/failed/{name}"]
    assert not StatementLine.objects.exists()


def test_a_folder_of_no_account_is_told_and_its_file_kept(root, account):
    put(root, "5551112223/a.csv")
    assert collect() == (0, 1, 0)
    assert waiting() == [("5551112223/a.csv", None, "“5551112223” bukan nomor rekening toko ini.")]
    assert importing.content_of(StatementImport.objects.get()) == statements.BNI.encode()


def test_two_banks_with_one_number_are_told_apart_by_the_folders_name(root, account):
    other = factories.bank_account(bank="Mandiri", number="0987654321")
    put(root, "0987654321/a.csv")
    put(root, "mandiri-0987654321/b.csv", statements.BRI)
    assert collect() == (1, 1, 0)
    assert [whose for _source, whose, _problem in waiting()] == [None]
    assert set(StatementLine.objects.values_list("account", flat=True)) == {other.pk}


def test_a_file_beside_the_folders_goes_by_its_own_name_or_content(root, account):
    put(root, "mutasi_0987654321_nov.csv")
    put(root, "camt.xml", statements.CAMT)
    put(root, "lain.csv", statements.BRI)
    assert collect() == (2, 1, 0)
    assert waiting()[0][:2] == ("lain.csv", None)
    assert lies_in(root) == ["done/camt.xml", "done/mutasi_0987654321_nov.csv", "failed/lain.csv"]


@pytest.mark.parametrize("text", [statements.MT940, statements.CAMT])
def test_a_file_that_names_another_account_than_its_folder_waits(root, text):
    other = factories.bank_account(number="111222333")
    put(root, "111222333/a.txt", text)
    assert collect() == (0, 1, 0)
    assert waiting()[0][:2] == ("111222333/a.txt", other.pk)
    assert "bukan BCA 111222333" in waiting()[0][2]
    assert not StatementLine.objects.exists()


def test_a_file_of_several_accounts_waits(root, account):
    two = statements.MT940 + statements.MT940.replace("0987654321", "5554443332")
    put(root, "0987654321/a.sta", two)
    assert collect() == (0, 1, 0)
    assert "beberapa rekening" in waiting()[0][2]


def test_one_files_fault_stops_no_other_and_is_tried_again(root, account, monkeypatch):
    put(root, "0987654321/a.csv")
    put(root, "0987654321/b.csv", statements.BRI)
    deliver = delivery.deliver

    def refuse_the_first(*, name, **arguments):
        if name.endswith("a.csv"):
            raise OSError("no space")
        return deliver(name=name, **arguments)

    monkeypatch.setattr(delivery, "deliver", refuse_the_first)
    assert tasks.collect_statements() == {"taken": 1, "waiting": 0, "failed": 1}
    assert not JobRun.objects.get(name="collect-statements").succeeded
    assert lies_in(root) == ["0987654321/done/b.csv", "0987654321/working/a.csv"]

    monkeypatch.undo()
    assert collect() == (0, 0, 0)
    later = timezone.now() + folder.CLAIM_IS_LOST_AFTER
    assert folder.collect(later).taken == 1
    assert lies_in(root) == ["0987654321/done/a.csv", "0987654321/done/b.csv"]
    assert StatementLine.objects.count() == 3


def test_a_process_that_dies_after_the_import_leaves_nothing_twice(root, account, monkeypatch):
    put(root, "0987654321/a.csv")

    def die(self, to):
        raise SystemExit

    monkeypatch.setattr(folder.Claimed, "move", die)
    with pytest.raises(SystemExit):
        collect()
    assert StatementLine.objects.count() == 1

    monkeypatch.undo()
    assert folder.collect(timezone.now() + folder.CLAIM_IS_LOST_AFTER).taken == 1
    assert (StatementImport.objects.count(), StatementLine.objects.count()) == (1, 1)
    assert lies_in(root) == ["0987654321/done/a.csv"]


def test_a_folder_that_cannot_be_used_is_told_on_the_health_page(tmp_path, settings):
    (tmp_path / "berkas").write_text("")
    settings.STATEMENTS_DIR = str(tmp_path / "berkas")
    assert tasks.collect_statements() == {"taken": 0, "waiting": 0, "failed": 1}
    assert not JobRun.objects.get(name="collect-statements").succeeded


def test_one_run_takes_no_more_than_a_run_should(root, account, monkeypatch):
    monkeypatch.setattr(folder, "MOST_FILES", 2)
    for number in range(3):
        put(root, f"0987654321/{number}.csv", statements.BRI + f"08/11/26\tX\t1\t0\t{number}000\t1\n")
    assert collect() == (2, 0, 0)
    assert collect() == (1, 0, 0)


def _seen_by_eight(root: Path, account, monkeypatch) -> list[object]:
    """Eight workers that have all seen the file before any of them takes it."""
    path = put(root, "0987654321/a.csv")
    monkeypatch.setattr(folder, "_ready", lambda where, now: iter([path] if where.name == "0987654321" else []))
    monkeypatch.setattr(settling, "tell_worker", lambda import_id: None)
    return at_once(8, collect)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_workers_take_one_file_once(root, account, monkeypatch):
    outcomes = _seen_by_eight(root, account, monkeypatch)
    assert sorted(outcomes) == [(0, 0, 0)] * 7 + [(1, 0, 0)]
    assert (StatementImport.objects.count(), StatementLine.objects.count()) == (1, 1)
    assert lies_in(root) == ["0987654321/done/a.csv"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_several_workers_take_it(root, account, monkeypatch):
    monkeypatch.setattr(folder, "_claim", lambda path, where, now: folder.Claimed(path, path.name))
    monkeypatch.setattr(folder.Claimed, "move", lambda self, to: None)
    outcomes = _seen_by_eight(root, account, monkeypatch)
    assert outcomes.count((1, 0, 0)) > 1
    # U2 holds all the same.
    assert StatementLine.objects.count() == 1
