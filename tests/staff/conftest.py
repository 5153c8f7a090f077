"""Staff at their desk: a verifier who is signed in, and the mails nobody has to send."""

import pytest
from django.test import Client

from tests import factories
from tests.staff import desk


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    """The worker's turn comes after; here only the rows count."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture(autouse=True)
def _the_shop_stays_cached(monkeypatch):
    """Counted queries must not depend on how slow the machine is."""
    monkeypatch.setattr("accounts.models.shop.CACHE_SECONDS", 3600)


@pytest.fixture
def verifier(db):
    return factories.staff("billing.verify_payment", name="Dewi Verifikasi")


@pytest.fixture
def at_desk(client: Client, verifier) -> Client:
    client.force_login(verifier)
    return client


@pytest.fixture
def superuser(db):
    return desk.superuser()


@pytest.fixture
def boss(client: Client, superuser) -> Client:
    client.force_login(superuser)
    return client
