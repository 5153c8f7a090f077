"""A running pair of fake providers, and a shop that keeps what it is told."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.providers import Providers, running
from tests.providers.transactions import SERVER_KEY
from tests.providers.xendit import SECRET_KEY


@dataclass
class Shop:
    """Answers every notification with ``answers_with``."""

    answers_with: int = 200
    told: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def notify(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        self.told.append((path, json.loads(body), headers))
        return self.answers_with

    def values(self, name: str) -> list[Any]:
        return [body.get(name) for _path, body, _headers in self.told]


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def providers(shop):
    with running(shop.notify) as providers:
        yield providers


@dataclass
class Caller:
    """Asks a provider as the shop does; returns the HTTP status and the body."""

    base: str
    key: str

    def __call__(self, method: str, path: str, data: object = None, **headers: str) -> tuple[int, Any]:
        answer = requests.request(
            method,
            f"{self.base}{path}",
            json=data,
            auth=(self.key, ""),
            headers=headers,
            timeout=5,
            allow_redirects=False,
        )
        return answer.status_code, answer.json()


@pytest.fixture
def core(providers: Providers) -> Caller:
    return Caller(providers.environment()["MIDTRANS_API_URL"], SERVER_KEY)


@pytest.fixture
def snap(providers: Providers) -> Caller:
    return Caller(providers.environment()["MIDTRANS_SNAP_URL"], SERVER_KEY)


@pytest.fixture
def xendit(providers: Providers) -> Caller:
    return Caller(providers.environment()["XENDIT_API_URL"], SECRET_KEY)


def order(order_id: str = "INV-1", amount: int = 24145, **more: Any) -> dict[str, Any]:
    return {"transaction_details": {"order_id": order_id, "gross_amount": amount}} | more


def account(order_id: str = "INV-1", bank: str = "bca", **more: Any) -> dict[str, Any]:
    """A charge by virtual account."""
    return order(order_id, payment_type="bank_transfer", bank_transfer={"bank": bank}, **more)


def fixed_account(**more: Any) -> dict[str, Any]:
    """A virtual account at Xendit that takes one payment of one amount."""
    return {
        "external_id": "INV-1",
        "bank_code": "BCA",
        "name": "Sari Dewi",
        "expected_amount": 24145,
        "is_closed": True,
        "is_single_use": True,
    } | more
