"""The stock that a change moves (P8): reserved of the new product when asked for, freed of the old when applied."""

from collections.abc import Iterable

from django.db.models import F
from django.utils.translation import gettext as _

from billing.models import Service, ServiceChange
from catalog.models import Product
from catalog.offers import ProductOffer
from catalog.selection import Selection


class SoldOut(Exception):
    """There is not enough left of the new product; nothing was reserved."""

    def __init__(self, offer: ProductOffer) -> None:
        super().__init__(_("%(product)s sudah habis.") % {"product": offer.name})


def wanted(service: Service, offer: ProductOffer, selection: Selection) -> int:
    """How many pieces the change needs beyond those that the service holds already; 0 where stock has no limit."""
    if offer.stock_left is None:
        return 0
    held = service.stock_held if offer.id == service.product_id else 0
    return max(0, selection.quantity - held)


def reserve(service: Service, offer: ProductOffer, selection: Selection) -> int:
    """Take what is wanted, while there is enough. Raises ``SoldOut``."""
    _hold([service.product_id, offer.id])
    count = wanted(service, offer, selection)
    taken = F("stock_taken") + count
    if count and not Product.objects.filter(pk=offer.id, stock__gte=taken).update(stock_taken=taken):
        raise SoldOut(offer)
    return count


def _hold(product_ids: Iterable[int | None]) -> None:
    """Both rows in the order in which everybody takes several."""
    for pk in sorted({pk for pk in product_ids if pk}):
        Product.objects.filter(pk=pk, stock__isnull=False).update(stock_taken=F("stock_taken"))


def move(change: ServiceChange, service: Service) -> None:
    """The reserved pieces become the service's; those that it does not need any more are free."""
    same = change.product_id == service.product_id
    [offer] = change.offered.values()
    quantity = change.selection["quantity"] if offer["stock_left"] is not None else 0
    kept = min(service.stock_held, quantity) if same else 0
    _give_back(service.product_id, service.stock_held - kept)
    Service.objects.filter(pk=service.pk).update(stock_held=kept + change.stock_held)
    ServiceChange.objects.filter(pk=change.pk).update(stock_held=0)
    change.stock_held = 0


def release(change: ServiceChange) -> None:
    """A change that comes to nothing gives back what it reserved."""
    _give_back(change.product_id, change.stock_held)
    ServiceChange.objects.filter(pk=change.pk).update(stock_held=0)


def _give_back(product_id: int | None, count: int) -> None:
    if count:
        Product.objects.filter(pk=product_id).update(stock_taken=F("stock_taken") - count)
