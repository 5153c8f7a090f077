"""Placing an order: one transaction that prices again, reserves, and leaves an order, its services and its invoice (O1)."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Shop, User
from billing import (
    attempts,
    gateways,
    instalments,
    invoicing,
    lifecycle,
    notices,
    payments,
    provisioning,
    signals,
    transitions,
)
from billing.models import Invoice, Order, PaymentMethod, PromotionRedemption, Service, TermsVersion
from catalog import offers, pricing, promotions
from catalog.models import Product, Promotion, TaxRule
from catalog.money import DEFAULT_CURRENCY
from catalog.promotions import BuyerFacts, PromotionRefused
from catalog.selection import Selection

# A product and how it was configured: what a cart keeps.
Choice = tuple[int, Selection]


class OrderRefused(Exception):
    """Nothing was ordered; the words say why."""


class PriceChanged(OrderRefused):
    """The price is no longer the one that the buyer saw: show ``quote`` and ask again."""

    def __init__(self, quote: pricing.Quote) -> None:
        self.quote = quote
        super().__init__(_("Harga berubah sejak Anda melihatnya. Periksa totalnya, lalu pesan lagi."))


class OutOfStock(OrderRefused):
    def __init__(self, product: offers.ProductOffer) -> None:
        self.product = product
        super().__init__(_("%(product)s sudah habis.") % {"product": product.name})


class NotForSale(OrderRefused):
    """A product was retired or deleted since it was put into the cart."""

    def __init__(self) -> None:
        super().__init__(_("Salah satu produk di keranjang tidak dijual lagi. Hapus, lalu coba lagi."))


class MethodUnavailable(OrderRefused):
    def __init__(self) -> None:
        super().__init__(_("Metode pembayaran ini tidak tersedia lagi. Pilih yang lain."))


class PlanRefused(OrderRefused):
    """The order cannot be paid in these parts."""


class CheckoutKeyTaken(OrderRefused):
    """Another customer's order has this checkout key: it was not drawn by this shop."""

    def __init__(self) -> None:
        super().__init__(_("Halaman ini sudah tidak berlaku. Muat ulang keranjang, lalu coba lagi."))


ENDED = (Order.Status.CANCELLED, Order.Status.FRAUD)


def buyer_facts(customer: Customer | None, *, without: Order | None = None) -> BuyerFacts:
    """What promotions ask of a buyer; ``without`` leaves out the order that is being placed."""
    if customer is None:
        return BuyerFacts()
    orders = customer.orders.exclude(status__in=ENDED)
    if without is not None:
        orders = orders.exclude(pk=without.pk)
    used = customer.redemptions.exclude(status=PromotionRedemption.Status.RELEASED)
    active = customer.services.filter(status=Service.Status.ACTIVE, product__isnull=False)
    return BuyerFacts(
        customer_id=customer.pk,
        orders=orders.count(),
        used_promotion_ids=frozenset(used.values_list("promotion_id", flat=True)),
        active_product_ids=frozenset(active.values_list("product_id", flat=True)),
    )


def find(checkout_key: uuid.UUID) -> Order | None:
    """The order that a checkout form has already made (O2)."""
    return Order.objects.filter(checkout_key=checkout_key).select_related("invoice", "customer").first()


@transaction.atomic
def place_order(
    *,
    actor: User | None,
    customer: Customer,
    items: Sequence[Choice],
    promotion_code: str = "",
    payment_method: PaymentMethod,
    terms: TermsVersion | None,
    ip_address: str | None,
    notes: str = "",
    po_number: str = "",
    checkout_key: uuid.UUID,
    language: str = "id",
    expected_total: Decimal | None,
    offered: Mapping[int, offers.ProductOffer] | None = None,
    plan: instalments.Plan = (),
) -> Order:
    """Order the items; ``order.invoice`` is the invoice. The same ``checkout_key`` again returns the first order (O2).

    With a ``plan`` it is paid in parts: ``order.invoice`` is the first, ``order.instalments`` are the later ones.

    Prices are computed from the catalog as it is now, or from what was ``offered`` by product id; where the total is not
    ``expected_total`` (``None``: staff, who sees it afterwards) the buyer has to look again. Raises ``OrderRefused``,
    ``catalog.pricing.ConfigurationError``, ``catalog.promotions.PromotionRefused``; then nothing was ordered, reserved or
    sent.
    """
    order, made = _insert(
        checkout_key,
        customer=customer,
        placed_by=actor,
        currency=DEFAULT_CURRENCY,
        payment_method=payment_method,
        terms=terms,
        terms_accepted_at=terms and timezone.now(),
        ip_address=ip_address,
        notes=notes,
        po_number=po_number,
        language=language,
    )
    if not made:
        return order
    problem = instalments.problem_with(plan)
    if problem:
        raise PlanRefused(problem)
    if not gateways.is_offered(payment_method):
        raise MethodUnavailable
    priced = _price(order, items, promotion_code, offered)
    if expected_total is not None and priced.total != expected_total:
        raise PriceChanged(priced)
    _fulfil(order, priced, actor, plan)
    return order


def _insert(checkout_key: uuid.UUID, *, customer: Customer, **fields) -> tuple[Order, bool]:
    """The first statement that writes: a repeat waits here for the first to end, and gets its order."""
    try:
        with transaction.atomic():
            return Order.objects.create(checkout_key=checkout_key, customer=customer, **fields), True
    except IntegrityError:
        order = find(checkout_key)
    if order is None or order.customer_id != customer.pk:
        raise CheckoutKeyTaken from None
    return order, False


