"""Stored files that no row names are removed after a day; everything else stays."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, default_storage
from django.utils import timezone

from accounts import jobs
from accounts.models import JobRun
from billing import confirmations, orphans, pdf, tasks, uploads
from billing.models import Invoice, PaymentConfirmation, ProofFile
from tests.billing.shop import confirm, unpaid_invoice

pytestmark = pytest.mark.django_db

DAY_AND_A_MINUTE = timedelta(days=1, minutes=1)


def later() -> orphans.Report:
    """The sweep as it runs when everything that is stored now is older than a day."""
    return orphans.remove_orphans(timezone.now() + DAY_AND_A_MINUTE)


def names_in(folder: str) -> list[str]:
    return sorted(default_storage.listdir(folder)[1])


@pytest.fixture
def invoice(customer, account) -> Invoice:
    return unpaid_invoice(customer)


def test_files_that_rows_name_stay(invoice):
    proof = confirm(invoice).proofs.get()
    pdf.current(invoice)
    assert later() == orphans.Report(removed=0, failed=0)
    assert default_storage.exists(proof.file.name)
    assert default_storage.exists(invoice.pdf.name)


@pytest.mark.parametrize("folder", ["proofs", "invoices"])
def test_files_that_no_row_names_are_removed_after_a_day(invoice, folder):
    proof = confirm(invoice).proofs.get()
    pdf.current(invoice)
    kept = names_in(folder)
    default_storage.save(f"{folder}/lost", ContentFile(b"nobody knows me"))
    assert orphans.remove_orphans(timezone.now()).removed == 0
    assert names_in(folder) == sorted([*kept, "lost"])
    assert later() == orphans.Report(removed=1, failed=0)
    assert names_in(folder) == kept
    assert default_storage.exists(proof.file.name)


def test_a_process_killed_between_storing_and_committing_leaves_nothing_for_good(invoice, monkeypatch):
    """Killed: neither the rows nor the removal of the file comes about."""

    def die(**_fields):
        raise KeyboardInterrupt

    monkeypatch.setattr(confirmations, "_insert", die)
    monkeypatch.setattr(uploads, "_discard", lambda _name: None)
    with pytest.raises(KeyboardInterrupt):
        confirm(invoice)
    assert (PaymentConfirmation.objects.count(), len(names_in("proofs"))) == (0, 1)
    assert later() == orphans.Report(removed=1, failed=0)
    assert names_in("proofs") == []


def test_a_storage_that_nothing_was_stored_in_is_fine():
    assert later() == orphans.Report(removed=0, failed=0)


def test_other_folders_are_left_alone(invoice):
    default_storage.save("logos/shop.png", ContentFile(b"a logo"))
    assert later().removed == 0
    assert names_in("logos") == ["shop.png"]


@pytest.mark.parametrize("storage", [InMemoryStorage])
def test_it_works_with_storages_that_are_no_disk(invoice, settings, storage):
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{storage.__module__}.{storage.__name__}"}}
    proof = confirm(invoice).proofs.get()
    default_storage.save("proofs/lost", ContentFile(b"nobody knows me"))
    assert later() == orphans.Report(removed=1, failed=0)
    assert [f"proofs/{name}" for name in names_in("proofs")] == [proof.file.name]


def test_one_files_failure_stops_no_other(invoice, monkeypatch):
    for name in ("first", "second", "third"):
        default_storage.save(f"proofs/{name}", ContentFile(b"nobody knows me"))
    delete = FileSystemStorage.delete

    def fail_for_the_first(storage, name):
        if name == "proofs/first":
            raise RuntimeError("the storage's own error")
        delete(storage, name)

    monkeypatch.setattr(FileSystemStorage, "delete", fail_for_the_first)
    assert later() == orphans.Report(removed=2, failed=1)
    assert names_in("proofs") == ["first"]


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_once_for_hundreds_of_files(invoice, django_assert_num_queries, count):
    for number in range(count):
        default_storage.save(f"proofs/lost-{number}", ContentFile(b"nobody knows me"))
        default_storage.save(f"invoices/lost-{number}", ContentFile(b"nobody knows me"))
    with django_assert_num_queries(2):
        assert later().removed == 2 * count


def test_rows_are_asked_in_portions(invoice, monkeypatch):
    monkeypatch.setattr(orphans, "_AT_ONCE", 2)
    proof = confirm(invoice).proofs.get()
    for number in range(4):
        default_storage.save(f"proofs/{number}", ContentFile(b"nobody knows me"))
    assert later().removed == 4
    assert ProofFile.objects.get().file.name == proof.file.name
    assert default_storage.exists(proof.file.name)


def test_the_daily_task_tells_the_health_page(invoice, monkeypatch):
    lost = default_storage.save("proofs/lost", ContentFile(b"nobody knows me"))
    old = (timezone.now() - DAY_AND_A_MINUTE).timestamp()
    os.utime(default_storage.path(lost), (old, old))
    assert tasks.remove_orphaned_files() == {"removed": 1, "failed": 0}
    run = JobRun.objects.get(name=jobs.REMOVE_ORPHANS)
    assert (run.succeeded, run.summary) == (True, "0")


def test_the_daily_task_is_scheduled(settings):
    assert "billing.tasks.remove_orphaned_files" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
