"""Which tax is in force, and what it is on (RULES T1)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from catalog import demo, tax
from catalog.models import Price, TaxRule
from tests import factories

pytestmark = pytest.mark.django_db


def test_t1_the_rule_in_force_on_the_day_applies():
    demo.load()

    before, after = tax.in_force(date(2024, 12, 31)), tax.in_force(date(2025, 1, 1))
    assert (before.rate, before.base_numerator, before.base_denominator) == (11, 1, 1)
    assert (after.rate, after.base_numerator, after.base_denominator) == (12, 11, 12)
    assert before.effective_rate == after.effective_rate
    assert tax.in_force(date(2022, 3, 31)) is None


def test_t1_where_periods_overlap_the_one_that_began_last_applies():
    factories.ppn(valid_from="2025-01-01")
    factories.ppn(valid_from="2026-01-01", rate=13)

    assert tax.in_force(date(2025, 12, 31)).rate == 12
    assert tax.in_force(date(2026, 1, 1)).rate == 13


def test_t1_other_countries_rules_do_not_apply():
    factories.ppn(country="SG")

    assert TaxRule.objects.in_force(date(2026, 1, 1), "SG") is not None
    assert tax.in_force(date(2026, 1, 1)) is None


def test_mo1_the_database_refuses_rupiah_with_cents():
    product = factories.product()

    with pytest.raises(IntegrityError, match="price_is_rounded_to_its_currency"), transaction.atomic():
        Price.objects.create(product=product, cycle="annually", amount="1000.50")
    Price.objects.create(product=product, cycle="annually", currency="USD", amount="10.50")
    assert Price.objects.filter(cycle="annually").count() == 1


def test_p4_the_database_refuses_a_price_of_nothing_or_of_two_things():
    product = factories.product()
    addon = factories.addon(product, prices={})

    for owners in ({}, {"product": product, "addon": addon}):
        with pytest.raises(IntegrityError, match="price_belongs_to_exactly_one_thing"), transaction.atomic():
            Price.objects.create(cycle="annually", amount=1, **owners)
