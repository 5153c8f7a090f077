"""A small shop with a help desk: two departments, staff in each, a customer with members of every role."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.roles import Role
from tests import factories

JAKARTA = ZoneInfo("Asia/Jakarta")
# A Monday in office hours.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=JAKARTA)


@pytest.fixture
def support_staff(db):
    return factories.staff("tickets.view_ticket", "tickets.answer_ticket", name="Damar Dukungan")


@pytest.fixture
def billing_staff(db):
    permissions = ("tickets.view_ticket", "tickets.answer_ticket", "billing.verify_payment")
    return factories.staff(*permissions, name="Kirana Keuangan")


@pytest.fixture
def support(support_staff):
    return factories.department(support_staff, slug="dukungan", name_id="Dukungan Teknis", name_en="Technical Support")


@pytest.fixture
def billing(billing_staff):
    return factories.department(
        billing_staff, slug="penagihan", name_id="Penagihan", name_en="Billing", handles_payments=True
    )


@pytest.fixture
def technician(customer):
    return factories.member(customer, role=Role.TECHNICAL).user


@pytest.fixture
def bookkeeper(customer):
    return factories.member(customer, role=Role.BILLING).user


@pytest.fixture
def viewer(customer):
    return factories.member(customer, role=Role.VIEWER).user


@pytest.fixture
def stranger(db):
    person = factories.user()
    factories.customer(person)
    return person


@pytest.fixture(autouse=True)
def _shop_stays_cached(monkeypatch):
    """Query counts must not depend on how many seconds a page took."""
    monkeypatch.setattr("accounts.models.shop.CACHE_SECONDS", 3600)
