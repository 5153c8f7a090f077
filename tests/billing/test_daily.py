"""The daily run as a whole: counted, repeatable, made up for after days off, and by two at once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Q

from accounts.models import JobRun, Shop
from billing import daily, renewals, suspensions, tasks, transitions
from billing.models import BillingRun, Invoice, InvoiceReminder, Service
from catalog.cycles import Cycle
from tests import factories
from tests.billing.years import active_order, disagreements, on, pay, run, run_days
from tests.billing.years import renewals as renewals_of
from tests.racing import at_once, race

ORDERED = date(2026, 1, 10)
INVOICED = date(2026, 1, 27)
DUE = date(2026, 2, 10)


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


@pytest.fixture
def service(customer):
    factories.bank_account()
    product = factories.product(prices={Cycle.MONTHLY: 150_000})
    return active_order(customer, ORDERED, product).services.get()


@pytest.mark.django_db
def test_a_run_counts_what_it_did(service):
    made = run(INVOICED)
    assert made.counts == {
        "cancellations": {"ended": 0},
        "prices": {"applied": 0, "dropped": 0},
        "renewals": {"invoices": 1, "services": 1},
        "reminders": {"sent": 0},
        "late_fees": {"charged": 0},
        "suspensions": {"suspended": 0},
        "orders": {"warned": 0, "cancelled": 0},
        "transfers": {"expired": 0},
        "funds": {"cancelled": 0},
        "changes": {"cancelled": 0},
        "statements": {"matched": 0},
    }
    assert (made.day, made.failed, made.finished_at is not None) == (INVOICED, 0, True)


@pytest.mark.django_db
def test_a_month_of_which_ten_days_were_off_ends_as_one_without(customer, service):
    run_days(INVOICED, INVOICED + timedelta(days=2))
    run_days(INVOICED + timedelta(days=13), DUE + timedelta(days=10))
    service.refresh_from_db()
    assert (len(renewals_of(customer)), service.status) == (1, "suspended")
    assert list(InvoiceReminder.objects.order_by("pk").values_list("offset", flat=True)) == [-1, 0, 1, 3, 7]
    pay(renewals_of(customer)[0], DUE + timedelta(days=11))
    service.refresh_from_db()
    assert (service.status, service.next_due) == ("active", date(2026, 3, 10))
    assert disagreements() == []


@pytest.mark.django_db
def test_the_day_is_the_one_in_jakarta_also_around_midnight(customer, service):
    with time_machine.travel("2026-01-26T16:59:00Z"):
        tasks.run_billing()
    assert renewals_of(customer) == []
    with time_machine.travel("2026-01-26T17:01:00Z"):
        tasks.run_billing()
    assert [one.issued_on for one in renewals_of(customer)] == [INVOICED]


@pytest.mark.django_db
def test_the_command_takes_a_day_and_says_what_it_did(service, capsys):
    call_command("run_billing", date="2026-01-27")
    assert "renewals: 1 invoices, 1 services" in capsys.readouterr().out
    assert BillingRun.objects.get().day == INVOICED


@pytest.mark.django_db
def test_the_command_refuses_what_is_no_day(service):
    with pytest.raises(CommandError, match="2026-12-31"):
        call_command("run_billing", date="besok")
    assert BillingRun.objects.count() == 0


@pytest.mark.django_db
def test_the_task_tells_the_health_page(service):
    with on(INVOICED):
        tasks.run_billing()
    assert JobRun.objects.get(name="run-billing").succeeded


def numbers() -> list[int]:
    return list(Invoice.objects.filter(kind="renewal").order_by("sequence").values_list("sequence", flat=True))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_s3_two_runs_at_once_invoice_once(customer, service):
    for _number in range(5):
        active_order(factories.customer(factories.user()), ORDERED, service.product)
    with on(INVOICED):
        at_once(3, lambda: renewals.renew_due(INVOICED))
    assert numbers() == [7, 8, 9, 10, 11, 12]
    assert disagreements() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_s4_pay_against_suspend_ends_with_a_service_that_runs(customer, service):
    for month in range(5):
        due = Service.objects.get().next_due
        run(due - timedelta(days=14))
        (invoice,) = Invoice.objects.filter(kind="renewal", status="unpaid")
        stopped = due + timedelta(days=7)
        with on(stopped):
            race(
                lambda day=stopped: suspensions.suspend_due(day),
                lambda one=invoice, day=stopped: pay(one, day, 150_000),
            )
        service.refresh_from_db()
        assert (month, service.status, service.suspended_because) == (month, "active", "")
    assert disagreements() == []


def pay_in_the_middle(monkeypatch, invoice: Invoice, day: date) -> None:
    """The payment comes after the suspension has read the service, and before it acts."""
    hold = transitions.hold

    def paid(thing) -> None:
        monkeypatch.setattr(transitions, "hold", hold)
        pay(invoice, day)
        hold(thing)

    monkeypatch.setattr(transitions, "hold", paid)


@pytest.mark.django_db
@pytest.mark.parametrize(("guarded", "status"), [(True, "active"), (False, "suspended")])
def test_s4_what_was_paid_since_it_was_read_is_not_suspended(customer, service, monkeypatch, guarded, status):
    """Without asking again in the update itself (the control), a paid service would stand still."""
    run(INVOICED)
    stopped = DUE + timedelta(days=7)
    pay_in_the_middle(monkeypatch, renewals_of(customer)[0], stopped)
    if not guarded:
        move = suspensions._move
        only_active = Q(status="active")
        monkeypatch.setattr(suspensions, "_move", lambda one, _q, *rest, **more: move(one, only_active, *rest, **more))
    with on(stopped):
        suspensions.suspend_due(stopped)
    service.refresh_from_db()
    assert (service.status, renewals_of(customer)[0].status) == (status, "paid")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_s3_control_without_asking_again_two_runs_collide(customer, service, monkeypatch):
    """With what is due read once for both, the second is stopped by the database alone, and counts as a failure."""
    with on(INVOICED):
        ids = list(renewals.due(INVOICED, Shop.current()).values_list("pk", flat=True))
        monkeypatch.setattr(renewals, "due", lambda _today, _shop: Service.objects.filter(pk__in=ids))
        reports = [renewals.renew_due(INVOICED) for _time in range(2)]
        service.refresh_from_db()
        Service.objects.filter(pk=service.pk).update(renews_from=DUE)
        again = renewals.renew_due(INVOICED)
    assert [one.failed for one in (*reports, again)] == [0, 0, 1]


def test_every_step_reports_its_failures():
    assert [name for name, _step in daily.STEPS] == [
        "cancellations",
        "prices",
        "renewals",
        "reminders",
        "late_fees",
        "suspensions",
        "orders",
        "transfers",
        "funds",
        "changes",
        "statements",
    ]
