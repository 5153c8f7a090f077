"""What every test has: its own files, quick passwords, tasks that run at once, and caches that begin empty.

The database is a file (several threads share it in race tests) or, with ``DATABASE_URL``, PostgreSQL; pytest-xdist gives
each worker its own.
"""

import uuid

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.utils import translation

from config.celery import app as celery_app
from tests import factories


def pytest_configure(config: pytest.Config) -> None:
    # Tasks run where they are called: what a commit starts has happened when the commit returns.
    celery_app.conf.task_always_eager = True
    celery_app.conf.task_eager_propagates = True
    # Argon2 takes its time by design; hundreds of tests sign people in.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Pages are tested without collecting the static files first.
    django_settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # How long an example takes says how busy the machine is, not whether the rule holds.
    hypothesis.settings.register_profile(
        "any_machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("any_machine")


@pytest.fixture(autouse=True)
def _in_indonesian():
    """A page that a test before asked for in English leaves the thread speaking it."""
    translation.activate(django_settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _own_files(tmp_path, settings):
    """Uploads and invoices go to the test's folder."""
    media = tmp_path / "media"
    settings.MEDIA_ROOT = media
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(media), "base_url": None},
        },
    }


@pytest.fixture(autouse=True)
def _empty_caches():
    """Another prefix for each test, instead of emptying a Redis that other workers use at the same time."""
    for alias in caches.settings:
        prefix = uuid.uuid4().hex
        caches.settings[alias]["KEY_PREFIX"] = prefix
        caches[alias].key_prefix = prefix


@pytest.fixture
def owner(db):
    return factories.user()


@pytest.fixture
def customer(owner):
    return factories.customer(owner)


@pytest.fixture
def signed_in(client, owner, customer):
    """A browser in which the customer's owner is signed in."""
    client.force_login(owner)
    return client
