"""From a priced order to its services: one per product ordered, with its add-ons and domain as children (P5, P6, P7)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import crypto
from accounts.texts import Text
from billing.models import Order, Service, ServiceComponent
from catalog import pricing
from catalog.models import Product
from catalog.money import ZERO
from catalog.offers import ProductOffer
from catalog.selection import Selection


@dataclass(frozen=True)
class Share:
    """One service's part of a priced line: the line's own, or an equal one where N separate services were ordered."""

    line: pricing.Line
    quantity: int
    amount: Decimal
    discount: Decimal
    recurring_amount: Decimal
    recurring_discount: Decimal


@dataclass
class ServicesOfOrder:
    """The services made, and which share of which line belongs to which of them, in the quote's order."""

    parents: list[Service] = field(default_factory=list)
    children: list[Service] = field(default_factory=list)
    shares: list[tuple[Service, Share]] = field(default_factory=list)

    @property
    def everything(self) -> list[Service]:
        return [*self.parents, *self.children]


def make_services(order: Order, priced: pricing.Quote) -> ServicesOfOrder:
    """Insert the pending services with what their renewals cost, net (P7).

    Raises ``ConfigurationError`` where a subdomain was taken meanwhile.
    """
    made = ServicesOfOrder()
    for one in priced.items:
        for shares in _copies(one):
            _add(made, one, shares)
    for service in made.everything:
        service.order, service.customer, service.currency = order, order.customer, order.currency
        if priced.promotion is not None and service.recurring_discount:
            service.promotion_id = priced.promotion.id
            service.discounted_renewals_left = priced.promotion.renewals
    try:
        with transaction.atomic():
            Service.objects.bulk_create(made.parents)
    except IntegrityError:
        _refuse_taken_subdomain(priced)
        raise
    Service.objects.bulk_create(made.children)
    ServiceComponent.objects.bulk_create(_components(made))
    return made


