"""Who may use a code, and what a refusal says (RULES D1, D5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import offers, promotions
from catalog.lines import Item
from catalog.promotions import GUEST, BuyerFacts, PromotionRefused
from catalog.selection import Selection
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def plan():
    return factories.product(prices={"monthly": 100_000, "annually": 1_000_000})


def cart(*products, cycle="monthly", addons=()):
    loaded = offers.load([product.pk for product in products])
    return [Item(loaded[product.pk], Selection(cycle=cycle, addons=frozenset(addons))) for product in products]


def refusal(code, items, buyer=GUEST, now=NOW) -> str:
    with pytest.raises(PromotionRefused) as refused:
        promotions.check(code, items=items, buyer=buyer, now=now)
    assert refused.value.message
    return refused.value.condition


def test_d1_a_code_is_found_in_any_case_and_with_spaces_around(plan):
    promo = factories.promotion(code="HEMAT10")

    assert promotions.check(" hemat10 ", items=cart(plan), buyer=GUEST, now=NOW) == promo


@pytest.mark.parametrize("code", ["", "TIDAKADA", "HEMAT%", "_EMAT10", "HEMAT10\x00", "X" * 400])
def test_d5_a_code_that_nobody_made_is_unknown(plan, code):
    factories.promotion(code="HEMAT10")

    assert refusal(code, cart(plan)) == "unknown"


def test_d5_a_switched_off_code_is_unknown(plan):
    promo = factories.promotion(active=False)

    assert refusal(promo.code, cart(plan)) == "unknown"


def test_d1_a_code_has_a_start_and_an_end(plan):
    promo = factories.promotion(starts_at=NOW, ends_at=NOW + timedelta(days=1))

    assert refusal(promo.code, cart(plan), now=NOW - timedelta(seconds=1)) == "not_yet"
    assert promotions.check(promo.code, items=cart(plan), buyer=GUEST, now=NOW) == promo
    assert refusal(promo.code, cart(plan), now=NOW + timedelta(days=1)) == "expired"


def test_d1_a_code_is_used_up(plan):
    promo = factories.promotion(max_uses=1, uses=1)

    assert refusal(promo.code, cart(plan)) == "used_up"


def test_d1_a_code_for_other_products_says_so(plan):
    promo = factories.promotion()
    promo.products.add(factories.product())

    assert refusal(promo.code, cart(plan)) == "not_these_products"


def test_d1_a_code_for_an_addon_needs_the_addon(plan):
    addon = factories.addon(plan, key="care", prices={"monthly": 10_000})
    promo = factories.promotion()
    promo.addons.add(addon)

    assert refusal(promo.code, cart(plan)) == "not_these_products"
    assert promotions.check(promo.code, items=cart(plan, addons={"care"}), buyer=GUEST, now=NOW) == promo


def test_d1_a_code_for_a_cycle_says_which(plan):
    promo = factories.promotion(cycles=["annually"])

    with pytest.raises(PromotionRefused, match="Tahunan") as refused:
        promotions.check(promo.code, items=cart(plan), buyer=GUEST, now=NOW)
    assert refused.value.condition == "cycle"
    assert promotions.check(promo.code, items=cart(plan, cycle="annually"), buyer=GUEST, now=NOW) == promo


def test_d1_new_and_existing_customers(plan):
    for_new, for_old = factories.promotion(audience="new"), factories.promotion(audience="existing")
    newcomer, regular = BuyerFacts(customer_id=1), BuyerFacts(customer_id=2, orders=3)

    assert refusal(for_new.code, cart(plan), regular) == "new_only"
    assert refusal(for_old.code, cart(plan), newcomer) == "existing_only"
    assert refusal(for_old.code, cart(plan), GUEST) == "existing_only"
    assert promotions.check(for_new.code, items=cart(plan), buyer=newcomer, now=NOW) == for_new
    assert promotions.check(for_old.code, items=cart(plan), buyer=regular, now=NOW) == for_old


def test_d1_once_per_customer(plan):
    promo = factories.promotion(once_per_customer=True)
    used = BuyerFacts(customer_id=1, orders=1, used_promotion_ids=frozenset({promo.pk}))

    assert refusal(promo.code, cart(plan), used) == "once_per_customer"
    assert promotions.check(promo.code, items=cart(plan), buyer=BuyerFacts(customer_id=2), now=NOW) == promo


def test_d1_a_code_that_requires_a_product_takes_an_active_one_or_one_in_the_same_order(plan):
    needed = factories.product()
    promo = factories.promotion()
    promo.requires.add(needed)
    has_it = BuyerFacts(customer_id=1, orders=1, active_product_ids=frozenset({needed.pk}))

    assert refusal(promo.code, cart(plan)) == "requires_product"
    assert promotions.check(promo.code, items=cart(plan), buyer=has_it, now=NOW) == promo
    assert promotions.check(promo.code, items=cart(plan, needed), buyer=GUEST, now=NOW) == promo


def test_an_empty_cart_may_hold_a_code_for_later(plan):
    promo = factories.promotion()
    promo.products.add(plan)

    assert promotions.check(promo.code, items=[], buyer=GUEST, now=NOW) == promo


def test_d4_checking_costs_the_same_four_queries_however_many_products_it_names(plan, django_assert_num_queries):
    items = cart(plan)
    promo = factories.promotion()
    promo.products.set([plan, *(factories.product() for _number in range(5))])

    with django_assert_num_queries(4):
        promotions.check(promo.code, items=items, buyer=GUEST, now=NOW)
