"""Production mode: it starts only when it was told everything, and passes Django's own deployment check."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_readme import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
# What the example leaves to be filled in.
FILLED_IN = {
    "SECRET_KEY": "k8#w!" * 14 + "abcdefghij",
    "FIELD_ENCRYPTION_KEY": "a-key-for-tests-only-0123456789",
    "POSTGRES_PASSWORD": "password",
    "EMAIL_HOST": "smtp.example.co.id",
}
HAS_NO_DEFAULT = [
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEY",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_HOST",
]


def example_environment() -> dict[str, str]:
    """The variables of ``.env.example`` with its empty secrets filled in."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    pairs |= FILLED_IN
    pairs["DATABASE_URL"] = pairs["DATABASE_URL"].replace("${POSTGRES_PASSWORD}", pairs["POSTGRES_PASSWORD"])
    return pairs


def _run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=base | environment, capture_output=True, text=True, check=False
    )


def test_the_deployment_check_is_clean_with_the_example_environment():
    done = _run("manage.py", "check", "--deploy", "--fail-level", "WARNING", environment=example_environment())
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("missing", HAS_NO_DEFAULT)
def test_a_missing_value_stops_the_start_and_names_itself(missing):
    environment = {name: value for name, value in example_environment().items() if name != missing}
    done = _run("-c", "import config.settings", environment=environment)
    assert done.returncode != 0
    assert f"Set {missing}" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("LANGGANAN_ENV", "prod", "LANGGANAN_ENV must be"),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES must be a whole number"),
        ("SECURE_SSL_REDIRECT", "maybe", "SECURE_SSL_REDIRECT must be one of"),
        ("MIDTRANS_SERVER_KEY", "SB-Mid-server-abc", "MIDTRANS_SERVER_KEY is a key for tests"),
        ("XENDIT_SECRET_KEY", "xnd_production_abc", "Set both XENDIT_SECRET_KEY and XENDIT_CALLBACK_TOKEN"),
        ("XENDIT_CALLBACK_TOKEN", "abc", "Set both XENDIT_SECRET_KEY and XENDIT_CALLBACK_TOKEN"),
        ("MIDTRANS_API_URL", "http://localhost:8001/midtrans", "Remove MIDTRANS_API_URL"),
        ("MIDTRANS_SNAP_URL", "http://localhost:8001/snap", "Remove MIDTRANS_SNAP_URL"),
        ("XENDIT_API_URL", "http://localhost:8001/xendit", "Remove XENDIT_API_URL"),
        ("STATEMENTS_IMAP_HOST", "imap.bank.example", "Set STATEMENTS_IMAP_SENDERS"),
        ("STATEMENTS_IMAP_SENDERS", "bank.example", "STATEMENTS_IMAP_SENDERS holds addresses"),
        ("BANK_MUTATION_SECRET", f"{'x' * 40},short", "Every key of BANK_MUTATION_SECRET"),
    ],
)
def test_a_bad_value_stops_the_start_and_names_itself(name, value, complaint):
    done = _run("-c", "import config.settings", environment=example_environment() | {name: value})
    assert done.returncode != 0
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("sandbox", "key", "complaint"),
    [
        ("false", "xnd_development_abc", "XENDIT_SECRET_KEY is a key for tests"),
        ("true", "xnd_production_abc", "XENDIT_SECRET_KEY moves real money"),
    ],
)
def test_a_providers_key_of_the_wrong_kind_stops_the_start(sandbox, key, complaint):
    keys = {"PAYMENT_SANDBOX": sandbox, "XENDIT_SECRET_KEY": key, "XENDIT_CALLBACK_TOKEN": "token"}
    done = _run("-c", "import config.settings", environment=example_environment() | keys)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_without_a_word_production_pays_at_the_real_providers():
    probe = "import config.settings as s; print(s.MIDTRANS.api_url, s.MIDTRANS.snap_url, s.XENDIT.api_url)"
    done = _run("-c", probe, environment=example_environment())
    assert done.stdout.split() == ["https://api.midtrans.com", "https://app.midtrans.com", "https://api.xendit.co"]


def test_production_never_shows_tracebacks_whatever_it_is_told():
    probe = "import config.settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.STAFF_MFA_REQUIRED)"
    done = _run("-c", probe, environment=example_environment() | {"DEBUG": "true"})
    assert done.stdout.split() == ["False", "True", "True"]


def test_the_example_lists_only_variables_that_exist():
    read = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in SETTINGS)
    compose_only = {"POSTGRES_PASSWORD"}
    unknown = {name for name in example_environment() if not re.search(rf'"{name}"', read)} - compose_only
    assert unknown == set()
