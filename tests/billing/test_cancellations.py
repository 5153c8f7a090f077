"""Ending a service on request: on its day, withdrawn until then, nothing invoiced any more, unpaid lines taken back (S7)."""

from datetime import date, timedelta

import pytest

from billing import cancellations
from billing.models import BillingFailure, CancellationRequest, Invoice, Service
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import confirm, emails
from tests.billing.years import active_order, disagreements, on, pay, renewals, run, run_days
from tests.racing import race, refusals

ORDERED = date(2026, 1, 10)
INVOICED = date(2026, 1, 27)
DUE = date(2026, 2, 10)


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


@pytest.fixture
def owner(customer):
    return customer.users.get()


@pytest.fixture
def product(db):
    factories.bank_account()
    return factories.product(prices={Cycle.MONTHLY: 100_000})


@pytest.fixture
def service(customer, product) -> Service:
    return active_order(customer, ORDERED, product).services.get()


def ask(service: Service, day: date, when: str = "period_end") -> CancellationRequest:
    with on(day):
        return cancellations.request(
            service=service, when=when, reason="price", comment="", actor=service.customer.users.first()
        )


def states(customer) -> list[str]:
    return [one.status for one in customer.services.order_by("pk")]


@pytest.mark.django_db
def test_s7_at_period_end_it_runs_as_long_as_it_is_paid_for(customer, service):
    asked = ask(service, date(2026, 1, 20))
    run_days(date(2026, 2, 8), DUE - timedelta(days=1))
    assert states(customer) == ["active"]
    run(DUE)
    assert states(customer) == ["cancelled"]
    asked.refresh_from_db()
    assert (asked.done_at is not None, renewals(customer)) == (True, [])
    assert [len(emails(name)) for name in ("end_requested", "service_ended")] == [2, 1]
    assert disagreements() == []


@pytest.mark.django_db
def test_s7_now_leaves_a_day_to_think_it_over(customer, service):
    ask(service, date(2026, 1, 20), "now")
    run(date(2026, 1, 20))
    assert states(customer) == ["active"]
    run(date(2026, 1, 21))
    assert states(customer) == ["cancelled"]


@pytest.mark.django_db
def test_s7_withdrawn_it_goes_on_and_is_renewed(customer, owner, service):
    ask(service, date(2026, 1, 20))
    run(INVOICED)
    with on(INVOICED):
        cancellations.withdraw(service=service, actor=owner)
    run(INVOICED)
    assert (states(customer), [one.due_on for one in renewals(customer)]) == (["active"], [DUE])
    assert [one.kind for one in service.events.order_by("-pk")[:2]] == ["end_withdrawn", "end_requested"]


@pytest.mark.django_db
def test_s7_an_unpaid_renewal_is_taken_back_and_comes_again_when_withdrawn(customer, owner, service):
    run(INVOICED)
    ask(service, date(2026, 1, 28))
    service.refresh_from_db()
    assert [one.status for one in renewals(customer)] == ["cancelled"]
    assert (service.ends_on, service.next_due, service.renews_from) == (DUE, DUE, DUE)
    with on(date(2026, 1, 29)):
        cancellations.withdraw(service=service, actor=owner)
    run(date(2026, 1, 29))
    assert [(one.status, one.due_on) for one in renewals(customer)] == [("cancelled", DUE), ("unpaid", DUE)]
    pay(renewals(customer)[-1], date(2026, 1, 30))
    service.refresh_from_db()
    assert service.next_due == date(2026, 3, 10)
    assert disagreements() == []


@pytest.mark.django_db
def test_s7_the_other_lines_of_the_invoice_get_a_new_one(customer, service):
    other = active_order(customer, ORDERED, factories.product(prices={Cycle.MONTHLY: 40_000})).services.get()
    run(INVOICED)
    ask(service, date(2026, 1, 28))
    old, new = renewals(customer)
    other.refresh_from_db()
    assert [(one.status, one.total, one.due_on) for one in (old, new)] == [
        ("cancelled", 140_000, DUE),
        ("unpaid", 40_000, DUE),
    ]
    assert other.next_due == DUE
    pay(new, date(2026, 1, 29))
    other.refresh_from_db()
    assert other.next_due == date(2026, 3, 10)
    assert disagreements() == []


