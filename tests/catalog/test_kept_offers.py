"""Offers that a quotation keeps: read again they are what they were."""

import json

import pytest
from cattrs import BaseValidationError

from catalog import kept_offers, offers, pricing
from catalog.models import DomainExtension
from catalog.selection import Selection
from tests import factories
from tests.catalog.test_offers import full_product

pytestmark = pytest.mark.django_db


def through_a_column(found) -> dict:
    """As PostgreSQL keeps it: with the keys of its objects in another order."""
    return json.loads(json.dumps(kept_offers.to_json(found.values()), sort_keys=True))


def test_an_offer_comes_back_as_it_was_kept():
    DomainExtension.objects.create(extension=".id", register_price=220_000, renew_price=250_000)
    product = full_product(3)
    factories.set_prices({"quarterly": 430_000}, product=product)
    factories.text_option(product)
    factories.yes_no_option(product, prices={"monthly": 15_000})
    found = offers.load([product.pk, factories.product(stock=3).pk])

    again = kept_offers.from_json(through_a_column(found))

    assert again == found
    assert again[product.pk].cycles == ("monthly", "quarterly", "annually")


def test_a_kept_offer_costs_what_it_cost_then():
    product = factories.product(prices={"monthly": (150_000, 50_000)})
    kept = through_a_column(offers.load([product.pk]))
    product.prices.update(amount=900_000)

    [offer] = kept_offers.from_json(kept).values()

    assert pricing.quote([pricing.Item(offer, Selection(cycle="monthly"))]).total == 200_000


def test_something_else_is_no_offer():
    with pytest.raises(BaseValidationError):
        kept_offers.from_json({"1": {"id": 1}})
