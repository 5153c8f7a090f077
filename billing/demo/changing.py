"""What demo customers change about a service that runs."""

import uuid

from billing import changes
from billing.demo import steps
from billing.models import Order, ServiceChange
from catalog import offers


def upgrade(order: Order) -> ServiceChange:
    """Ask for the next larger plan, as far as the configuration fits."""
    service = order.services.get(parent=None)
    family = changes.Family.of(service)
    larger = service.product.changes_to.filter(sort__gt=service.product.sort).order_by("sort").first()
    offer = changes.adapted(offers.load([larger.pk])[larger.pk])
    return changes.request(
        service=service,
        product_id=larger.pk,
        selection=changes.carried_over(changes.of_service(family, offer), offer),
        key=uuid.uuid5(order.checkout_key, "change"),
        seen=None,
        actor=order.placed_by,
    )


def upgrade_and_pay(order: Order) -> None:
    steps.pay_invoice(upgrade(order).invoice)
