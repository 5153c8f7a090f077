"""Ways of paying, each a file behind one small interface. ``PaymentMethod.gateway`` names the code of one."""

from billing.gateways.bank_transfer import BankTransfer
from billing.gateways.base import Gateway, Provider
from billing.gateways.midtrans import Midtrans
from billing.gateways.midtrans_snap import MidtransSnap
from billing.gateways.midtrans_va import MidtransVirtualAccount
from billing.gateways.qris import Qris
from billing.gateways.xendit import Xendit
from billing.gateways.xendit_invoice import XenditInvoice
from billing.gateways.xendit_va import XenditVirtualAccount
from billing.models import PaymentMethod

_GATEWAYS = (
    BankTransfer(),
    Qris(),
    MidtransVirtualAccount(),
    MidtransSnap(),
    XenditVirtualAccount(),
    XenditInvoice(),
)
registry: dict[str, Gateway] = {gateway.code: gateway for gateway in _GATEWAYS}
providers: dict[str, Provider] = {provider.code: provider for provider in (Midtrans(), Xendit())}


class UnknownGateway(LookupError):
    """A payment method names a gateway that this shop does not have."""


def named(code: str) -> Gateway:
    """The gateway of a code. Raises ``UnknownGateway``."""
    try:
        return registry[code]
    except KeyError:
        raise UnknownGateway(code) from None


def for_method(method: PaymentMethod) -> Gateway:
    """The gateway behind a method. Raises ``UnknownGateway``."""
    return named(method.gateway)


def is_offered(method: PaymentMethod) -> bool:
    """Whether customers may choose it: it is switched on, the shop has its provider's keys, and there is where to pay."""
    gateway = registry.get(method.gateway)
    if not method.active or gateway is None or not gateway.is_ready(method):
        return False
    return not gateway.provider or is_open(gateway.provider)


def is_open(provider: str) -> bool:
    """Whether the shop has the provider's keys."""
    return provider in providers and providers[provider].is_configured()


def choices() -> list[tuple[str, str]]:
    """For a form field: every gateway's code and name."""
    return [(gateway.code, str(gateway.name)) for gateway in registry.values()]


__all__ = [
    "Gateway",
    "Provider",
    "UnknownGateway",
    "choices",
    "for_method",
    "is_offered",
    "is_open",
    "named",
    "providers",
    "registry",
]
