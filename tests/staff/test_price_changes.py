"""Staff announces new prices, for one service or for many, and withdraws them."""

from datetime import date

import pytest
from django.urls import reverse

from billing.models import PriceChange, Service
from tests import factories
from tests.billing import shop
from tests.billing.years import active_order, on

LIST = "admin:billing_service_changelist"
CHANGES = "admin:billing_pricechange_changelist"
PRESS = "admin:billing_pricechange_press"
TODAY = date(2026, 1, 20)
QUERIES = 8


@pytest.fixture
def services(customer):
    """Two monthly services of Rp150.000."""
    return [active_order(customer, date(2026, 1, 10), factories.product()).services.get() for _number in range(2)]


@pytest.fixture
def seller(client, services):
    with on(TODAY):
        client.force_login(
            factories.staff("billing.reprice_service", "billing.view_service", "billing.view_pricechange")
        )
        yield client


def choose(client, services, **fields):
    chosen = {"action": "announce", "_selected_action": [one.pk for one in services]}
    return client.post(reverse(LIST), {**chosen, **fields})


FILLED = {"percent": "10", "note": "Kenaikan 2027", "effective_from": "2026-03-01"}


def test_p7_many_are_announced_by_percent_after_a_look(seller, services):
    assert choose(seller, services).status_code == 200
    shown = choose(seller, services, **FILLED).content.decode()
    assert "Rp165.000" in shown
    assert "Umumkan semua harga ini" in shown
    assert PriceChange.objects.count() == 0
    choose(seller, services, **FILLED, shown="10", confirmed="1")
    assert [int(one.new_net) for one in PriceChange.objects.all()] == [165_000, 165_000]
    assert [int(one.recurring_net) for one in Service.objects.all()] == [150_000, 150_000]
    assert len(shop.emails("price_announced")) == 2


def test_p7_one_that_is_announced_already_is_named_and_stops_no_other(seller, services):
    choose(seller, services[:1], **FILLED, shown="10", confirmed="1")
    response = seller.post(
        reverse(LIST),
        {
            "action": "announce",
            "_selected_action": [one.pk for one in services],
            **FILLED,
            "shown": "10",
            "confirmed": 1,
        },
        follow=True,
    )
    assert "sudah diumumkan" in response.content.decode()
    assert PriceChange.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"effective_from": "2026-02-18"}, {"effective_from": ""}, {"percent": "lima"}])
def test_p7_a_form_with_mistakes_comes_back(seller, services, wrong):
    assert choose(seller, services, **{**FILLED, **wrong}, shown="10", confirmed="1").status_code == 422
    assert PriceChange.objects.count() == 0


def test_p7_one_service_by_its_unit_prices(seller, services):
    address = reverse("admin:billing_service_press", args=[services[0].pk, "announce"])
    part = services[0].components.get()
    html = seller.get(address).content.decode()
    assert 'value="2026-02-19"' in html
    seller.post(address, {f"price_{part.pk}": "200.000", "effective_from": "2026-03-01", "note": "Listrik"})
    change = PriceChange.objects.get()
    assert (change.unit_prices, change.effective_from, int(change.new_net)) == (
        {"product": "200000"},
        date(2026, 3, 1),
        200_000,
    )


def test_p7_what_is_to_come_is_listed_and_withdrawn(seller, services):
    choose(seller, services, **FILLED, shown="10", confirmed="1")
    first = PriceChange.objects.order_by("pk")[0]
    assert "Akan datang" in seller.get(reverse(CHANGES), {"state": "coming"}).content.decode()
    assert (
        "Tarik perubahan harga"
        in seller.get(reverse("admin:billing_pricechange_change", args=[first.pk])).content.decode()
    )
    seller.post(reverse(PRESS, args=[first.pk, "withdraw"]))
    first.refresh_from_db()
    assert first.cancelled_at is not None
    assert len(shop.emails("price_withdrawn")) == 1


def test_p7_who_only_looks_announces_and_withdraws_nothing(client, seller, services):
    choose(seller, services, **FILLED, shown="10", confirmed="1")
    client.force_login(factories.staff("billing.view_service", "billing.view_pricechange"))
    choose(client, services, **FILLED, shown="10", confirmed="1")
    assert client.post(reverse(PRESS, args=[PriceChange.objects.first().pk, "withdraw"])).status_code == 403
    assert PriceChange.objects.to_come().count() == 2


def test_the_list_costs_the_same_for_1_and_3_rows(seller, customer, services, django_assert_num_queries):
    choose(seller, services[:1], **FILLED, shown="10", confirmed="1")
    seller.get(reverse(CHANGES))
    with django_assert_num_queries(QUERIES):
        seller.get(reverse(CHANGES))
    more = active_order(customer, date(2026, 1, 10), factories.product()).services.get()
    with on(TODAY):
        choose(seller, [services[1], more], **FILLED, shown="10", confirmed="1")
    with django_assert_num_queries(QUERIES):
        seller.get(reverse(CHANGES))
