"""The payment providers' keys and addresses from the environment: each provider is offered once its keys are there.

Half of a pair, a key of the wrong kind and, in production, an address that is not the provider's own stop the start.
"""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from config import env


@dataclass(frozen=True)
class Midtrans:
    """``api_url`` is the Core API's, ``snap_url`` the payment page's."""

    server_key: str
    api_url: str
    snap_url: str


@dataclass(frozen=True)
class Xendit:
    secret_key: str
    callback_token: str
    api_url: str


def midtrans(*, sandbox: bool, production: bool) -> Midtrans:
    """Raises ``ImproperlyConfigured``."""
    key = env.text("MIDTRANS_SERVER_KEY")
    if key.startswith("SB-") and not sandbox:
        raise _of_the_wrong_kind("MIDTRANS_SERVER_KEY", "is a key for tests", "true")
    at = "sandbox." if sandbox else ""
    return Midtrans(
        server_key=key,
        api_url=_address("MIDTRANS_API_URL", env.text("MIDTRANS_API_URL"), f"https://api.{at}midtrans.com", production),
        snap_url=_address(
            "MIDTRANS_SNAP_URL", env.text("MIDTRANS_SNAP_URL"), f"https://app.{at}midtrans.com", production
        ),
    )


def xendit(*, sandbox: bool, production: bool) -> Xendit:
    """Raises ``ImproperlyConfigured``."""
    key = env.text("XENDIT_SECRET_KEY")
    token = env.text("XENDIT_CALLBACK_TOKEN")
    if bool(key) != bool(token):
        raise ImproperlyConfigured(
            "Set both XENDIT_SECRET_KEY and XENDIT_CALLBACK_TOKEN: without the token nobody knows who calls the webhook."
        )
    if key.startswith("xnd_development_") and not sandbox:
        raise _of_the_wrong_kind("XENDIT_SECRET_KEY", "is a key for tests", "true")
    if key.startswith("xnd_production_") and sandbox:
        raise _of_the_wrong_kind("XENDIT_SECRET_KEY", "moves real money", "false")
    return Xendit(
        secret_key=key,
        callback_token=token,
        api_url=_address("XENDIT_API_URL", env.text("XENDIT_API_URL"), "https://api.xendit.co", production),
    )


def _of_the_wrong_kind(name: str, what: str, sandbox: str) -> ImproperlyConfigured:
    """With one system's key at the other every payment would fail, or invented money would be believed."""
    return ImproperlyConfigured(f"{name} {what}: set a key of the other kind, or PAYMENT_SANDBOX={sandbox}.")


def _address(name: str, given: str, own: str, production: bool) -> str:
    if given and production:
        raise ImproperlyConfigured(f"Remove {name}: a public shop speaks with the provider itself.")
    return (given or own).rstrip("/")
