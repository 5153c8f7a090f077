"""What is asked of one service at once: renewed early, priced anew."""

from datetime import date

import pytest

from billing import early, lifecycle, payments, price_changes, transitions
from billing.models import Invoice, InvoiceLine, PriceChange, Service
from tests import factories
from tests.billing.races import assert_books_agree, at_once, meeting
from tests.billing.years import active_order, on, pay, run

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ORDERED = date(2026, 1, 10)
INVOICED = date(2026, 1, 28)
DUE = date(2026, 2, 10)


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def service():
    customer = factories.customer(factories.user())
    return active_order(customer, ORDERED, factories.product(taxable=False)).services.get()


def fresh(service: Service) -> Service:
    return Service.objects.select_related("customer", "order").get(pk=service.pk)


def renew(service: Service):
    """From a page that was opened before anything else happened."""
    read = fresh(service)
    actor = read.customer.users.first()
    return lambda: early.renew(service=read, periods=3, actor=actor)


def starts(**invoices) -> list[date]:
    lines = InvoiceLine.objects.filter(kind="renewal", replaced=False, **invoices)
    return list(lines.order_by("period_start").values_list("period_start", flat=True))


def kinds(outcomes) -> list[str]:
    return sorted(type(outcome.error).__name__ for outcome in outcomes if outcome.error)


def test_renewed_early_from_four_pages_at_once_it_is_one_invoice(service):
    with on(INVOICED):
        outcomes = at_once(*[renew(service) for _page in range(4)])
    assert kinds(outcomes) == ["CannotRenew"] * 3
    assert starts() == [DUE, date(2026, 3, 10), date(2026, 4, 10)]
    assert Invoice.objects.filter(early=True).count() == 1
    assert_books_agree()


def test_control_without_the_row_only_the_database_keeps_the_second_invoice_out(service, monkeypatch):
    meet = meeting(2)

    def read(thing) -> None:
        thing.refresh_from_db()
        meet()

    monkeypatch.setattr(transitions, "hold", read)
    with on(INVOICED):
        outcomes = at_once(*[renew(service) for _page in range(2)], guarded=False)
    assert "CannotRenew" not in kinds(outcomes)
    assert len(kinds(outcomes)) == 1


def test_renewed_early_while_the_daily_run_renews_each_period_is_invoiced_once(service):
    with on(INVOICED):
        outcomes = at_once(renew(service), lambda: run(INVOICED))
    assert kinds(outcomes) in ([], ["CannotRenew"])
    assert starts() in ([DUE], [DUE, date(2026, 3, 10), date(2026, 4, 10)])
    assert Invoice.objects.filter(kind="renewal").count() == 1
    assert_books_agree()


def test_paid_while_it_is_given_up_one_of_the_two_happens(service):
    with on(INVOICED):
        invoice = renew(service)()
        read = [Invoice.objects.select_related("customer", "order").get(pk=invoice.pk) for _side in range(2)]
        actor = read[0].customer.users.first()
        outcomes = at_once(
            lambda: early.give_up(invoice=read[0], actor=actor),
            lambda: payments.record(
                customer=read[1].customer,
                amount=read[1].total,
                currency="IDR",
                source="staff",
                cause="race",
                method=None,
                received_on=INVOICED,
                reference="",
                actor=None,
                invoices=[read[1]],
            ),
        )
    given_up, paid = outcomes
    assert paid.error is None
    invoice.refresh_from_db()
    if given_up.error is None:
        assert (invoice.status, fresh(service).renews_from, fresh(service).next_due) == ("cancelled", DUE, DUE)
        assert payments.credit_balance(invoice.customer) == 450_000
    else:
        assert isinstance(given_up.error, lifecycle.CannotCancel | transitions.InvalidTransition)
        assert (invoice.status, fresh(service).next_due) == ("paid", date(2026, 5, 10))
    assert_books_agree()


def test_a_price_that_is_withdrawn_while_it_comes_into_effect_does_one_of_the_two(service):
    staff = factories.staff("billing.reprice_service")
    with on(date(2026, 1, 5)):
        read = fresh(service)
        unit_prices = {part.pk: 200_000 for part in read.components.all()}
        change = price_changes.announce(service=read, unit_prices=unit_prices, effective_from=DUE, note="", actor=staff)
    with on(INVOICED):
        withdrawn, applied = at_once(
            lambda: price_changes.withdraw(change=change, actor=staff), lambda: price_changes.apply(change.pk, INVOICED)
        )
    change = PriceChange.objects.get(pk=change.pk)
    if withdrawn.error is None:
        assert (applied.value, change.applied_at, int(fresh(service).recurring_net)) == (0, None, 150_000)
    else:
        assert isinstance(withdrawn.error, price_changes.CannotWithdraw)
        assert (applied.value, change.cancelled_at, int(fresh(service).recurring_net)) == (1, None, 200_000)
    assert_books_agree()


def test_announced_twice_at_once_it_is_one_change(service):
    staff = factories.staff("billing.reprice_service")

    def announce(price: int):
        read = fresh(service)
        unit_prices = {part.pk: price for part in read.components.all()}
        return lambda: price_changes.announce(
            service=read, unit_prices=unit_prices, effective_from=date(2026, 4, 1), note="", actor=staff
        )

    with on(INVOICED):
        outcomes = at_once(announce(200_000), announce(300_000))
    assert kinds(outcomes) == ["CannotAnnounce"]
    assert PriceChange.objects.count() == 1


def test_announced_while_it_is_renewed_the_period_has_one_price(service):
    staff = factories.staff("billing.reprice_service")
    pay_by = date(2026, 3, 1)
    with on(date(2026, 1, 5)):
        read = fresh(service)
        prices = {part.pk: 200_000 for part in read.components.all()}
        price_changes.announce(service=read, unit_prices=prices, effective_from=DUE, note="", actor=staff)
    with on(INVOICED):
        at_once(lambda: run(INVOICED), lambda: run(INVOICED))
    [line] = InvoiceLine.objects.filter(kind="renewal")
    assert int(line.net) == 200_000
    pay(line.invoice, pay_by)
    assert_books_agree()
