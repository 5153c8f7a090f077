import pytest

from tests import factories


@pytest.fixture
def staff(client):
    """A browser in which the administrator is signed in."""
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    return client
