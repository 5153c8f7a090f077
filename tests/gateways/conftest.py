"""The shop's side of fake providers: settings that lead there, attempts, and a wire whose exchanges are looked at."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from billing import gateways
from billing.gateways.wire import Exchange, Wire
from billing.models import Invoice, PaymentAttempt
from config.providers import Midtrans, Xendit
from tests.providers import Providers, running
from tests.providers.notices import Notify

BUYER = {"name": "Sari Dewi, S.Kom.", "email": "sari@example.com", "phone": "+62811", "nik": "317", "npwp": "0"}


@pytest.fixture
def keys(settings):
    """A shop with both providers' keys, whose addresses nobody answers at."""
    settings.MIDTRANS = Midtrans("SB-Mid-server-kunci", "https://api.sandbox.midtrans.com", "http://127.0.0.1:9")
    settings.XENDIT = Xendit("xnd_development_kunci", "token-rahasia", "https://api.xendit.co")
    settings.PAYMENT_SANDBOX = True
    return settings


@pytest.fixture
def notify() -> Notify:
    """How the fakes tell the shop; by itself they only believe that they did."""
    return lambda path, body, headers: 200


@pytest.fixture
def providers(settings, notify) -> Providers:
    """Fake providers that the shop's settings lead to."""
    with running(notify) as fakes:
        environment = fakes.environment()
        settings.MIDTRANS = Midtrans(
            *(environment[f"MIDTRANS_{name}"] for name in ("SERVER_KEY", "API_URL", "SNAP_URL"))
        )
        settings.XENDIT = Xendit(
            *(environment[f"XENDIT_{name}"] for name in ("SECRET_KEY", "CALLBACK_TOKEN", "API_URL"))
        )
        settings.PAYMENT_SANDBOX = True
        yield fakes


def make_attempt(gateway: str, channel: str = "", **fields: Any) -> PaymentAttempt:
    """An attempt in memory: no gateway needs more of it."""
    invoice = Invoice(number="INV-2026-000123", buyer=BUYER)
    defaults = {
        "gateway": gateway,
        "provider": gateways.named(gateway).provider,
        "channel": channel,
        "order_id": f"inv-1-{gateway.replace('_', '-')}",
        "amount": Decimal(24145),
        "currency": "IDR",
        "status": PaymentAttempt.Status.OPEN,
        "expires_at": timezone.now().replace(microsecond=0) + timedelta(hours=24),
    }
    return PaymentAttempt(invoice=invoice, **{**defaults, **fields})


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def wire(exchanges) -> Callable[..., Wire]:
    """A road to a provider; what goes over it stands in ``exchanges``."""

    def make(kind: str = "start", **fields: Any) -> Wire:
        return Wire(kind, exchanges.append, **fields)

    return make


@pytest.fixture
def begun(wire) -> Callable[..., PaymentAttempt]:
    """An attempt that its provider opened."""

    def begin(gateway: str, channel: str = "", **fields: Any) -> PaymentAttempt:
        attempt = make_attempt(gateway, channel, **fields)
        started = gateways.named(gateway).start(attempt, wire())
        attempt.provider_id, attempt.facts = started.provider_id, dict(started.facts)
        attempt.redirect_url, attempt.expires_at = started.redirect_url, started.expires_at
        return attempt

    return begin


def sent(exchange: Exchange) -> dict[str, Any]:
    return json.loads(exchange.sent)
