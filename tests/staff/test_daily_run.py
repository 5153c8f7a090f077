"""The daily run on the staff's pages: what it did, what it could not do, and services that wait for a decision."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import daily, renewals
from billing.admin import runs
from billing.models import BillingFailure, BillingRun, Invoice, InvoiceLine, Service
from tests import factories
from tests.billing.years import active_order, on, run
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 10)
INVOICED = date(2026, 1, 27)
DUE = date(2026, 2, 10)


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def service(customer) -> Service:
    factories.bank_account()
    return active_order(customer, ORDERED, factories.product()).services.get()


@pytest.fixture
def at_work(client):
    client.force_login(
        factories.staff(
            "billing.view_billingrun",
            "billing.view_billingfailure",
            "billing.change_billingfailure",
            "billing.view_service",
            "billing.change_service",
        )
    )
    return client


@pytest.fixture
def failure(customer, service) -> BillingFailure:
    """The database refuses the renewal: somebody invoiced the period behind the shop's back."""
    InvoiceLine.objects.create(
        invoice=Invoice.objects.get(customer=customer),
        service=service,
        kind="renewal",
        description="x",
        period_start=DUE,
        unit_price=0,
        amount=0,
    )
    run(INVOICED)
    return BillingFailure.objects.get()


def press(client, model: str, thing, button: str, **posted) -> str:
    address = reverse(f"admin:billing_{model}_press", args=[thing.pk, button])
    assert client.get(address).status_code == 200
    return client.post(address, posted, follow=True).content.decode()


def test_the_list_says_what_each_run_did(at_work, service):
    run(INVOICED)
    run(INVOICED)
    page = at_work.get(reverse("admin:billing_billingrun_changelist")).content.decode()
    assert page.count("1 tagihan perpanjangan, 1 layanan diperpanjang") == 1
    assert page.count("tidak ada yang perlu dikerjakan") == 1


def test_what_failed_is_on_the_start_page_until_it_works(at_work, failure):
    assert "Proses harian gagal" in at_work.get(reverse("admin:index")).content.decode()
    InvoiceLine.objects.filter(kind="renewal").delete()
    with on(INVOICED):
        assert "Berhasil." in press(at_work, "billingfailure", failure, "retry")
    failure.refresh_from_db()
    assert failure.settled_at is not None
    assert [one.due_on for one in renewals_of(failure.customer)] == [DUE]


def test_what_fails_again_says_so_and_stays(at_work, failure):
    with on(INVOICED):
        assert "IntegrityError" in press(at_work, "billingfailure", failure, "retry")
    failure.refresh_from_db()
    assert (failure.settled_at, failure.times) == (None, 2)
    assert renewals_of(failure.customer) == []


def test_staff_let_go_of_what_is_done_otherwise(at_work, failure):
    press(at_work, "billingfailure", failure, "settle")
    failure.refresh_from_db()
    assert failure.settled_by == at_work.get(reverse("admin:index")).wsgi_request.user
    with on(INVOICED + timedelta(days=1)):
        renewals.renew_due(INVOICED + timedelta(days=1))
    assert BillingFailure.objects.filter(settled_at=None).count() == 1


def test_a_run_without_a_failure_is_calm(at_work, service):
    run(INVOICED)
    page = at_work.get(reverse("admin:index")).content.decode()
    assert "Proses harian terakhir: 27 Jan 2026, 10.00 WIB." in page
    assert BillingRun.objects.get().failed == 0


@pytest.mark.parametrize(
    ("buttons", "status"),
    [(["suspend"], "suspended"), (["suspend", "unsuspend"], "active"), (["suspend", "terminate"], "terminated")],
)
def test_buttons_suspend_let_run_again_and_end(at_work, service, buttons, status):
    for button in buttons:
        press(at_work, "service", service, button, note="Diminta pelanggan.")
    service.refresh_from_db()
    assert service.status == status
    assert [one.note for one in service.events.order_by("pk")][-len(buttons) :] == ["Diminta pelanggan."] * len(buttons)


def test_what_nobody_pays_for_a_month_is_listed_for_a_decision(at_work, customer, service):
    run(INVOICED)
    run(DUE + timedelta(days=7))
    with on(DUE + timedelta(days=30)):
        page = at_work.get(reverse("admin:index")).content.decode()
        address = f"{reverse('admin:billing_service_changelist')}?long_unpaid=1"
        listed = at_work.get(address).content.decode()
    assert "Layanan lama tidak dibayar" in page
    assert f">{service}</a>" in listed


def test_whatever_a_run_counts_or_fails_at_has_words():
    counted = {(step, name) for step, counts in daily.run(timezone.localdate()).counts.items() for name in counts}

    assert counted == set(runs.COUNTS)
    assert set(daily._RETRIES) == set(runs.STEPS)
