"""P7: a service keeps its price until staff gives it another."""

from decimal import Decimal

import pytest

from billing import repricing
from billing.models import Service
from catalog.models import Price
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import place, rupiah

pytestmark = pytest.mark.django_db

PRICES = {"monthly": 12_500}


@pytest.fixture
def service(customer):
    """A plan of Rp150.000 with 10 users at Rp12.500 a month."""
    product = factories.product(prices={"monthly": 150_000})
    factories.quantity_option(product, prices=PRICES, maximum=300)
    order = place(customer, selections={product: Selection(cycle="monthly", options={"users": 10})})
    return Service.objects.get(order=order)


def components(service: Service) -> list[tuple[Decimal, Decimal]]:
    return list(service.components.values_list("unit_price", "amount"))


def test_p7_a_changed_catalog_changes_no_service(service):
    Price.objects.update(amount=999_000)
    service.refresh_from_db()
    assert service.recurring_net == 275_000


def test_p7_staff_raises_a_price_by_percent_and_the_history_says_who_and_from_what(service):
    staff = factories.staff()
    repricing.reprice(service=service, unit_prices=repricing.by_percent(service, Decimal(10)), actor=staff, note="2027")
    service.refresh_from_db()
    assert service.recurring_net == 302_500
    assert components(service) == [(165_000, 165_000), (13_750, 137_500)]
    event = service.events.get(kind="repriced")
    assert (event.actor, event.note) == (staff, "Rp275.000 → Rp302.500: 2027")


def test_p7_what_is_invoiced_stays(service):
    invoice = service.order.invoice
    before = (invoice.total, list(invoice.lines.values_list("amount", flat=True)))
    repricing.reprice(
        service=service, unit_prices=repricing.by_percent(service, Decimal(-50)), actor=factories.staff(), note="x"
    )
    invoice.refresh_from_db()
    assert (invoice.total, list(invoice.lines.values_list("amount", flat=True))) == before


def test_p7_a_discount_of_some_percent_stays_that_percent(service):
    promotion = factories.promotion(kind="percent", value=10)
    Service.objects.filter(pk=service.pk).update(promotion=promotion, recurring_discount=rupiah(27_500))
    service.refresh_from_db()
    prices = repricing.by_percent(service, Decimal(20))
    repricing.reprice(service=service, unit_prices=prices, actor=factories.staff(), note="x")
    assert (service.recurring_net, service.recurring_discount) == (330_000, 33_000)


def test_p7_a_fixed_discount_is_never_more_than_the_price(service):
    Service.objects.filter(pk=service.pk).update(recurring_discount=rupiah(100_000))
    service.refresh_from_db()
    prices = dict.fromkeys(repricing.by_percent(service, Decimal(0)), rupiah(0))
    repricing.reprice(service=service, unit_prices=prices, actor=factories.staff(), note="gratis")
    assert (service.recurring_net, service.recurring_discount) == (0, 0)


@pytest.mark.parametrize("price", ["-1", "100.50"])
def test_p7_a_price_that_cannot_be_is_refused_and_nothing_moves(service, price):
    prices = dict.fromkeys(repricing.by_percent(service, Decimal(0)), Decimal(price))
    with pytest.raises(repricing.CannotReprice):
        repricing.reprice(service=service, unit_prices=prices, actor=factories.staff(), note="x")
    service.refresh_from_db()
    assert service.recurring_net == 275_000
    assert not service.events.filter(kind="repriced").exists()


def test_p7_of_two_who_change_it_at_once_the_second_is_told(service):
    stale = Service.objects.get(pk=service.pk)
    staff = factories.staff()
    repricing.reprice(service=service, unit_prices=repricing.by_percent(service, Decimal(10)), actor=staff, note="a")
    with pytest.raises(repricing.CannotReprice):
        repricing.reprice(service=stale, unit_prices=repricing.by_percent(stale, Decimal(10)), actor=staff, note="b")
    service.refresh_from_db()
    assert service.recurring_net == 302_500


def test_p7_a_service_that_is_over_or_paid_once_has_no_price_to_change(service, customer):
    Service.objects.filter(pk=service.pk).update(status=Service.Status.CANCELLED)
    service.refresh_from_db()
    design = factories.product(prices={"one_time": 500_000})
    once = place(customer, selections={design: Selection(cycle="one_time")})
    for one in (service, once.services.get()):
        with pytest.raises(repricing.CannotReprice):
            repricing.reprice(service=one, unit_prices={}, actor=factories.staff(), note="x")
