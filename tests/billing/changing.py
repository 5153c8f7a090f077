"""Changing services in tests."""

import uuid
from datetime import date

from accounts.models import Shop
from billing import changes
from billing.models import Service, ServiceChange
from catalog import offers
from catalog.models import Product
from catalog.selection import Selection
from tests.billing.years import on


def offer_of(product: Product):
    """The product's offer as a change can choose from it, read fresh."""
    return changes.selections.adapted(offers.load([product.pk])[product.pk])


def quoted(service: Service, product: Product, selection: Selection, day: date) -> changes.ChangeQuote:
    with on(day):
        return changes.quote(changes.Family.of(service), offer_of(product), selection, day)


def change(service: Service, product: Product, day: date, *, seen=None, key=None, **chosen) -> ServiceChange:
    """Ask for another product or configuration on a day; what is not ``chosen`` stays as it is."""
    service = Service.objects.get(pk=service.pk)
    now = changes.of_service(changes.Family.of(service), offer_of(product))
    if product.pk != service.product_id:
        now = changes.carried_over(now, offer_of(product))
    fields = {"cycle": now.cycle, "quantity": now.quantity, "options": now.options, "addons": now.addons}
    with on(day):
        return changes.request(
            service=service,
            product_id=product.pk,
            selection=Selection(**{**fields, **chosen}),
            key=key or uuid.uuid4(),
            seen=seen,
            actor=service.customer.users.first(),
        )


def allow(product: Product, *others: Product) -> None:
    product.changes_to.add(*others)


def without_credit() -> None:
    """The shop gives nothing back for what gets cheaper."""
    shop = Shop.current()
    shop.downgrades_give_credit = False
    shop.save()
