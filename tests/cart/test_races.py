"""Many checkouts at once through the pages: one order for one form (O2), a promotion's limit (D4), the last one (P8)."""

import uuid
from collections import Counter

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Customer, User
from billing import ordering
from billing.models import Invoice, Order, PromotionRedemption
from cart import carts
from cart.models import CartItem
from catalog.models import Product, Promotion
from tests import factories
from tests.cart.buying import CHECKOUT, filled
from tests.cart.conftest import BACKUP, catalog_changed
from tests.cart.conftest import configure_address as address
from tests.racing import race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

# As many as the promise names; each is a browser with a database connection of its own.
CROWD = 50


@pytest.fixture
def plan(backup, shop) -> Product:
    return backup


def browser_of_a_customer(plan: Product) -> Client:
    """Somebody signed in with the plan in the cart."""
    client, person = Client(), factories.user()
    factories.customer(person)
    client.force_login(person)
    client.post(address(plan), BACKUP)
    return client


def same_browser(client: Client) -> Client:
    """Another window: the same cookies."""
    other = Client()
    other.cookies = client.cookies.copy()
    return other


def post(client: Client, data: dict) -> tuple[int, str]:
    response = client.post(CHECKOUT, data)
    return response.status_code, response.headers.get("Location", "")


def all_post(*pairs: tuple[Client, dict]) -> list[tuple[int, str]]:
    return race(*[lambda client=client, data=data: post(client, data) for client, data in pairs])


def invoice_urls() -> set[str]:
    return {invoice.get_absolute_url() for invoice in Invoice.objects.all()}


def books_are_in_order() -> None:
    call_command("verify_ledger")


def test_o2_fifty_identical_posts_make_one_order_and_show_one_invoice(plan):
    client = browser_of_a_customer(plan)
    data = filled(client)
    outcomes = all_post(*[(same_browser(client), data) for _window in range(CROWD)])
    assert Order.objects.count() == 1
    assert Counter(outcomes) == {(302, invoice_urls().pop()): CROWD}
    books_are_in_order()


def test_o2_fifty_identical_posts_of_a_guest_make_one_account_and_one_order(plan):
    client = Client()
    client.post(address(plan), BACKUP)
    data = filled(client)
    outcomes = all_post(*[(same_browser(client), data) for _window in range(CROWD)])
    assert (Order.objects.count(), User.objects.count(), Customer.objects.count()) == (1, 1, 1)
    assert Counter(outcomes) == {(302, invoice_urls().pop()): CROWD}
    books_are_in_order()


def test_o2_control_with_a_key_of_its_own_each_post_makes_an_order(plan, monkeypatch):
    """The guard is the key: claimed with the cart, unique among orders. Without both, a double click orders twice."""
    client = browser_of_a_customer(plan)
    data = filled(client)
    place_order = ordering.place_order
    monkeypatch.setattr(carts, "claim_for_checkout", lambda *, cart, checkout_key: True)
    monkeypatch.setattr(
        ordering, "place_order", lambda *, checkout_key, **rest: place_order(checkout_key=uuid.uuid4(), **rest)
    )
    monkeypatch.setattr(carts, "forget_ordered", lambda *, cart, item_ids: None)
    all_post(*[(same_browser(client), data) for _window in range(4)])
    assert Order.objects.count() == 4


@pytest.mark.parametrize("limit", [1, 3])
def test_d4_a_promotions_limit_holds_for_a_crowd(plan, limit):
    factories.promotion(code="HEMAT10", max_uses=limit)
    crowd = [browser_of_a_customer(plan) for _customer in range(8)]
    for client in crowd:
        client.post("/cart/promo/", {"code": "HEMAT10"})
    outcomes = all_post(*[(client, filled(client)) for client in crowd])
    assert Counter(status for status, _url in outcomes) == {302: limit, 422: 8 - limit}
    assert (Order.objects.count(), PromotionRedemption.objects.count()) == (limit, limit)
    assert Promotion.objects.get().uses == limit
    # Those who were told still have everything in the cart.
    assert CartItem.objects.count() == 8 - limit
    books_are_in_order()


@pytest.mark.parametrize("left", [1, 3])
def test_p8_the_last_ones_in_stock_are_sold_once(plan, left):
    Product.objects.update(stock=left)
    catalog_changed()
    crowd = [browser_of_a_customer(plan) for _customer in range(8)]
    outcomes = all_post(*[(client, filled(client)) for client in crowd])
    sold = [url for _status, url in outcomes if url in invoice_urls()]
    back_in_the_cart = [url for _status, url in outcomes if url == "/cart/"]
    assert (len(sold), len(back_in_the_cart)) == (left, 8 - left)
    assert (Order.objects.count(), Product.objects.get().stock_taken) == (left, left)
    assert CartItem.objects.count() == 8 - left
    books_are_in_order()
