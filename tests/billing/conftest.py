"""A small shop for billing's tests: a product, a customer with its owner, a bank account, a verifier."""

import pytest

from tests import factories
from tests.billing.shop import TEMPLATES, register_missing_emails

register_missing_emails(TEMPLATES)


@pytest.fixture
def verifier(db):
    return factories.staff("billing.verify_payment", name="Dewi Verifikasi")


@pytest.fixture
def account(db):
    return factories.bank_account()


@pytest.fixture
def ppn(db):
    return factories.ppn()
