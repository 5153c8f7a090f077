"""Ordering at prices that were promised: whatever the catalog says meanwhile, but not what is gone."""

from decimal import Decimal

import pytest

from billing import ordering
from billing.models import Order
from catalog import offers, pricing
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import place

pytestmark = pytest.mark.django_db

MONTHLY = Selection(cycle=Cycle.MONTHLY)


@pytest.fixture
def product():
    return factories.product(prices={Cycle.MONTHLY: 150_000}, taxable=False)


def test_the_promised_price_is_the_order_s(customer, product):
    offered = offers.load([product.pk])
    product.prices.update(amount=900_000)

    order = place(customer, product, offered=offered, expected_total=Decimal(150_000))

    assert order.invoice.total == 150_000
    assert order.services.get().recurring_net == 150_000


def test_a_product_that_was_retired_meanwhile_is_still_sold_at_it(customer, product):
    offered = offers.load([product.pk])
    product.retired = True
    product.save()

    assert place(customer, product, offered=offered).invoice.total == 150_000
    with pytest.raises(ordering.NotForSale):
        place(customer, product)


def test_a_product_that_was_not_offered_is_not_sold(customer, product):
    offered = offers.load([factories.product().pk])
    with pytest.raises(ordering.NotForSale):
        place(customer, product, offered=offered)
    assert not Order.objects.exists()


def test_a_product_that_was_deleted_is_not_sold(customer, product):
    offered = offers.load([product.pk])
    choice = [(product.pk, MONTHLY)]
    product.delete()
    with pytest.raises(ordering.NotForSale):
        place(customer, selections={}, items=choice, offered=offered)
    assert not Order.objects.exists()


def test_a_promise_makes_no_stock(customer):
    product = factories.product(stock=1)
    offered = offers.load([product.pk])
    place(customer, product)

    with pytest.raises(ordering.OutOfStock):
        place(customer, product, offered=offered)
    assert Order.objects.count() == 1


def test_stock_that_is_counted_only_since_the_promise_is_counted(customer, product):
    offered = offers.load([product.pk])
    product.stock = 1
    product.save()

    place(customer, product, offered=offered)

    product.refresh_from_db()
    assert product.stock_left == 0


def test_another_tax_than_was_expected_asks_again(customer):
    product = factories.product(prices={Cycle.MONTHLY: 100_000})
    offered = offers.load([product.pk])
    factories.ppn()

    with pytest.raises(ordering.PriceChanged) as changed:
        place(customer, product, offered=offered, expected_total=Decimal(100_000))

    assert changed.value.quote.total == 111_000
    assert not Order.objects.exists()


def test_a_quote_is_what_the_order_costs(customer):
    factories.ppn()
    factories.promotion(code="HEMAT")
    product = factories.product(prices={Cycle.MONTHLY: 100_000})
    items = [pricing.Item(offers.load([product.pk])[product.pk], MONTHLY)]

    quote = ordering.quote(customer=customer, items=items, promotion_code="hemat")

    assert (quote.total, quote.promotion.code) == (99_900, "HEMAT")
    assert place(customer, product, promotion_code="hemat").invoice.total == quote.total
