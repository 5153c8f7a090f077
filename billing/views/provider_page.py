"""The part of an invoice's page that is paid through a provider: the choice of a bank, the account or link to pay to."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing import attempts, gateways
from billing.attempts import Status, steps
from billing.gateways.base import Channel
from billing.models import Invoice, PaymentAttempt
from catalog.money import format_money


@dataclass(frozen=True)
class ProviderPage:
    """``attempt`` is the one to pay by now, ``last`` one that no longer can be; ``ways`` are the steps at the bank."""

    channels: Sequence[Channel]
    attempt: PaymentAttempt | None = None
    last: PaymentAttempt | None = None
    ways: Sequence[steps.Way] = ()
    sandbox: bool = False
    simulator_url: str = ""

    @property
    def bank(self) -> str:
        """The chosen bank's name; empty where there is nothing to choose."""
        chosen = self.attempt.channel if self.attempt else ""
        return next((one.name for one in self.channels if one.code == chosen), "")

    @property
    def other_channels(self) -> Sequence[Channel]:
        return [one for one in self.channels if not self.attempt or one.code != self.attempt.channel]

    @property
    def poll_seconds(self) -> int:
        """How often the page asks whether it changed; 0: not at all."""
        if self.attempt is None:
            return 0
        return 2 if self.attempt.status == Status.QUEUED else 5


def of_invoice(invoice: Invoice, gateway: gateways.Gateway, latest: PaymentAttempt | None) -> ProviderPage:
    """For an unpaid invoice whose method is a provider's; ``latest`` is its newest attempt by that method."""
    provider = gateways.providers[gateway.provider]
    if latest is None or not (latest.is_live and attempts.fits(latest, invoice)):
        return ProviderPage(gateway.channels, last=latest, sandbox=provider.is_sandbox())
    ways = []
    if latest.facts:
        ways = steps.of(latest.channel, latest.facts, format_money(latest.amount, latest.currency))
    return ProviderPage(
        gateway.channels,
        attempt=latest,
        ways=ways,
        sandbox=provider.is_sandbox(),
        simulator_url=provider.simulator_url(latest) if provider.is_sandbox() and latest.facts else "",
    )
