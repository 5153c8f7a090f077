"""Orders whose first payment goes to a fixed day of the month (RULES S9)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.models import InvoiceLine, Service
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import place
from tests.billing.years import active_order, disagreements, on, periods, renewals, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(customer):
    return factories.product(
        prices={Cycle.MONTHLY: (310_000, 50_000)},
        name_id="Hosting",
        proration_day=1,
        proration_cutoff=20,
        taxable=False,
    )


def lines(invoice) -> list[tuple]:
    return [(line.kind, line.amount, line.period_start, line.period_end, line.detail) for line in invoice.lines.all()]


def test_s9_an_order_pays_to_the_first_and_renews_from_there(customer, plan):
    order = active_order(customer, date(2026, 1, 15), plan, expected_total=Decimal(220_000))

    assert lines(order.invoice) == [
        ("product", 170_000, date(2026, 1, 15), date(2026, 1, 31), "prorata 17 dari 31 hari"),
        ("setup", 50_000, None, None, ""),
    ]
    [service] = order.services.all()
    assert (service.anchor_day, service.next_due, service.renews_from) == (1, date(2026, 2, 1), date(2026, 2, 1))
    assert (service.recurring_net, [part.amount for part in service.components.all()]) == (310_000, [310_000])
    run(date(2026, 1, 19))
    assert periods(renewals(customer)) == [(date(2026, 2, 1), date(2026, 2, 28))]
    assert [invoice.total for invoice in renewals(customer)] == [310_000]
    assert disagreements() == []


def test_s9_from_the_cutoff_on_a_whole_cycle_is_paid_besides(customer, plan):
    order = active_order(customer, date(2026, 1, 25), plan)

    assert lines(order.invoice) == [
        ("part", 70_000, date(2026, 1, 25), date(2026, 1, 31), "prorata 7 dari 31 hari"),
        ("product", 310_000, date(2026, 2, 1), date(2026, 2, 28), ""),
        ("setup", 50_000, None, None, ""),
    ]
    [service] = Service.objects.all()
    assert (service.anchor_day, service.next_due, service.status) == (1, date(2026, 3, 1), "active")
    assert {line.service for line in InvoiceLine.objects.all()} == {service}
    assert disagreements() == []


def test_s9_addons_are_due_with_their_service(customer, plan):
    factories.addon(plan, prices={Cycle.MONTHLY: 62_000}, key="care", taxable=False)
    with on(date(2026, 1, 25)):
        order = place(customer, selections={plan: Selection(cycle=Cycle.MONTHLY, addons=frozenset({"care"}))})

    child = order.services.get(kind="addon")
    assert (child.anchor_day, child.next_due, child.recurring_net) == (1, date(2026, 3, 1), 62_000)
    assert [line.amount for line in child.invoice_lines.order_by("period_start")] == [14_000, 62_000]


def test_s9_separate_services_share_a_part_to_the_rupiah(customer):
    plan = factories.product(prices={Cycle.MONTHLY: 100_000}, quantity_mode="separate", proration_day=1, taxable=False)
    with on(date(2026, 1, 15)):
        order = place(customer, selections={plan: Selection(cycle=Cycle.MONTHLY, quantity=3)})

    amounts = sorted(line.amount for line in order.invoice.lines.all())
    assert (sum(amounts), amounts) == (164_516, [54_838, 54_839, 54_839])
