"""Ways of paying, each a file behind one small interface. ``PaymentMethod.gateway`` names the code of one."""

from billing.gateways.bank_transfer import BankTransfer
from billing.gateways.base import Gateway
from billing.models import PaymentMethod

registry: dict[str, Gateway] = {gateway.code: gateway for gateway in (BankTransfer(),)}


class UnknownGateway(LookupError):
    """A payment method names a gateway that this shop does not have."""


def for_method(method: PaymentMethod) -> Gateway:
    """The gateway behind a method. Raises ``UnknownGateway``."""
    try:
        return registry[method.gateway]
    except KeyError:
        raise UnknownGateway(method.gateway) from None


def choices() -> list[tuple[str, str]]:
    """For a form field: every gateway's code and name."""
    return [(gateway.code, str(gateway.name)) for gateway in registry.values()]


__all__ = ["Gateway", "UnknownGateway", "choices", "for_method", "registry"]
