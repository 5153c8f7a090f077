"""``make run`` gives a shop without providers' keys invented ones, and ends the simulator with the rest."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from django.db import connection

from config import run
from tests import factories
from tests.providers.server import environment

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def port() -> int:
    """Free, as is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            found = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", found + 1))
            except (OSError, OverflowError):
                continue
            return found


@pytest.fixture
def shops_environment(monkeypatch) -> dict[str, str]:
    """What ``config.run`` finds and changes, instead of the tests' own."""
    found: dict[str, str] = {}
    monkeypatch.setattr(run, "os", SimpleNamespace(environ=found))
    return found


def test_a_shop_without_keys_is_given_the_simulators(shops_environment, port):
    assert run._simulate_providers(port) is True
    assert shops_environment == environment(f"http://127.0.0.1:{port + 1}")


@pytest.mark.parametrize(
    "own",
    [
        {"MIDTRANS_SERVER_KEY": "SB-Mid-server-own"},
        {"XENDIT_API_URL": "http://127.0.0.1:1"},
        {"PAYMENT_SANDBOX": "false"},
        {"LANGGANAN_ENV": "production"},
    ],
)
def test_a_shop_with_providers_of_its_own_or_in_production_is_not(shops_environment, port, own):
    shops_environment.update(own)
    assert run._simulate_providers(port) is False
    assert shops_environment == own


def test_a_port_that_is_taken_is_said_in_words_and_the_shop_goes_without(shops_environment, port, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        assert run._simulate_providers(port) is False
    assert f"Port {port + 1} is in use" in capsys.readouterr().err
    assert shops_environment == {}


@pytest.fixture
def shop(transactional_db, tmp_path, port) -> Iterator[subprocess.Popen]:
    """``make run``'s own process on a copy of the tests' database, in which a product says that the demo is loaded."""
    factories.product()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "langganan.sqlite3")])
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    own |= {"VAR_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static"), "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="make run uses SQLite, and here a copy of the tests' own")
@pytest.mark.fault
def test_the_simulator_starts_and_ends_with_the_shop(shop, port, tmp_path):
    said = []
    for line in shop.stdout:
        said.append(line)
        if "Ctrl-C ends it." in line:
            break
    assert f"Invented payments:  http://localhost:{port + 1}/\n" in said, "".join(said)
    simulator = f"http://127.0.0.1:{port + 1}"
    assert "tidak ada uang sungguhan" in requests.get(f"{simulator}/simulator/", timeout=5).text
    children = Path(f"/proc/{shop.pid}/task/{shop.pid}/children").read_text().split()
    for child in children:
        variables = dict(
            pair.split("=", 1) for pair in Path(f"/proc/{child}/environ").read_text().split("\0") if "=" in pair
        )
        assert {name: variables.get(name) for name in environment(simulator)} == environment(simulator)
    settings = environment(simulator)
    charge = {"transaction_details": {"order_id": "A", "gross_amount": 1000}, "payment_type": "echannel"}
    requests.post(
        settings["MIDTRANS_API_URL"] + "/v2/charge", json=charge, auth=(settings["MIDTRANS_SERVER_KEY"], ""), timeout=5
    )
    shop.send_signal(signal.SIGTERM)
    assert shop.wait(60) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(simulator, timeout=5)
    kept = json.loads((tmp_path / "providers.json").read_text())
    assert [transaction["order_id"] for transaction in kept["midtrans"]["transactions"]] == ["A"]
