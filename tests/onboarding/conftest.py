"""A customer who subscribed: a product with roles, a case in the middle of its way, and people with and without a role."""

import pytest

from tests import factories
from tests.onboarding import journey


@pytest.fixture
def product(db):
    return journey.product_with_roles()


@pytest.fixture
def case(customer, owner, product):
    """At requirement gathering; the customer's owner may follow it and sign."""
    journey.give(customer, owner, product, "owner")
    return journey.case_at("requirement_gathering", customer, product)


@pytest.fixture
def pic(db):
    person = factories.staff("onboarding.work_on_case", name="Dewi Pratiwi", email="dewi@nusa.example")
    journey.contact(person)
    return person


@pytest.fixture
def accountant(customer, product):
    """A colleague whose role in the product does not see the tracker."""
    person = factories.member(customer).user
    journey.give(customer, person, product, "accountant")
    return person


@pytest.fixture
def stranger(db):
    person = factories.user()
    factories.customer(person)
    return person


@pytest.fixture(autouse=True)
def _shop_stays_cached(monkeypatch):
    """Query counts must not depend on how many seconds a page took."""
    monkeypatch.setattr("accounts.models.shop.CACHE_SECONDS", 3600)
