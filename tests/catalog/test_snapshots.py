"""What processes remember of the catalog, and that they forget it in time."""

from datetime import timedelta

import time_machine
from django.core.cache import caches
from django.utils import timezone

from catalog import offers, snapshots, tax
from tests import factories


def test_remembered_offers_cost_no_query(db, django_assert_num_queries):
    product = factories.product()
    first = offers.cached([product.pk])

    with django_assert_num_queries(0):
        assert offers.cached([product.pk]) == first


def test_only_what_is_missing_is_read(db):
    one, other = factories.product(), factories.product()
    offers.cached([one.pk])

    assert set(offers.cached([one.pk, other.pk, 0])) == {one.pk, other.pk}


def test_an_edit_is_seen_at_once_in_its_own_process(transactional_db):
    product = factories.product(name_id="Lama")
    offers.cached([product.pk])
    product.name_id = "Baru"
    product.save()
    snapshots.forget()

    assert offers.cached([product.pk])[product.pk].name.id == "Baru"


def test_an_edit_in_another_process_is_seen_within_seconds(transactional_db):
    product = factories.product(name_id="Lama")
    offers.cached([product.pk])
    seen = caches["process"].get(snapshots.STAMP_KEY)
    product.name_id = "Baru"
    product.save()
    snapshots.forget()
    # The other process has not looked yet.
    caches["process"].set(snapshots.STAMP_KEY, seen, snapshots.STAMP_SECONDS)

    assert offers.cached([product.pk])[product.pk].name.id == "Lama"
    with time_machine.travel(timezone.now() + timedelta(seconds=snapshots.STAMP_SECONDS + 1)):
        assert offers.cached([product.pk])[product.pk].name.id == "Baru"


def test_no_rule_in_force_is_remembered_too(db, django_assert_num_queries):
    today = timezone.localdate()
    assert tax.cached_in_force(today) is None

    with django_assert_num_queries(0):
        assert tax.cached_in_force(today) is None
