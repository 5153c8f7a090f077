"""What load balancers and log collectors rely on: /healthz, 503 for a lost database, and log lines with the request's id."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
VISIT = """
import sys
import django
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
django.setup()
from django.test import Client
answer = Client(raise_request_exception=False).get(
    sys.argv[1], headers={"Accept-Language": "id", "X-Request-ID": "balancer-0001"}
)
print(answer.status_code, answer.headers.get("Retry-After"), answer.headers["X-Request-ID"])
print(answer.text)
"""


@pytest.mark.django_db
def test_healthz_answers_with_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("https_only", [False, True])
def test_healthz_answers_whatever_name_it_is_asked_by(client, settings, https_only):
    """The container's own check and balancers ask by address, without TLS."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["store.example.co.id"], https_only
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("https_only", [False, True])
def test_a_page_asked_for_under_another_name_is_refused_in_words(client, settings, https_only):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["store.example.co.id"], https_only
    refused = client.get("/store/", headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert "<h1>" in refused.content.decode()


@pytest.mark.django_db
def test_every_answer_names_its_request(client):
    kept = client.get("/healthz", headers={"X-Request-ID": "balancer-0001"})
    made = client.get("/healthz", headers={"X-Request-ID": "a name\nwith a second line"})
    assert kept.headers["X-Request-ID"] == "balancer-0001"
    assert len(made.headers["X-Request-ID"]) == 32


@pytest.fixture
def nobody_listens() -> int:
    """A port that was free a moment ago, held so that nobody else takes it, and that refuses connections."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def _visit_without_database(address: str, port: int, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"postgres://shop@127.0.0.1:{port}/shop",
        "VAR_DIR": str(tmp_path),
        "JSON_LOGS": "true",
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", "-c", VISIT, address],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("address", ["/healthz", "/accounts/login/"])
def test_a_lost_database_answers_503_and_when_to_come_back(address, nobody_listens, tmp_path):
    done = _visit_without_database(address, nobody_listens, tmp_path)
    status_line, page = done.stdout.split("\n", 1)
    assert status_line.split() == ["503", "5", "balancer-0001"]
    assert "muat ulang" in page
    assert "balancer-0001" in page


def test_log_lines_are_json_objects_that_name_their_request(nobody_listens, tmp_path):
    done = _visit_without_database("/healthz", nobody_listens, tmp_path)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    errors = [line for line in lines if line["levelname"] == "ERROR"]
    assert [(line["name"], line["request_id"]) for line in errors] == [("django.request", "balancer-0001")]
    assert "OperationalError" in errors[0]["exc_info"]