def _copies(one: pricing.ItemQuote) -> Iterator[list[Share]]:
    """The item's shares, once for each service that it becomes."""
    separate = one.item.offer.quantity_mode == Product.Quantity.SEPARATE
    count = one.item.selection.quantity if separate else 1
    split = [(line, line.shares(count)) for line in one.lines]
    for copy in range(count):
        yield [Share(line, line.quantity // count, *shares[copy]) for line, shares in split]


def _add(made: ServicesOfOrder, one: pricing.ItemQuote, shares: list[Share]) -> None:
    """One service of the item, its children, and whose each share is."""
    owners: dict[str, Service] = {}
    for share in shares:
        if share.line.kind in _MAKERS:
            owners[share.line.key] = _MAKERS[share.line.kind](one, share.line)
    parent = owners["product"]
    made.parents.append(parent)
    for service in owners.values():
        if service is not parent:
            service.parent = parent
            made.children.append(service)
    for share in shares:
        service = owners.get(share.line.belongs_to, parent)
        service.recurring_net += share.recurring_amount
        service.recurring_discount += share.recurring_discount
        made.shares.append((service, share))


def _product(one: pricing.ItemQuote, line: pricing.Line) -> Service:
    offer, selection = one.item.offer, one.item.selection
    multiple = offer.quantity_mode == Product.Quantity.MULTIPLE
    service = Service(
        kind=Service.Kind.PRODUCT,
        product_id=offer.id,
        configuration=snapshot(one.item),
        selection=kept_selection(offer, selection),
        activation=offer.activation,
        quantity=selection.quantity if multiple else 1,
        **facts(line, offer.name),
    )
    if offer.stock_left is not None:
        service.stock_held = service.quantity
    if selection.domain:
        service.domain, service.domain_way = selection.domain.name, selection.domain.way
    return service


def _addon(one: pricing.ItemQuote, line: pricing.Line) -> Service:
    return addon_service(one.item.offer, line)


def addon_service(offer: ProductOffer, line: pricing.Line) -> Service:
    """An unsaved service of the add-on that the line is for."""
    addon = offer.addon(line.key.removeprefix("addon:"))
    return Service(kind=Service.Kind.ADDON, addon_id=addon.id, activation=addon.activation, **facts(line, addon.name))


def _domain(one: pricing.ItemQuote, line: pricing.Line) -> Service:
    """Registered or transferred by staff, so activated by staff."""
    domain = one.item.selection.domain
    return Service(
        kind=Service.Kind.DOMAIN,
        domain=domain.name,
        domain_way=domain.way,
        epp_code_encrypted=crypto.encrypt(domain.epp_code),
        activation=Product.Activation.BY_STAFF,
        **facts(line, Text("Domain", "Domain")),
    )


_MAKERS = {"product": _product, "addon": _addon, "domain": _domain}


def facts(line: pricing.Line, name: Text) -> dict[str, object]:
    """A service's columns of the line that it is sold by; its price is summed up from all of its lines."""
    """What the service takes over from its line; what recurs is due on the day after the first period (S2, S9)."""
    return {
        "anchor_day": line.period and line.period.anchor_day,
        "next_due": line.period and line.period.next_due,
        "renews_from": line.period and line.period.next_due,
        "name_id": name.id,
        "name_en": name.en,
        "cycle": line.cycle,
        "taxable": line.taxable,
        "pph23": line.pph23,
        "recurring_net": ZERO,
        "recurring_discount": ZERO,
    }


def snapshot(item: pricing.Item) -> list[dict[str, str]]:
    return [
        {
            "key": one.key,
            "name_id": one.name.id,
            "name_en": one.name.en,
            "value_id": one.value.id,
            "value_en": one.value.en,
        }
        for one in pricing.describe(item)
    ]


def kept_selection(offer: ProductOffer, selection: Selection) -> dict:
    """What was chosen for one service, as it is kept: of N separate ones each is one, and no secret is kept twice."""
    if offer.quantity_mode != Product.Quantity.MULTIPLE:
        selection = replace(selection, quantity=1)
    if selection.domain:
        selection = replace(selection, domain=replace(selection.domain, epp_code=""))
    return selection.to_json()


def _components(made: ServicesOfOrder) -> Iterator[ServiceComponent]:
    for service, share in made.shares:
        if share.line.recurring and share.line.kind != "setup":
            yield component(service, share)


def component(service: Service, share: Share) -> ServiceComponent:
    """The unsaved part of the service's renewal price that a recurring line is for."""
    return ServiceComponent(
        service=service,
        kind=share.line.kind,
        key=share.line.key,
        description_id=_described(share.line.label.id, share.line.detail.id),
        description_en=_described(share.line.label.en, share.line.detail.en),
        currency=service.currency,
        quantity=share.quantity,
        unit_price=_unit_price(share),
        amount=share.recurring_amount,
    )


def _described(label: str, detail: str) -> str:
    return f"{label}: {detail}"[:250] if label and detail else label[:250]


def _unit_price(share: Share) -> Decimal:
    """A domain renews at a price of its own; anything else at what it was sold for."""
    return share.recurring_amount if share.line.kind == "domain" else share.line.unit_price


def _refuse_taken_subdomain(priced: pricing.Quote) -> None:
    """Raises ``ConfigurationError`` for the item whose subdomain somebody has, or an earlier item of this order."""
    living = (Service.Status.PENDING, Service.Status.ACTIVE, Service.Status.SUSPENDED)
    taken = set(
        Service.objects.filter(domain_way="subdomain", kind=Service.Kind.PRODUCT, status__in=living)
        .filter(domain__in=[_subdomain(one) for one in priced.items])
        .values_list("domain", flat=True)
    )
    for index, one in enumerate(priced.items):
        name = _subdomain(one)
        if name and name in taken:
            raise pricing.ConfigurationError(
                {"domain": _("Nama ini sudah dipakai orang lain. Pilih nama lain.")}, index
            )
        taken.add(name)


def _subdomain(one: pricing.ItemQuote) -> str:
    domain = one.item.selection.domain
    return domain.name if domain and domain.way == "subdomain" else ""
