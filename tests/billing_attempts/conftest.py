import pytest

from billing import crediting, gateways, payments, refunds
from tests import factories
from tests.billing.shop import TEMPLATES, register_missing_emails
from tests.billing_attempts.pretend import PretendAccount, PretendPage, PretendProvider, invoice_by

register_missing_emails(TEMPLATES)


@pytest.fixture(autouse=True)
def pretended(monkeypatch):
    """The pretended provider's gateways, by code."""
    ours = {"pretend_page": PretendPage(), "pretend_va": PretendAccount()}
    monkeypatch.setattr(gateways, "registry", {**gateways.registry, **ours})
    monkeypatch.setattr(gateways, "providers", {**gateways.providers, "pretend": PretendProvider()})
    return ours


@pytest.fixture
def page(pretended):
    return pretended["pretend_page"]


@pytest.fixture
def va(pretended):
    return pretended["pretend_va"]


@pytest.fixture
def invoice(customer, page):
    return invoice_by(page, customer)


@pytest.fixture
def attempt(invoice):
    """Begun with the order, not started yet."""
    return invoice.payment_attempts.get()


@pytest.fixture
def verifier(db):
    return factories.staff("billing.verify_payment", name="Dewi Verifikasi")


@pytest.fixture
def no_worker(monkeypatch):
    """The worker's turn comes when the test says so."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    monkeypatch.setattr("accounts.outbox.tell_worker", lambda *_arguments: None)


@pytest.fixture
def payer(db):
    return factories.staff(refunds.PAY, crediting.ISSUE, payments.VERIFY)
