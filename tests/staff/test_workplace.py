"""The staff's start page, the outbox, the health page and promised times."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import crypto, jobs, outbox
from accounts.models import JobRun, OutboxEmail, Shop
from accounts.office_hours import OfficeHours
from accounts.promises import Promise, usual_minutes
from billing import tasks
from billing.models import PaymentConfirmation
from config.cards import ROWS
from tests import factories
from tests.imap_server import ADDRESS
from tests.staff.desk import service_to_activate, waiting_confirmation

pytestmark = pytest.mark.django_db

MONDAY = timezone.make_aware(datetime(2026, 11, 23, 9, 0))


def home(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def promised(minutes_later: int) -> Promise:
    now = MONDAY + timedelta(minutes=minutes_later)
    return Promise.of(MONDAY, 120, shop=Shop.current(), now=now)


@pytest.mark.parametrize(
    ("minutes_later", "tone", "words"),
    [
        (0, "success", "sisa 2 jam kerja"),
        (89, "success", "sisa 31 menit"),
        (90, "warning", "sisa 30 menit"),
        (120, "warning", "sisa 0 menit"),
        (121, "danger", "terlambat 1 menit"),
        (360, "danger", "terlambat 4 jam kerja"),
    ],
)
def test_k7_a_promise_turns_from_calm_to_late(minutes_later, tone, words):
    assert (promised(minutes_later).tone, promised(minutes_later).words) == (tone, words)


def test_k7_nights_and_weekends_count_for_nothing():
    friday = timezone.make_aware(datetime(2026, 11, 20, 16, 0))
    monday = timezone.make_aware(datetime(2026, 11, 23, 8, 30))
    assert Promise.of(friday, 120, shop=Shop.current(), now=monday).left == 30


def test_k7_the_usual_time_is_the_median_in_office_minutes():
    hours = OfficeHours.of_shop(Shop.current())
    spans = [(MONDAY, MONDAY + timedelta(minutes=minutes)) for minutes in (10, 20, 90)]
    assert usual_minutes(spans, hours) == 20
    assert usual_minutes([], hours) is None


def test_the_start_page_shows_each_persons_own_work_only(client):
    confirmation, service = waiting_confirmation(), service_to_activate()
    client.force_login(factories.staff("billing.verify_payment"))
    page = home(client)
    assert confirmation.invoice.number in page
    assert service.customer.name not in page
    client.force_login(factories.staff("billing.change_service"))
    page = home(client)
    assert confirmation.invoice.number not in page
    assert service.customer.name in page


def test_the_oldest_confirmation_comes_first_and_is_marked_late(at_desk):
    young, old = waiting_confirmation(), waiting_confirmation()
    PaymentConfirmation.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=9))
    page = home(at_desk)
    assert page.index(old.invoice.number) < page.index(young.invoice.number)
    assert "terlambat" in page
    assert "count-danger" in page


def test_nothing_to_do_is_said_kindly(boss):
    assert "Semua konfirmasi pembayaran sudah diputuskan" in home(boss)


def test_staff_without_any_permission_is_told_whom_to_ask(client):
    client.force_login(factories.staff())
    assert "Minta administrator" in home(client)


@pytest.mark.parametrize("count", [1, 3])
def test_the_start_page_costs_the_same_for_one_and_three(boss, django_assert_num_queries, count):
    for _number in range(count):
        waiting_confirmation()
        service_to_activate()
    home(boss)
    with django_assert_num_queries(22):
        home(boss)


def test_a_card_counts_what_it_has_no_room_for(boss):
    for _number in range(ROWS + 1):
        service_to_activate()
    card = next(one for one in boss.get(reverse("admin:index")).context["work"] if one.key == "activate")
    assert (card.count, len(card.rows)) == (ROWS + 1, ROWS)


def failed_email(**fields) -> OutboxEmail:
    defaults = {
        "key": f"test:{OutboxEmail.objects.count()}",
        "to": "sari@example.com",
        "template": "accounts/confirm_email",
        "arguments": {"name": "Sari", "signup": 1, "secret": crypto.encrypt("https://example.com/x")},
        "status": OutboxEmail.Status.FAILED,
        "last_error": "550 no such mailbox",
    }
    return OutboxEmail.objects.create(**{**defaults, **fields})


def test_a_failed_email_is_counted_and_sent_again(boss, superuser):
    email = failed_email()
    assert (
        "550 no such mailbox"
        in boss.get(reverse("admin:accounts_outboxemail_change", args=[email.pk])).content.decode()
    )
    assert "Gagal: 1" in boss.get(reverse("admin:accounts_outboxemail_changelist")).content.decode()
    boss.post(reverse("admin:accounts_outboxemail_press", args=[email.pk, "resend"]))
    email.refresh_from_db()
    assert (email.status, email.resent_by) == (OutboxEmail.Status.QUEUED, superuser)


def test_whoever_may_only_look_at_the_outbox_does_not_send(client):
    client.force_login(factories.staff("accounts.view_outboxemail"))
    email = failed_email()
    assert client.post(reverse("admin:accounts_outboxemail_press", args=[email.pk, "resend"])).status_code == 403
    email.refresh_from_db()
    assert email.status == OutboxEmail.Status.FAILED


def test_a_kept_email_is_shown_where_nothing_can_run(boss):
    email = failed_email(html_body="<p>Halo</p><script>alert(1)</script>")
    response = boss.get(reverse("admin:accounts_outboxemail_body", args=[email.pk]))
    policy = response["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_registered_email_has_a_preview_page(boss, language):
    for email in outbox.all_registered():
        address = reverse("admin:accounts_outboxemail_preview", args=[email.template, language])
        assert boss.get(address).status_code == 200, email.template


@pytest.mark.parametrize("address", ["no/such/email/id/", "accounts/confirm_email/fr/"])
def test_a_preview_of_nothing_is_not_found(boss, address):
    assert boss.get(reverse("admin:accounts_outboxemail_previews") + address).status_code == 404


def health_of(name: str, client: Client) -> str:
    findings = client.get(reverse("admin:health")).context["findings"]
    return next(finding.tone for finding in findings if finding.name == name)


def health(client: Client) -> str:
    return client.get(reverse("admin:health")).content.decode()


def test_the_health_page_tells_a_worker_that_stopped_from_one_that_runs(boss):
    assert "Belum pernah berjalan" in health(boss)
    jobs.record(jobs.SWEEP_OUTBOX)
    jobs.record(jobs.RUN_BILLING)
    jobs.record(jobs.VERIFY_LEDGER)
    jobs.record(jobs.REMOVE_ORPHANS)
    assert "Rusak" not in health(boss)
    JobRun.objects.filter(name=jobs.SWEEP_OUTBOX).update(finished_at=timezone.now() - timedelta(minutes=10))
    assert "Rusak" in health(boss)


def test_the_nightly_check_is_kept_for_the_health_page(boss):
    invoice = waiting_confirmation().invoice
    assert tasks.verify_ledger() == 0
    # Behind the services' back, as no page can.
    invoice.events.all().delete()
    found = tasks.verify_ledger()
    assert found > 0
    assert f"{found} temuan" in health(boss)
    assert "count-danger" in home(boss)


def test_the_health_page_shows_what_the_ledger_check_found(boss):
    jobs.record(jobs.VERIFY_LEDGER, succeeded=False, summary="3")
    assert "3 temuan" in health(boss)


def test_the_health_page_tells_which_road_of_the_statements_is_blocked(boss, settings):
    settings.STATEMENTS_DIR, settings.STATEMENTS_MAILBOX = "/var/mutasi", ADDRESS
    for job in (jobs.SWEEP_STATEMENTS, jobs.COLLECT_STATEMENTS, jobs.POLL_STATEMENTS):
        jobs.record(job)
    assert health_of("Mutasi bank", boss) == "success"
    jobs.record(jobs.POLL_STATEMENTS, succeeded=False, summary="1")
    assert health_of("Mutasi bank: email", boss) == "danger"


def test_the_health_page_notices_mail_that_nobody_takes(boss):
    failed_email(status="queued", due_at=timezone.now() - timedelta(minutes=20))
    assert "yang tertua menunggu sejak" in health(boss)
