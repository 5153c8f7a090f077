"""Staff sees which services are handed over, and takes an offer back."""

from datetime import date

import pytest
from django.urls import reverse

from billing import transfers
from billing.models import ServiceTransfer
from tests import factories
from tests.billing.years import active_order, on

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 20)
LIST = "admin:billing_servicetransfer_changelist"
PRESS = "admin:billing_servicetransfer_press"
QUERIES = 9


def offer(customer, email: str) -> ServiceTransfer:
    service = active_order(customer, date(2026, 1, 10), factories.product()).services.get()
    return transfers.offer(service=service, email=email, actor=customer.users.first())


@pytest.fixture
def staff(client):
    with on(TODAY):
        client.force_login(factories.staff("billing.change_service", "billing.view_servicetransfer"))
        yield client


def test_an_offer_is_seen_and_taken_back(staff, customer):
    made = offer(customer, "penerima@example.com")
    assert "Menunggu jawaban" in staff.get(reverse(LIST)).content.decode()
    staff.post(reverse(PRESS, args=[made.pk, "withdraw"]))
    made.refresh_from_db()
    assert made.withdrawn_at is not None
    assert "Ditarik" in staff.get(reverse(LIST)).content.decode()


def test_who_only_looks_takes_nothing_back(client, staff, customer):
    made = offer(customer, "penerima@example.com")
    client.force_login(factories.staff("billing.view_servicetransfer"))
    assert client.post(reverse(PRESS, args=[made.pk, "withdraw"])).status_code == 403
    assert ServiceTransfer.objects.get().is_open


def test_the_list_costs_the_same_for_1_and_3_rows(staff, customer, django_assert_num_queries):
    offer(customer, "a@example.com")
    staff.get(reverse(LIST))
    with django_assert_num_queries(QUERIES):
        staff.get(reverse(LIST))
    for email in ("b@example.com", "c@example.com"):
        offer(customer, email)
    with django_assert_num_queries(QUERIES):
        staff.get(reverse(LIST))
