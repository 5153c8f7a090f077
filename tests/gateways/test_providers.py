"""When a provider is offered, and where an invented payment of its sandbox is made."""

import pytest

from billing import gateways
from billing.gateways.base import BadSignature
from config.providers import Midtrans, Xendit
from tests.gateways.conftest import make_attempt

MIDTRANS, XENDIT = gateways.providers["midtrans"], gateways.providers["xendit"]
HOSTS = ("https://api.sandbox.midtrans.com", "https://app.sandbox.midtrans.com")


def test_every_gateway_of_a_provider_belongs_to_one_that_is_known():
    owners = {code: gateway.provider for code, gateway in gateways.registry.items() if gateway.provider}
    assert set(owners.values()) <= set(gateways.providers)
    assert owners == {code: code.split("_")[0] for code in owners}


def test_a_provider_is_open_with_its_keys_alone(settings, keys):
    assert (gateways.is_open("midtrans"), gateways.is_open("xendit")) == (True, True)
    settings.MIDTRANS = Midtrans("", *HOSTS)
    settings.XENDIT = Xendit("xnd_development_kunci", "", "https://api.xendit.co")
    assert (gateways.is_open("midtrans"), gateways.is_open("xendit")) == (False, False)
    with pytest.raises(BadSignature):
        XENDIT.read_webhook(b"{}", {"x-callback-token": ""})


def test_the_settings_that_switch_a_provider_on_are_named():
    assert list(MIDTRANS.settings_wanted()) == ["MIDTRANS_SERVER_KEY"]
    assert list(XENDIT.settings_wanted()) == ["XENDIT_SECRET_KEY", "XENDIT_CALLBACK_TOKEN"]


@pytest.mark.parametrize("sandbox", [True, False])
def test_the_sandbox_is_the_settings_word(settings, sandbox):
    settings.PAYMENT_SANDBOX = sandbox
    assert (MIDTRANS.is_sandbox(), XENDIT.is_sandbox()) == (sandbox, sandbox)


@pytest.mark.parametrize(
    ("bank", "path"),
    [
        ("bca", "/bca/va/index"),
        ("bni", "/bni/va/index"),
        ("bri", "/openapi/va/index?bank=bri"),
        ("permata", "/openapi/va/index?bank=permata"),
        ("mandiri", "/openapi/va/index?bank=mandiri"),
    ],
)
def test_midtrans_own_simulator_is_another_for_each_bank(keys, bank, path):
    attempt = make_attempt("midtrans_va", bank, facts={"number": "91019021579"})
    assert MIDTRANS.simulator_url(attempt) == f"https://simulator.sandbox.midtrans.com{path}"


def test_xendits_own_sandbox_has_no_page_to_pay_on(keys):
    assert XENDIT.simulator_url(make_attempt("xendit_va", "bca", facts={"number": "10766999"})) == ""


@pytest.mark.parametrize("provider", ["midtrans", "xendit"])
def test_the_fakes_simulator_is_asked_for_the_number(providers, begun, provider):
    attempt = begun(f"{provider}_va", "bca")
    url = gateways.providers[provider].simulator_url(attempt)
    assert url == f"{providers.address}/simulator/{attempt.facts['number']}"


@pytest.mark.parametrize("code", ["midtrans_snap", "xendit_invoice", "midtrans_va", "xendit_va"])
def test_without_a_number_or_outside_of_the_sandbox_there_is_no_simulator(keys, settings, code):
    provider = gateways.providers[gateways.named(code).provider]
    assert provider.simulator_url(make_attempt(code)) == ""
    settings.PAYMENT_SANDBOX = False
    settings.MIDTRANS = Midtrans("Mid-server-kunci", "https://api.midtrans.com", "https://app.midtrans.com")
    assert provider.simulator_url(make_attempt(code, "bca", facts={"number": "91019021579"})) == ""
