"""Staff sees what changes about services, takes an unpaid change back, and changes a plan for a customer."""

from datetime import date

import pytest
from django.urls import reverse

from billing.models import Service, ServiceChange
from catalog.cycles import Cycle
from tests import factories
from tests.billing.changing import allow, change
from tests.billing.years import active_order, on

pytestmark = pytest.mark.django_db

ORDERED, TODAY = date(2026, 6, 1), date(2026, 6, 13)
LIST = "admin:billing_servicechange_changelist"
PAGE = "admin:billing_servicechange_change"
PRESS = "admin:billing_servicechange_press"
SERVICE = "admin:billing_service_press"
QUERIES = 9


@pytest.fixture
def small(db):
    return factories.product(name_id="Kecil", prices={Cycle.MONTHLY: 300_000})


@pytest.fixture
def large(small):
    made = factories.product(name_id="Besar", prices={Cycle.MONTHLY: 500_000, Cycle.ANNUALLY: 5_000_000})
    allow(small, made)
    return made


@pytest.fixture
def service(customer, small, large) -> Service:
    return active_order(customer, ORDERED, small).services.get()


@pytest.fixture
def staff(client):
    with on(TODAY):
        client.force_login(
            factories.staff("billing.change_service", "billing.view_service", "billing.view_servicechange")
        )
        yield client


def test_a_change_is_seen_in_the_list_and_on_its_service_and_taken_back(staff, service, large):
    made = change(service, large, TODAY)
    for address in (
        reverse(LIST),
        reverse(PAGE, args=[made.pk]),
        reverse("admin:billing_service_change", args=[service.pk]),
    ):
        html = staff.get(address).content.decode()
        for words in ("Paket: Kecil → Besar", "Menunggu pembayaran", made.invoice.number):
            assert words in html
    staff.post(reverse(PRESS, args=[made.pk, "cancel"]), {"note": "Pelanggan berubah pikiran"})
    made.refresh_from_db()
    assert (made.cancelled_at is not None, made.invoice.status) == (True, "cancelled")
    assert "Dibatalkan" in staff.get(reverse(LIST), {"state": "cancelled"}).content.decode()
    assert "Kecil → Besar" not in staff.get(reverse(LIST), {"state": "open"}).content.decode()


def test_who_only_looks_takes_nothing_back(client, staff, service, large):
    made = change(service, large, TODAY)
    client.force_login(factories.staff("billing.view_servicechange"))
    assert client.post(reverse(PRESS, args=[made.pk, "cancel"]), {"note": "x"}).status_code == 403
    assert ServiceChange.objects.get().is_open


def test_staff_changes_the_plan_at_the_price_that_was_shown(staff, service, large):
    address = reverse(SERVICE, args=[service.pk, "change-plan"])
    html = staff.get(address).content.decode()
    assert "Besar, Bulanan: bayar hari ini Rp120.000, perpanjangan Rp500.000" in html
    response = staff.post(address, {"wanted": f"{large.pk}:monthly"}, follow=True)
    made = ServiceChange.objects.get()
    assert made.invoice.number in response.content.decode()
    assert (made.invoice.subtotal, made.requested_by.is_staff) == (120_000, True)


def test_a_plan_that_is_no_choice_is_refused(staff, service):
    response = staff.post(reverse(SERVICE, args=[service.pk, "change-plan"]), {"wanted": "999:monthly"})
    assert response.status_code == 422
    assert not ServiceChange.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_1_and_3_rows(
    staff, customer, small, service, large, count, django_assert_num_queries
):
    for one in [service, *(active_order(customer, ORDERED, small).services.get() for _ in range(count - 1))]:
        change(one, large, TODAY)
    staff.get(reverse(LIST))
    with django_assert_num_queries(QUERIES):
        assert staff.get(reverse(LIST)).content.decode().count("Paket: Kecil → Besar") == count
