"""Reading what the shop offers."""

from decimal import Decimal

import pytest

from catalog import offers
from catalog.models import DomainExtension
from catalog.offers import PriceTag
from tests import factories

pytestmark = pytest.mark.django_db


def full_product(options: int = 1):
    product = factories.product(
        prices={"annually": 1_500_000, "monthly": (150_000, 50_000)}, domain_register=True, subdomain_of="situsku.id"
    )
    for number in range(options):
        factories.quantity_option(product, key=f"users{number}", prices={"monthly": 12_500})
        factories.choice_option(product, key=f"os{number}", choices={"linux": {"monthly": 0}, "windows": {}})
    factories.addon(product, key=f"care{options}", prices={"monthly": 50_000})
    return product


def test_an_offer_holds_everything_that_can_be_configured():
    DomainExtension.objects.create(extension=".id", register_price=220_000, renew_price=250_000)
    product = full_product()

    [offer] = offers.load([product.pk]).values()

    assert offer.cycles == ("monthly", "annually")
    assert offer.prices["monthly"] == PriceTag(Decimal(150_000), Decimal(50_000))
    assert [option.key for option in offer.options] == ["users0", "os0"]
    users, system = offer.options
    assert (users.prices["monthly"].amount, users.offered("annually")) == (12_500, False)
    assert [choice.key for choice in system.choices_in("monthly")] == ["linux"]
    assert offer.addon("care1").cycle_for("annually") is None
    assert offer.domain_ways == ("register", "subdomain")
    assert [extension.extension for extension in offer.extensions] == [".id"]
    assert offer.requires_domain


def test_offers_cost_five_queries_for_one_option_or_many(django_assert_num_queries):
    few, many = full_product(1), full_product(8)

    with django_assert_num_queries(5):
        offers.load([few.pk])
    with django_assert_num_queries(5):
        assert len(offers.load([few.pk, many.pk])) == 2


def test_retired_addons_and_other_currencies_are_not_offered():
    product = full_product()
    product.addons.update(retired=True)
    product.prices.filter(cycle="annually").update(currency="USD")

    [offer] = offers.load([product.pk]).values()

    assert (offer.addons, offer.cycles) == ((), ("monthly",))
    assert offers.load([product.pk], "USD")[product.pk].cycles == ("annually",)


def test_sold_out_means_that_stock_is_kept_and_none_is_left():
    unlimited = factories.product()
    sold_out = factories.product(stock=2, stock_taken=2)
    loaded = offers.load([unlimited.pk, sold_out.pk, 0])

    assert not loaded[unlimited.pk].sold_out
    assert loaded[sold_out.pk].sold_out
    assert len(loaded) == 2
