"""Renewing before it is time: several periods on one invoice, given up while it is unpaid."""

from datetime import date

import pytest

from billing import cancellations, early, invoicing, lifecycle
from billing.models import Invoice, InvoiceLine, Service
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import confirm, emails
from tests.billing.years import active_order, disagreements, on, pay, periods, renewals, run

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 10)
TODAY = date(2026, 1, 20)
DUE = date(2026, 2, 10)


@pytest.fixture
def service(customer) -> Service:
    return active_order(customer, ORDERED, factories.product(taxable=False)).services.get()


def renew(service: Service, periods: int, actor=None, day: date = TODAY) -> Invoice:
    with on(day):
        return early.renew(service=fresh(service), periods=periods, actor=actor or service.customer.users.first())


def fresh(service: Service) -> Service:
    return Service.objects.select_related("customer", "order").get(pk=service.pk)


def dates(service: Service) -> tuple[date, date]:
    service = fresh(service)
    return service.next_due, service.renews_from


def test_three_periods_are_three_lines_of_one_invoice_that_is_due_when_the_first_begins(customer, service):
    invoice = renew(service, 3)

    assert (invoice.kind, invoice.early, invoice.status, invoice.total) == ("renewal", True, "unpaid", 450_000)
    assert invoice.due_on == DUE
    assert periods([invoice]) == [
        (date(2026, 2, 10), date(2026, 3, 9)),
        (date(2026, 3, 10), date(2026, 4, 9)),
        (date(2026, 4, 10), date(2026, 5, 9)),
    ]
    assert dates(service) == (DUE, date(2026, 5, 10))
    assert len(emails("renewal_invoice")) == 1
    pay(invoice, TODAY)
    assert dates(service) == (date(2026, 5, 10), date(2026, 5, 10))
    assert disagreements() == []


def test_what_was_paid_ahead_is_not_invoiced_again(customer, service):
    pay(renew(service, 2), TODAY)
    for day in (date(2026, 2, 1), date(2026, 3, 1)):
        run(day)
    assert len(renewals(customer)) == 1
    run(date(2026, 3, 28))
    assert periods(renewals(customer))[-1] == (date(2026, 4, 10), date(2026, 5, 9))


def test_given_up_its_periods_are_invoiced_in_their_time(customer, service):
    invoice = renew(service, 6)
    with on(TODAY):
        early.give_up(invoice=invoice, actor=customer.users.first())
    assert dates(service) == (DUE, DUE)
    run(date(2026, 1, 28))
    assert [(one.status, one.early) for one in renewals(customer)] == [("cancelled", True), ("unpaid", False)]
    assert periods(renewals(customer))[-1] == (date(2026, 2, 10), date(2026, 3, 9))
    assert disagreements() == []


def test_staff_that_cancels_it_gives_nothing_away(customer, service):
    invoicing.cancel(invoice=renew(service, 12), actor=factories.staff())
    assert dates(service) == (DUE, DUE)


@pytest.mark.parametrize("pays", [True, False])
def test_what_is_paid_or_waits_for_us_is_not_given_up(customer, service, pays):
    invoice = renew(service, 1)
    with on(TODAY):
        if pays:
            pay(invoice, TODAY, 1_000)
        else:
            factories.bank_account(invoice.payment_method)
            confirm(invoice)
        with pytest.raises(lifecycle.CannotCancel):
            early.give_up(invoice=Invoice.objects.get(pk=invoice.pk), actor=customer.users.first())
    assert Invoice.objects.get(pk=invoice.pk).status == "unpaid"
    assert dates(service) == (DUE, date(2026, 3, 10))


def test_an_ordinary_renewal_is_not_given_up(customer, service):
    run(date(2026, 1, 28))
    with pytest.raises(ValueError, match="no early renewal"):
        early.give_up(invoice=renewals(customer)[0], actor=customer.users.first())
    assert renewals(customer)[0].status == "unpaid"


