import pytest

from tests import factories
from tests.billing import shop


@pytest.fixture
def verifier(db):
    return factories.staff("billing.verify_payment", name="Dewi Verifikasi")


@pytest.fixture
def account(db):
    return factories.bank_account(number="123 456 7890", holder="PT Nusa Layanan Digital")


@pytest.fixture
def invoice(customer, account):
    """Rp150.000, untaxed, to be paid by bank transfer."""
    return shop.unpaid_invoice(customer)


@pytest.fixture(autouse=True)
def _shop_stays_cached(monkeypatch):
    """Query counts must not depend on how many seconds a page took."""
    monkeypatch.setattr("accounts.models.shop.CACHE_SECONDS", 3600)