@pytest.mark.django_db
def test_d2_a_discounted_renewal_that_is_taken_back_is_there_again(customer, owner, product):
    factories.promotion(code="DUA", recurring=True, renewals=2)
    order = active_order(customer, ORDERED, selections={product: Selection(cycle=Cycle.MONTHLY)}, promotion_code="DUA")
    service = order.services.get()
    run(INVOICED)
    ask(service, date(2026, 1, 28))
    with on(date(2026, 1, 28)):
        cancellations.withdraw(service=service, actor=owner)
    for month in (2, 3, 4):
        run(date(2026, month, 1))
        pay(renewals(customer)[-1], date(2026, month, 2))
    assert [one.discount for one in renewals(customer)] == [10_000, 10_000, 10_000, 0]


@pytest.mark.django_db
def test_s7_an_invoice_that_waits_for_verification_is_left_to_staff(customer, service):
    run(INVOICED)
    with on(INVOICED):
        confirm(renewals(customer)[0])
    ask(service, date(2026, 1, 28))
    assert [one.status for one in renewals(customer)] == ["unpaid"]
    assert [one.subject for one in BillingFailure.objects.all()] == [f"invoice:{renewals(customer)[0].pk}"]
    assert disagreements() == []


@pytest.mark.django_db
def test_p6_what_is_part_of_it_ends_with_it(customer):
    factories.bank_account()
    product = factories.product()
    factories.addon(product, key="cadangan", prices={Cycle.MONTHLY: 10_000})
    chosen = {product: Selection(cycle=Cycle.MONTHLY, addons=frozenset({"cadangan"}))}
    parent = active_order(customer, ORDERED, selections=chosen).services.get(parent=None)
    ask(parent, date(2026, 1, 20))
    run(INVOICED)
    run(DUE)
    assert (states(customer), renewals(customer)) == (["cancelled", "cancelled"], [])


@pytest.mark.django_db
def test_a_suspended_service_can_be_ended_too(customer, service):
    run(INVOICED)
    run(DUE + timedelta(days=7))
    ask(service, DUE + timedelta(days=8))
    run(DUE + timedelta(days=9))
    assert states(customer) == ["terminated"]
    assert disagreements() == []


@pytest.mark.django_db
def test_s7_what_is_overdue_when_it_ends_goes_with_it(customer, service):
    run(INVOICED)
    ask(service, DUE + timedelta(days=2))
    assert [one.status for one in renewals(customer)] == ["unpaid"]
    run(DUE + timedelta(days=3))
    assert (states(customer), [one.status for one in renewals(customer)]) == (["cancelled"], ["cancelled"])
    assert BillingFailure.objects.count() == 0
    assert disagreements() == []


@pytest.mark.django_db
def test_asking_twice_is_refused_and_changes_nothing(customer, service):
    ask(service, date(2026, 1, 20))
    with pytest.raises(cancellations.CannotEnd):
        ask(service, date(2026, 1, 20), "now")
    service.refresh_from_db()
    assert (service.ends_on, CancellationRequest.objects.count()) == (DUE, 1)


@pytest.mark.django_db
def test_an_ended_service_cannot_be_kept(customer, owner, service):
    ask(service, date(2026, 1, 20), "now")
    run(date(2026, 1, 21))
    with pytest.raises(cancellations.CannotEnd):
        cancellations.withdraw(service=service, actor=owner)
    assert states(customer) == ["cancelled"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_cancel_against_renew_ends_without_an_unpaid_invoice(customer, service):
    """Whichever comes first: either nothing is invoiced, or what was is taken back."""
    for _time in range(4):
        with on(INVOICED):
            outcomes = race(lambda: ask(service, INVOICED), lambda: run(INVOICED))
            service.refresh_from_db()
            assert refusals(outcomes, Exception) == 0
            assert Invoice.objects.filter(kind="renewal", status="unpaid").count() == 0
            assert (service.ends_on, service.next_due) == (DUE, DUE)
            cancellations.withdraw(service=service, actor=service.customer.users.first())
    assert disagreements() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_keep_against_end_has_one_winner(customer, owner, service):
    ask(service, date(2026, 1, 20), "now")
    day = date(2026, 1, 21)
    with on(day):
        kept, ended = race(
            lambda: cancellations.withdraw(service=service, actor=owner), lambda: cancellations.end(service.pk, day)
        )
    service.refresh_from_db()
    if isinstance(kept, cancellations.CannotEnd):
        assert (ended, service.status) == (1, "cancelled")
    else:
        assert (ended, service.status, service.ends_on) == (0, "active", None)
