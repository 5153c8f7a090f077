"""V3, V6, V8: everything once, promotions and stock counted, every paid line's service started once."""

from collections.abc import Iterator

from django.db import models

from billing.ledger.breach import Breach, breaches, count_for_each, sum_for_each
from billing.models import (
    Invoice,
    InvoiceLine,
    Order,
    PromotionRedemption,
    Retention,
    Service,
    ServiceChange,
    ServiceEvent,
)
from catalog.models import Product, Promotion

HELD = (PromotionRedemption.Status.RESERVED, PromotionRedemption.Status.COMMITTED)
REDEMPTION_OF = {
    Order.Status.PENDING: PromotionRedemption.Status.RESERVED,
    Order.Status.ACTIVE: PromotionRedemption.Status.COMMITTED,
    Order.Status.CANCELLED: PromotionRedemption.Status.RELEASED,
    Order.Status.FRAUD: PromotionRedemption.Status.RELEASED,
}


def everything_is_there_once() -> Iterator[Breach]:
    """V3: one order per checkout key; one first invoice per order; one renewal line per service and period."""
    twins = Order.objects.values("checkout_key").annotate(count=models.Count("pk")).filter(count__gt=1).order_by()
    for group in twins.iterator():
        yield Breach("V3", f"checkout key {group['checkout_key']}", f"has {group['count']} orders")
    orders = Order.objects.annotate(invoices=count_for_each(Invoice.objects.all(), "order"))
    yield from breaches("V3", "order", orders.exclude(invoices=1), "has {row.invoices} first invoices")
    in_parts = Order.objects.filter(invoice__instalment_count__gt=0).annotate(
        later=count_for_each(Invoice.objects.all(), "instalment_of"), count=models.F("invoice__instalment_count")
    )
    yield from breaches(
        "V3",
        "order",
        in_parts.exclude(later=models.F("count") - 1),
        "has {row.later} later parts of {row.count} in all",
    )
    renewals = (
        InvoiceLine.objects.filter(kind="renewal", replaced=False, service__isnull=False)
        .values("service", "period_start")
        .annotate(count=models.Count("pk"))
        .filter(count__gt=1)
        .order_by()
    )
    for group in renewals.iterator():
        row = f"service {group['service']} from {group['period_start']}"
        yield Breach("V3", row, f"is renewed by {group['count']} lines")


def promotions_and_stock_are_counted() -> Iterator[Breach]:
    """V6: uses = orders carrying the promotion and services that stayed for it ≤ its limit; stock = initial − taken ≥ 0."""
    promotions = Promotion.objects.annotate(
        held=count_for_each(PromotionRedemption.objects.filter(status__in=HELD), "promotion")
        + count_for_each(Retention.objects.all(), "promotion")
    )
    yield from breaches(
        "V6",
        "promotion",
        promotions.exclude(uses=models.F("held")),
        "counts {row.uses} uses, {row.held} orders and services carry it",
    )
    yield from breaches(
        "V6",
        "promotion",
        promotions.filter(max_uses__isnull=False, held__gt=models.F("max_uses")),
        "is used {row.held} times, allowed are {row.max_uses}",
    )
    yield from _redemptions_follow_their_orders()
    products = Product.objects.annotate(
        held=sum_for_each(Service.objects.all(), "product", "stock_held")
        + sum_for_each(ServiceChange.objects.all(), "product", "stock_held")
    )
    yield from breaches(
        "V6",
        "product",
        products.exclude(stock_taken=models.F("held")),
        "{row.stock_taken} taken, services and changes hold {row.held}",
    )
    oversold = products.filter(stock__isnull=False, stock_taken__gt=models.F("stock"))
    yield from breaches("V6", "product", oversold, "{row.stock_taken} taken of {row.stock}")


def _redemptions_follow_their_orders() -> Iterator[Breach]:
    redemptions = PromotionRedemption.objects.select_related("order", "promotion")
    fitting = models.Q()
    for order_status, status in REDEMPTION_OF.items():
        fitting |= models.Q(order__status=order_status, status=status)
    yield from breaches(
        "V6", "redemption", redemptions.exclude(fitting), "is {row.status}, its order {row.order.status}"
    )
    discounted = InvoiceLine.objects.filter(
        models.Q(invoice__order=models.OuterRef("order")) | models.Q(invoice__instalment_of=models.OuterRef("order")),
        promotion=models.OuterRef("promotion"),
    )
    renewing = Service.objects.filter(order=models.OuterRef("order"), promotion=models.OuterRef("promotion"))
    carried = models.Exists(discounted) | models.Exists(renewing)
    yield from breaches("V6", "redemption", redemptions.exclude(carried), "its order does not carry the promotion")
    counted = PromotionRedemption.objects.filter(
        order=models.OuterRef("invoice__order"), promotion=models.OuterRef("promotion")
    )
    uncounted = InvoiceLine.objects.filter(invoice__order__isnull=False, promotion__isnull=False)
    yield from breaches(
        "V6",
        "invoice line",
        uncounted.exclude(models.Exists(counted)),
        "carries a promotion that its order did not redeem",
    )


def paid_lines_started_their_services() -> Iterator[Breach]:
    """V8: every paid line activated its service exactly once, or the service waits on the staff's list."""
    starts = ServiceEvent.objects.filter(from_status=Service.Status.PENDING, to_status=Service.Status.ACTIVE)
    services = Service.objects.annotate(starts=count_for_each(starts, "service"))
    yield from breaches("V8", "service", services.filter(starts__gt=1), "was activated {row.starts} times")
    # A later part of an order starts nothing, in whatever order the parts are paid.
    paid = InvoiceLine.objects.filter(
        service=models.OuterRef("pk"), invoice__status=Invoice.Status.PAID, invoice__instalment_of=None
    )
    forgotten = services.filter(models.Exists(paid), starts=0, status=Service.Status.PENDING, activation_due_since=None)
    yield from breaches("V8", "service", forgotten, "is paid, but neither active nor on the activation list")
    running = services.filter(starts=0).filter(
        status__in=[Service.Status.ACTIVE, Service.Status.SUSPENDED, Service.Status.COMPLETED]
    )
    yield from breaches("V8", "service", running, "is {row.status} without having been activated")
    unapplied = ServiceChange.objects.open().exclude(invoice__status=Invoice.Status.UNPAID).select_related("service")
    yield from breaches("V8", "change", unapplied, "waits to be paid, its invoice does not")
