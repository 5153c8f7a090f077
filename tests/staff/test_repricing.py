"""Staff changes what renewals cost: one by its unit prices, many by percent, and sees the new prices first."""

import pytest
from django.urls import reverse

from billing.models import Service
from tests import factories
from tests.billing import shop

pytestmark = pytest.mark.django_db

LIST = "admin:billing_service_changelist"


@pytest.fixture
def services(db):
    """Two monthly services of Rp150.000."""
    customer = factories.customer(factories.user())
    return [shop.unpaid_invoice(customer).order.services.get() for _number in range(2)]


@pytest.fixture
def seller(client):
    client.force_login(factories.staff("billing.reprice_service", "billing.view_service"))
    return client


def choose(client, services, **fields):
    chosen = {"action": "reprice", "_selected_action": [one.pk for one in services]}
    return client.post(reverse(LIST), {**chosen, **fields})


def nets() -> list[int]:
    return [int(net) for net in Service.objects.order_by("pk").values_list("recurring_net", flat=True)]


def test_p7_the_new_prices_are_shown_before_any_is_changed(seller, services):
    assert choose(seller, services).status_code == 200
    response = choose(seller, services, percent="10", note="Kenaikan 2027")
    assert "Rp165.000" in response.content.decode()
    assert nets() == [150_000, 150_000]
    choose(seller, services, percent="10", note="Kenaikan 2027", shown="10", confirmed="1")
    assert nets() == [165_000, 165_000]


def test_p7_another_percent_than_the_shown_one_is_shown_first(seller, services):
    response = choose(seller, services, percent="50", note="x", shown="10", confirmed="1")
    assert "Rp225.000" in response.content.decode()
    assert nets() == [150_000, 150_000]


@pytest.mark.parametrize("fields", [{"percent": "lima", "note": "x"}, {"percent": "10", "note": ""}])
def test_p7_a_form_with_mistakes_comes_back(seller, services, fields):
    assert choose(seller, services, **fields).status_code == 422
    assert nets() == [150_000, 150_000]


def test_p7_who_only_looks_changes_nothing(client, services):
    client.force_login(factories.staff("billing.view_service"))
    choose(client, services, percent="10", note="x", shown="10", confirmed="1")
    assert nets() == [150_000, 150_000]


def test_p7_one_service_gets_its_price_by_the_button(seller, services):
    service = services[0]
    part = service.components.get()
    address = reverse("admin:billing_service_press", args=[service.pk, "reprice"])
    assert "150.000" in seller.get(address).content.decode()
    seller.post(address, {f"price_{part.pk}": "99.000", "note": "Sesuai kesepakatan"})
    assert nets() == [99_000, 150_000]
