"""The nightly check of the books, as staff and the shop's mailbox learn of it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.models import JobRun, OutboxEmail, Shop
from billing import checks, ledger, tasks
from billing.ledger import Breach
from billing.models import Invoice, LedgerCheck
from tests.staff.desk import waiting_confirmation

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken() -> Invoice:
    """An invoice whose history was removed behind the services' back, as no page can."""
    invoice = waiting_confirmation().invoice
    invoice.events.all().delete()
    return invoice


def home(client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def findings_page(client, check: LedgerCheck) -> str:
    return client.get(reverse("admin:billing_ledgercheck_change", args=[check.pk])).content.decode()


def told() -> list[OutboxEmail]:
    return list(OutboxEmail.objects.filter(template="billing/books_disagree"))


def test_books_that_agree_are_said_to_on_the_start_page_and_told_to_nobody(boss):
    waiting_confirmation()
    assert tasks.verify_ledger() == 0
    check = LedgerCheck.objects.get()
    assert (check.count, check.breaches, check.finished_at is not None) == (0, [], True)
    assert "Semua buku cocok. Diperiksa" in home(boss)
    assert "Semua buku cocok." in findings_page(boss, check)
    assert told() == []


def test_what_does_not_agree_is_kept_shown_and_emailed_once(boss, broken):
    found = tasks.verify_ledger()
    check = LedgerCheck.objects.get()
    assert found == check.count == len(check.breaches)
    assert check.breaches[0]["rule"] in ledger.CHECKS
    page = findings_page(boss, check)
    assert reverse("admin:billing_invoice_change", args=[broken.pk]) in page
    assert reverse("admin:billing_ledgercheck_change", args=[check.pk]) in home(boss)
    assert [one.to for one in told()] == [Shop.current().email]


@pytest.mark.parametrize(
    ("language", "subject"), [("id", "Buku tidak cocok: 1 temuan"), ("en", "Books disagree: 1 finding")]
)
def test_the_email_names_findings_and_leads_to_them(language, subject):
    check = LedgerCheck.objects.create(
        finished_at=timezone.now(), count=1, breaches=[{"rule": "V2", "row": "invoice 7 (x)", "message": "is paid"}]
    )
    sent = outbox.render("billing/books_disagree", {"check_id": check.pk}, language, reveal=True)
    assert subject in sent.subject
    for text in (sent.text, sent.html):
        assert "V2 invoice 7 (x): is paid" in text
        assert reverse("admin:billing_ledgercheck_change", args=[check.pk]) in text


def test_only_the_first_hundred_findings_are_kept_and_all_are_counted(boss, monkeypatch):
    many = [Breach("V1", f"invoice {number} (x)", "is wrong") for number in range(130)]
    monkeypatch.setattr(ledger, "verify", lambda: iter(many))
    check = checks.check_books()
    assert (check.count, len(check.breaches)) == (130, 100)
    assert "Dan 30 lagi" in findings_page(boss, check)


def test_a_check_that_stopped_half_way_hides_neither_the_one_before_nor_itself(boss, broken, monkeypatch):
    checks.check_books()

    def stops():
        yield Breach("V1", "invoice 1 (x)", "is wrong")
        raise RuntimeError("killed")

    monkeypatch.setattr(ledger, "verify", stops)
    with pytest.raises(RuntimeError):
        checks.check_books()
    stopped, before = LedgerCheck.objects.all()
    assert (stopped.finished_at, checks.last()) == (None, before)
    assert "belum selesai" in findings_page(boss, stopped)


@pytest.mark.parametrize(("hours", "missed"), [(25, False), (27, True)])
def test_a_night_without_a_check_is_warned_of(boss, hours, missed):
    LedgerCheck.objects.create(finished_at=timezone.now() - timedelta(hours=hours))
    assert ("Pemeriksaan malam tidak berjalan" in home(boss)) is missed


def test_before_the_first_check_the_start_page_says_so(boss):
    assert "Terakhir: belum pernah" in home(boss)


def test_the_command_keeps_what_it_found_unless_it_was_asked_for_a_part(broken, capsys):
    with pytest.raises(CommandError):
        call_command("verify_ledger", "V7")
    assert LedgerCheck.objects.count() == 0
    with pytest.raises(CommandError):
        call_command("verify_ledger")
    assert LedgerCheck.objects.get().count == capsys.readouterr().out.count("V7") - 1
    assert not JobRun.objects.get(name="verify-ledger").succeeded


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_checks_costs_the_same_for_one_and_three(boss, django_assert_num_queries, count):
    for _number in range(count):
        LedgerCheck.objects.create(finished_at=timezone.now())
    boss.get(reverse("admin:billing_ledgercheck_changelist"))
    with django_assert_num_queries(7):
        boss.get(reverse("admin:billing_ledgercheck_changelist"))