def _price(
    order: Order, items: Sequence[Choice], code: str, offered: Mapping[int, offers.ProductOffer] | None
) -> pricing.Quote:
    product_ids = {product_id for product_id, _selection in items}
    if offered is None:
        offered = offers.load(product_ids, order.currency)
        retired = {product_id for product_id, offer in offered.items() if offer.retired}
    else:
        offered, retired = _still_there(offered, product_ids), set()
    if not items or not product_ids <= offered.keys() - retired:
        raise NotForSale
    return _quote_items(order, [pricing.Item(offered[product_id], chosen) for product_id, chosen in items], code)


def _still_there(
    offered: Mapping[int, offers.ProductOffer], product_ids: Collection[int]
) -> dict[int, offers.ProductOffer]:
    """Prices that were promised, for products as they are: what is left of them, and none that was deleted."""
    products = Product.objects.in_bulk(product_ids)
    return {
        product_id: replace(offer, stock_left=products[product_id].stock_left)
        for product_id, offer in offered.items()
        if product_id in products
    }


def _quote_items(order: Order, chosen: Sequence[pricing.Item], code: str) -> pricing.Quote:
    terms = None
    if code:
        facts = buyer_facts(order.customer, without=order)
        promotion = promotions.check(code, items=chosen, buyer=facts, now=timezone.now())
        terms = pricing.PromotionTerms.of(promotion)
    return _quote(order, chosen, terms)


def quote(
    *, customer: Customer, items: Sequence[pricing.Item], promotion_code: str = "", currency: str = DEFAULT_CURRENCY
) -> pricing.Quote:
    """What ordering the items would cost the customer today. Raises ``ConfigurationError`` and ``PromotionRefused``."""
    return _quote_items(Order(customer=customer, currency=currency), items, promotion_code)


def _quote(order: Order, items: Sequence[pricing.Item], terms: pricing.PromotionTerms | None) -> pricing.Quote:
    today = timezone.localdate()
    rule = TaxRule.objects.in_force(today, order.customer.country)
    return pricing.quote(
        items,
        on=today,
        promotion=terms,
        tax=rule and pricing.TaxTerms.of(rule),
        tax_inclusive=Shop.current().prices_include_tax,
        currency=order.currency,
    )


def _fulfil(order: Order, priced: pricing.Quote, actor: User | None, plan: instalments.Plan) -> None:
    """Write everything the order leads to. What others wait for (promotion, stock, number) is taken last."""
    today = timezone.localdate()
    transitions.began(order, actor=actor)
    services = provisioning.make_services(order, priced)
    invoice, *later = _draft(order, priced, services, today, plan)
    transitions.began(*services.everything, actor=actor)
    transitions.began(invoice, *later, actor=actor)
    lifecycle.start_ordered(order=order, actor=actor)
    # Rendered after the commit: for an order that costs nothing it does not ask to pay (I5).
    notices.order_received(order, invoice)
    signals.order_placed.send(sender=Order, order=order)
    _take_promotion(order, priced)
    _take_stock(priced)
    for one in (invoice, *later):
        invoicing.issue(invoice=one, actor=actor, on=today)
    if not invoice.total:
        payments.close_paid(invoice=invoice, actor=actor)
    attempts.begin_with_order(invoice, actor)


def _draft(
    order: Order,
    priced: pricing.Quote,
    services: provisioning.ServicesOfOrder,
    today: date,
    plan: instalments.Plan,
) -> list[Invoice]:
    try:
        return invoicing.drafts_of_order(order, priced, services, today, plan)
    except instalments.TooLittle:
        raise PlanRefused(_("Pesanan ini terlalu kecil untuk dibayar dalam beberapa termin.")) from None


def _take_promotion(order: Order, priced: pricing.Quote) -> None:
    """Count the promotion up with its row held, every condition asked once more (D4). A code that takes off nothing is
    not used up."""
    if priced.promotion is None or priced.promotion_discounts_nothing:
        return
    row = Promotion.objects.filter(pk=priced.promotion.id)
    row.update(uses=models.F("uses"))
    items = [one.item for one in priced.items]
    promotion = promotions.check(
        priced.promotion.code,
        items=items,
        buyer=buyer_facts(order.customer, without=order),
        now=timezone.now(),
    )
    terms = pricing.PromotionTerms.of(promotion)
    if terms != priced.promotion:
        raise PriceChanged(_quote(order, items, terms))
    row.update(uses=models.F("uses") + 1)
    PromotionRedemption.objects.create(
        promotion=promotion,
        order=order,
        customer=order.customer,
        once_per_customer=promotion.once_per_customer,
    )


def _take_stock(priced: pricing.Quote) -> None:
    """Reserve by an update that only succeeds while there is enough (P8); products in one order for all."""
    wanted: Counter[int] = Counter()
    limited: Mapping[int, offers.ProductOffer] = {
        one.item.offer.id: one.item.offer for one in priced.items if one.item.offer.stock_left is not None
    }
    for one in priced.items:
        if one.item.offer.id in limited:
            wanted[one.item.offer.id] += one.item.selection.quantity
    for product_id, count in sorted(wanted.items()):
        taken = models.F("stock_taken") + count
        enough = Product.objects.filter(pk=product_id, stock__gte=taken)
        if not enough.update(stock_taken=taken):
            raise OutOfStock(limited[product_id])


__all__ = [
    "CheckoutKeyTaken",
    "Choice",
    "MethodUnavailable",
    "NotForSale",
    "OrderRefused",
    "OutOfStock",
    "PlanRefused",
    "PriceChanged",
    "PromotionRefused",
    "buyer_facts",
    "find",
    "place_order",
    "quote",
]
