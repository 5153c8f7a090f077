"""The emails of services that are handed over: to who gives, and to who is asked."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import crypto, dates, outbox
from accounts.roles import Ability
from billing.emails.about import link, sample
from billing.models import ServiceTransfer
from catalog.cycles import PER
from catalog.money import format_money


def _last() -> dict | None:
    transfer = ServiceTransfer.objects.order_by("-pk").first()
    return {"transfer_id": transfer.pk, "secret": ""} if transfer else None


@outbox.email("billing/transfer_offer", secrets=["secret"], sample=_last)
def transfer_offer(*, transfer_id: int, secret: str, reveal: bool) -> outbox.Content:
    transfer = _transfer(transfer_id)
    address = crypto.decrypt(secret) if reveal and secret else outbox.MASK
    return _content(transfer, [*_facts(transfer), *_price(transfer)], address)


def _of_giver(event: str) -> None:
    """To the members of the customer that gives, who may see services."""

    @outbox.email(
        f"billing/transfer_{event}",
        sample=sample(ServiceTransfer.objects.all, transfer_id="pk"),
        ability=Ability.SEE_SERVICES,
    )
    def email(*, transfer_id: int, reveal: bool) -> outbox.Content:
        transfer = _transfer(transfer_id)
        return _content(transfer, _facts(transfer), link(transfer.service.get_absolute_url()))


for _event in ("started", "declined", "expired"):
    _of_giver(_event)


@outbox.email(
    "billing/transfer_given",
    sample=sample(lambda: ServiceTransfer.objects.filter(accepted_at__isnull=False), transfer_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def transfer_given(*, transfer_id: int, reveal: bool) -> outbox.Content:
    """The service's page is not the giver's any more."""
    transfer = _transfer(transfer_id)
    return _content(transfer, [(_("Penerima"), transfer.to_customer.name)], link(reverse("client-home")))


@outbox.email(
    "billing/transfer_taken",
    sample=sample(lambda: ServiceTransfer.objects.filter(accepted_at__isnull=False), transfer_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def transfer_taken(*, transfer_id: int, reveal: bool) -> outbox.Content:
    transfer = _transfer(transfer_id)
    content = _content(transfer, _price(transfer), link(transfer.service.get_absolute_url()))
    return outbox.Content({**content.context, "customer": transfer.to_customer})


@outbox.email("billing/transfer_withdrawn", sample=sample(ServiceTransfer.objects.all, transfer_id="pk"))
def transfer_withdrawn(*, transfer_id: int, reveal: bool) -> outbox.Content:
    transfer = _transfer(transfer_id)
    return _content(transfer, [(_("Dari"), transfer.from_customer.name)], link(reverse("client-home")))


def _transfer(transfer_id: int) -> ServiceTransfer:
    return ServiceTransfer.objects.select_related("service", "from_customer", "to_customer").get(pk=transfer_id)


def _facts(transfer: ServiceTransfer) -> list[tuple[str, str]]:
    return [
        (pgettext("satu layanan", "Layanan"), str(transfer.service)),
        (_("Dari"), transfer.from_customer.name),
        (_("Berlaku sampai"), dates.full_date(transfer.last_day)),
    ]


def _price(transfer: ServiceTransfer) -> list[tuple[str, str]]:
    service = transfer.service
    if not service.is_recurring:
        return []
    price = f"{format_money(service.recurring_net, service.currency)} {PER[service.cycle]}"
    return [(_("Harga perpanjangan"), price), (_("Jatuh tempo berikutnya"), dates.long_date(service.next_due))]


def _content(transfer: ServiceTransfer, facts: list[tuple[str, str]], address: str) -> outbox.Content:
    return outbox.Content(
        {
            "transfer": transfer,
            "service": transfer.service,
            "customer": transfer.from_customer,
            "giver": transfer.from_customer.name,
            "taker": transfer.to_customer.name if transfer.to_customer else transfer.email,
            "facts": facts,
            "link": address,
        }
    )
