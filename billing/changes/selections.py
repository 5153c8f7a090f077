"""How a running service is configured: where a change begins, and what a change can choose from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from billing.models import Service
from catalog import offers, pricing
from catalog.cycles import Cycle
from catalog.models import Option, Product
from catalog.offers import OptionOffer, ProductOffer
from catalog.selection import DomainSelection, Selection

ENDED = (Service.Status.TERMINATED, Service.Status.CANCELLED)


@dataclass(frozen=True)
class Family:
    """A product's service with its add-ons that have not ended; a domain has a life of its own and no part in changes."""

    service: Service
    addons: tuple[Service, ...]

    @classmethod
    def of(cls, service: Service) -> "Family":
        children = service.children.filter(kind=Service.Kind.ADDON).exclude(status__in=ENDED)
        return cls(service, tuple(children.select_related("addon").order_by("pk")))

    @property
    def ids(self) -> list[int]:
        return [self.service.pk, *(addon.pk for addon in self.addons)]

    def addon(self, key: str) -> Service | None:
        return next((one for one in self.addons if one.addon and one.addon.key == key), None)


def adapted(offer: ProductOffer) -> ProductOffer:
    """The offer as a change can choose from it: renewing cycles only, no domain, and no more separate services."""
    multiple = offer.quantity_mode == Product.Quantity.MULTIPLE
    return replace(
        offer,
        prices={cycle: tag for cycle, tag in offer.prices.items() if cycle != Cycle.ONE_TIME},
        quantity_mode=Product.Quantity.MULTIPLE if multiple else Product.Quantity.NONE,
        domain_ways=(),
        extensions=(),
    )


def targets(service: Service) -> list[ProductOffer]:
    """What the service's product can be changed to: itself, where it can be configured at all, and what staff allows.

    Adapted offers as the pages show them, the service's own first; retired products and those without a price in the
    service's currency are none, nor those that need a domain where there is none.
    """
    if service.product_id is None:
        return []
    allowed = Product.changes_to.through.objects.filter(from_product=service.product_id)
    ids = [service.product_id, *allowed.order_by("to_product__sort", "to_product").values_list("to_product", flat=True)]
    found = offers.cached(ids, service.currency)
    return [
        adapted(offer)
        for pk in dict.fromkeys(ids)
        if (offer := found.get(pk)) and _fits(offer, service) and (pk != service.product_id or _has_choices(offer))
    ]


def _fits(offer: ProductOffer, service: Service) -> bool:
    renews = any(cycle != Cycle.ONE_TIME for cycle in offer.prices)
    return renews and not offer.retired and (bool(service.domain) or not offer.requires_domain)


def _has_choices(offer: ProductOffer) -> bool:
    cycles = [cycle for cycle in offer.prices if cycle != Cycle.ONE_TIME]
    multiple = offer.quantity_mode == Product.Quantity.MULTIPLE
    return multiple or len(cycles) > 1 or bool(offer.options) or bool(offer.addons)


def of_service(family: Family, offer: ProductOffer) -> Selection:
    """The service's configuration, by the ``offer`` of its product; add-ons and quantity as they really are by now."""
    service = family.service
    options = dict(service.selection["options"]) if service.selection else dict(_recalled(service, offer.options))
    return Selection(
        cycle=service.cycle,
        quantity=service.quantity,
        options=options,
        addons=frozenset(one.addon.key for one in family.addons if one.addon),
        domain=DomainSelection(service.domain_way, service.domain) if service.domain_way else None,
    )


def _recalled(service: Service, options: Iterable[OptionOffer]) -> Iterable[tuple[str, str | int | bool]]:
    """What the words of the configuration say: services sold before selections were kept have nothing else."""
    words = {entry["key"]: entry["value_id"] for entry in service.configuration}
    for option in options:
        if option.key not in words:
            continue
        said = words[option.key]
        if option.kind == Option.Kind.YES_NO:
            yield option.key, True
        elif option.kind == Option.Kind.TEXT:
            yield option.key, said
        elif option.kind == Option.Kind.QUANTITY and (number := re.match(r"\d+", said)):
            yield option.key, int(number[0])
        elif option.kind == Option.Kind.CHOICE:
            yield from ((option.key, choice.key) for choice in option.choices if choice.name.id == said)


def carried_over(selection: Selection, offer: ProductOffer) -> Selection:
    """As much of a configuration as another product's offer has room for; the rest is as on a fresh page."""
    cycle = selection.cycle if selection.cycle in offer.prices else offer.cycles[0]
    known: Mapping[str, OptionOffer] = {option.key: option for option in offer.options}
    kept = {key: value for key, value in selection.options.items() if key in known}
    addons = frozenset(one.key for one in offer.addons if one.key in selection.addons and one.cycle_for(cycle))
    wanted = replace(selection, cycle=cycle, options=kept, addons=addons, domain=None)
    problems = pricing.preview(pricing.Item(offer, wanted)).problems
    fitting = {key: value for key, value in kept.items() if f"option:{key}" not in problems}
    single = offer.quantity_mode != Product.Quantity.MULTIPLE
    return replace(wanted, options=fitting, quantity=1 if single else selection.quantity)
