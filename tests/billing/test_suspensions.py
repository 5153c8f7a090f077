"""What is not paid for stops after its grace, and runs again as soon as it is paid (S4, K2)."""

from datetime import date, timedelta

import pytest

from accounts.models import Shop
from billing import invoicing, suspensions, transitions
from billing.models import Service
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import confirm, emails
from tests.billing.years import active_order, disagreements, on, pay, renewals, run, run_days

pytestmark = pytest.mark.django_db

DUE = date(2026, 2, 10)
STOPPED = DUE + timedelta(days=7)


@pytest.fixture
def product(account):
    return factories.product()


@pytest.fixture
def service(customer, product) -> Service:
    made = active_order(customer, date(2026, 1, 10), product).services.get()
    run(DUE - timedelta(days=14))
    return made


def status(service: Service) -> tuple[str, str]:
    service.refresh_from_db()
    return service.status, service.suspended_because


def test_s4_s5_an_unpaid_service_is_suspended_seven_days_after_its_due_date(service):
    run(STOPPED - timedelta(days=1))
    assert status(service) == ("active", "")
    run(STOPPED)
    assert status(service) == ("suspended", "unpaid")
    assert len(emails("service_suspended")) == 1


def test_s4_running_again_suspends_once(service):
    assert [run(STOPPED).counts["suspensions"] for _time in range(3)] == [
        {"suspended": 1},
        {"suspended": 0},
        {"suspended": 0},
    ]
    assert service.events.filter(to_status="suspended").count() == 1


@pytest.mark.parametrize(("of_service", "of_product", "days"), [(2, 20, 2), (None, 20, 20), (None, None, 7), (0, 5, 0)])
def test_s4_the_grace_is_the_service_s_else_the_product_s_else_the_shop_s(
    service, product, of_service, of_product, days
):
    product.suspend_after_days = of_product
    product.save()
    Service.objects.filter(pk=service.pk).update(suspend_after_days=of_service)
    first = DUE + timedelta(days=max(days, 1))
    run(first - timedelta(days=1))
    assert status(service)[0] == "active"
    run(first)
    assert status(service)[0] == "suspended"


def test_k2_nothing_is_suspended_while_a_confirmation_waits_for_us(customer, service):
    with on(DUE):
        confirm(renewals(customer)[0])
    run_days(STOPPED, STOPPED + timedelta(days=3))
    assert status(service) == ("active", "")


def test_s4_paying_lets_it_run_again_at_once(customer, service):
    run(STOPPED)
    pay(renewals(customer)[0], STOPPED + timedelta(days=2))
    assert status(service) == ("active", "")
    assert service.next_due == date(2026, 3, 10)
    assert len(emails("service_unsuspended")) == 1
    assert disagreements() == []


def test_s4_paying_one_of_two_unpaid_periods_is_not_enough(customer, service):
    with on(DUE):
        Service.objects.filter(pk=service.pk).update(renews_from=date(2026, 2, 11), renewed_on=None)
    run(DUE + timedelta(days=1))
    run(STOPPED + timedelta(days=1))
    first, second = renewals(customer)
    pay(first, STOPPED + timedelta(days=2))
    assert status(service)[0] == "suspended"
    pay(second, STOPPED + timedelta(days=2))
    assert status(service)[0] == "active"


def test_s4_a_service_that_staff_suspended_stays_so_when_it_is_paid(customer, service):
    with on(DUE):
        suspensions.suspend(service=service, actor=factories.staff(), note="Disalahgunakan.")
    pay(renewals(customer)[0], STOPPED)
    assert status(service) == ("suspended", "staff")
    assert service.next_due == date(2026, 3, 10)


def test_p6_what_is_part_of_a_service_stops_and_runs_with_it(customer, account):
    product = factories.product()
    factories.addon(product, key="cadangan", prices={"monthly": 100_000})
    chosen = {product: Selection(cycle="monthly", addons=frozenset({"cadangan"}))}
    order = active_order(customer, date(2026, 1, 10), selections=chosen)
    run(DUE - timedelta(days=14))
    run(STOPPED)
    assert [one.status for one in order.services.order_by("pk")] == ["suspended", "suspended"]
    pay(renewals(customer)[0], STOPPED)
    assert [one.status for one in order.services.order_by("pk")] == ["active", "active"]
    assert len(emails("service_unsuspended")) == 1


def test_a_service_whose_renewal_staff_cancelled_is_not_suspended(customer, service):
    with on(DUE):
        invoicing.cancel(invoice=renewals(customer)[0], actor=None)
    run(STOPPED)
    assert status(service)[0] == "active"


def test_s4_after_thirty_days_staff_are_asked_whether_it_ends(service):
    run(STOPPED)
    days = Shop.current().terminate_after_days
    assert list(suspensions.to_terminate(DUE + timedelta(days=days - 1))) == []
    assert list(suspensions.to_terminate(DUE + timedelta(days=days))) == [service]
    assert status(service)[0] == "suspended"


def test_s4_ending_it_cancels_the_invoice_that_nobody_pays(customer, service):
    run(STOPPED)
    with on(STOPPED):
        suspensions.terminate(service=service, actor=factories.staff(), note="Tidak diperpanjang.")
    assert status(service) == ("terminated", "")
    assert [one.status for one in renewals(customer)] == ["cancelled"]
    run(DUE + timedelta(days=60))
    assert len(renewals(customer)) == 1
    assert disagreements() == []


def test_s4_a_service_that_runs_is_not_ended_unasked(service):
    Service.objects.filter(pk=service.pk).update(status="pending")
    service.refresh_from_db()
    with pytest.raises(transitions.InvalidTransition):
        suspensions.terminate(service=service, actor=factories.staff(), note="x")
    assert status(service)[0] == "pending"
