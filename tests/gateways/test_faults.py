"""Providers that are slow, down, broken or talk nonsense: each gateway says that asking again may help, and keeps no key."""

import time

import pytest

from billing import gateways
from billing.gateways.base import State
from billing.gateways.wire import Unreachable
from tests.gateways.conftest import make_attempt

GATEWAYS = [("midtrans_va", "bca"), ("midtrans_snap", ""), ("xendit_va", "bca"), ("xendit_invoice", "")]
each_gateway = pytest.mark.parametrize(("code", "channel"), GATEWAYS)


def fake(providers, code):
    return getattr(providers, gateways.named(code).provider)


@each_gateway
def test_a_provider_that_is_down_is_asked_again_later(providers, wire, exchanges, code, channel):
    attempt, gateway = make_attempt(code, channel), gateways.named(code)
    fake(providers, code).switches.turn(down=True)
    for ask in (gateway.start, gateway.status, gateway.expire):
        with pytest.raises(Unreachable):
            ask(attempt, wire())
    assert {exchange.status for exchange in exchanges} == {None}
    fake(providers, code).switches.reset()
    gateway.start(attempt, wire())


@each_gateway
def test_a_provider_that_is_slow_does_not_hold_a_worker(providers, begun, wire, code, channel):
    attempt = begun(code, channel)
    fake(providers, code).switches.turn(slow=5)
    begin = time.monotonic()
    with pytest.raises(Unreachable):
        gateways.named(code).expire(attempt, wire("expire", read_seconds=0.2))
    assert time.monotonic() - begin < 5


@each_gateway
@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_failure_at_the_provider_passes(providers, wire, code, channel, status):
    attempt, gateway = make_attempt(code, channel), gateways.named(code)
    # Enough for the tries of a question, which are repeated by themselves.
    fake(providers, code).switches.turn(refuse=3, refuse_with=status)
    with pytest.raises(Unreachable) as failure:
        gateway.start(attempt, wire())
    assert str(failure.value) == f"HTTP {status}"
    fake(providers, code).switches.reset()
    gateway.start(attempt, wire())


@each_gateway
def test_one_passing_failure_does_not_disturb_a_question(providers, begun, wire, code, channel):
    attempt = begun(code, channel)
    fake(providers, code).switches.turn(refuse=1, refuse_with=503)
    assert gateways.named(code).status(attempt, wire("status")).state == State.PENDING


@each_gateway
def test_an_answer_that_is_no_document_is_none(providers, begun, wire, code, channel):
    attempt = begun(code, channel)
    fake(providers, code).switches.turn(refuse=1, refuse_with=200)
    with pytest.raises(Unreachable) as failure:
        gateways.named(code).status(attempt, wire("status"))
    assert str(failure.value) == "HTTP 200, no JSON"


@each_gateway
def test_no_key_stands_in_what_is_kept(providers, begun, wire, exchanges, settings, code, channel):
    attempt, gateway = begun(code, channel), gateways.named(code)
    gateway.status(attempt, wire("status"))
    gateway.expire(attempt, wire("expire"))
    assert len(exchanges) >= 3
    kept = repr(exchanges)
    for key in (settings.MIDTRANS.server_key, settings.XENDIT.secret_key, settings.XENDIT.callback_token):
        assert key not in kept
    assert {exchange.kind for exchange in exchanges} == {"start", "status", "expire"}