def test_an_unpaid_invoice_of_it_comes_first(customer, service):
    run(date(2026, 1, 28))
    with pytest.raises(early.CannotRenew) as refusal:
        renew(service, 1, day=date(2026, 1, 29))
    assert refusal.value.invoice == renewals(customer)[0]
    assert len(renewals(customer)) == 1
    assert dates(service) == (DUE, date(2026, 3, 10))


def test_it_reaches_at_most_three_years_ahead(customer, service):
    with on(TODAY):
        assert early.most_periods(fresh(service), TODAY) == 35
    with pytest.raises(early.CannotRenew):
        renew(service, 36)
    with pytest.raises(early.CannotRenew):
        renew(service, 0)
    assert (renewals(customer), dates(service)) == ([], (DUE, DUE))
    assert renew(service, 35).lines.count() == 35


def test_what_ends_or_stands_still_is_not_renewed(customer, service):
    with on(TODAY):
        cancellations.request(
            service=fresh(service), when="period_end", reason="price", comment="", actor=customer.users.first()
        )
    with pytest.raises(early.CannotRenew):
        renew(service, 1)
    Service.objects.update(ends_on=None, status="suspended", suspended_because="staff", suspended_at=service.created_at)
    with pytest.raises(early.CannotRenew):
        renew(service, 1)
    assert renewals(customer) == []


def test_its_addons_are_renewed_with_it_and_a_domain_in_its_own_time(customer):
    product = factories.product(taxable=False)
    factories.addon(product, key="care", prices={Cycle.MONTHLY: 50_000}, taxable=False)
    order = active_order(
        customer, ORDERED, product, selections={product: Selection(cycle=Cycle.MONTHLY, addons=frozenset({"care"}))}
    )
    service = order.services.get(parent=None)
    other = factories.product(prices={Cycle.ANNUALLY: 200_000}, taxable=False)
    domain = active_order(customer, ORDERED, other, selections={other: Selection(cycle=Cycle.ANNUALLY)}).services.get()
    Service.objects.filter(pk=domain.pk).update(parent=service)
    with on(TODAY):
        assert [offer.total for offer in early.offers(fresh(service), TODAY)][:2] == [200_000, 400_000]
    invoice = renew(service, 2)
    assert [line.net for line in invoice.lines.all()] == [150_000, 50_000, 150_000, 50_000]
    assert set(order.services.values_list("renews_from", flat=True)) == {date(2026, 4, 10)}
    assert fresh(domain).renews_from == date(2027, 1, 10)


def test_d2_a_discount_lasts_for_as_many_renewals_as_agreed_and_comes_back(customer):
    product = factories.product(taxable=False)
    factories.promotion(code="HEMAT", recurring=True, renewals=2)
    service = active_order(customer, ORDERED, product, promotion_code="HEMAT").services.get()

    invoice = renew(service, 3)

    assert [line.discount for line in invoice.lines.all()] == [15_000, 15_000, 0]
    assert fresh(service).discounted_renewals_left == 0
    with on(TODAY):
        early.give_up(invoice=invoice, actor=customer.users.first())
    assert fresh(service).discounted_renewals_left == 2


def test_i5_what_costs_nothing_is_renewed_at_once(customer):
    free = factories.product(prices={Cycle.MONTHLY: 0})
    service = active_order(customer, ORDERED, free).services.get()
    assert renew(service, 2).status == "paid"
    assert dates(service) == (date(2026, 4, 10), date(2026, 4, 10))
    assert InvoiceLine.objects.filter(kind="renewal").count() == 2


def test_ending_the_service_takes_an_unpaid_early_renewal_back(customer, service):
    renew(service, 3)
    with on(TODAY):
        cancellations.request(
            service=fresh(service), when="period_end", reason="price", comment="", actor=customer.users.first()
        )
    assert [one.status for one in renewals(customer)] == ["cancelled"]
    assert dates(service) == (DUE, DUE)
    assert disagreements() == []
