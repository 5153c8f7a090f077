"""An account that statements are of, the staff who settle them, and a worker whose turn comes after."""

import pytest

from tests import factories


@pytest.fixture
def account(db):
    return factories.bank_account()


@pytest.fixture
def staff(db):
    return factories.staff("billing.verify_payment", name="Dewi Verifikasi")


@pytest.fixture
def nobody_sends(monkeypatch):
    """Only the rows count."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
