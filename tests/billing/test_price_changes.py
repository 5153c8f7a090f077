"""Prices that are announced in time, and hold for periods that begin on their day or later (RULES P7)."""

from datetime import date

import pytest

from accounts import outbox
from billing import ahead, daily, early, price_changes, repricing
from billing.models import BillingFailure, PriceChange, Service
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.shop import emails
from tests.billing.years import active_order, disagreements, on, pay, periods, renewals, run, run_days

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 10)
TODAY = date(2026, 1, 20)
FROM = date(2026, 3, 1)


@pytest.fixture
def staff():
    return factories.staff("billing.reprice_service")


@pytest.fixture
def service(customer) -> Service:
    return active_order(customer, ORDERED, factories.product(taxable=False, name_id="Hosting")).services.get()


def announce(
    service: Service, staff, price: int = 200_000, effective_from: date = FROM, day: date = TODAY
) -> PriceChange:
    with on(day):
        service = Service.objects.select_related("customer").get(pk=service.pk)
        return price_changes.announce(
            service=service,
            unit_prices={part.pk: price for part in service.components.all()},
            effective_from=effective_from,
            note="Biaya listrik naik",
            actor=staff,
        )


def net(service: Service) -> int:
    return int(Service.objects.get(pk=service.pk).recurring_net)


def test_p7_the_customer_is_told_and_nothing_changes_yet(service, staff):
    change = announce(service, staff)
    assert (change.old_net, change.new_net, net(service)) == (150_000, 200_000, 150_000)
    [mail] = emails("price_announced")
    assert mail.to == service.customer.billing_email
    assert [event.kind for event in service.events.order_by("-pk")[:1]] == ["price_announced"]
    in_indonesian = outbox.render("billing/price_announced", {"change_id": change.pk}, "id", reveal=True)
    for words in (
        "Hosting",
        "Rp150.000",
        "Rp200.000",
        "1 Maret 2026",
        "Biaya listrik naik",
        service.get_absolute_url(),
    ):
        assert words in in_indonesian.text
    in_english = outbox.render("billing/price_announced", {"change_id": change.pk}, "en", reveal=True)
    assert "1 March 2026" in in_english.text


def test_p7_periods_before_the_day_keep_the_old_price_and_later_ones_have_the_new(customer, service, staff):
    announce(service, staff)
    run_days(date(2026, 1, 27), date(2026, 1, 29))
    pay(renewals(customer)[0], date(2026, 2, 1))
    assert (periods(renewals(customer))[0][0], net(service)) == (date(2026, 2, 10), 150_000)
    run_days(date(2026, 2, 23), date(2026, 2, 26))
    assert [(one.total, periods([one])[0][0]) for one in renewals(customer)] == [
        (150_000, date(2026, 2, 10)),
        (200_000, date(2026, 3, 10)),
    ]
    assert PriceChange.objects.get().applied_at is not None
    assert net(service) == 200_000
    assert disagreements() == []


def test_p7_a_yearly_service_keeps_its_price_until_its_next_year(customer, staff):
    product = factories.product(prices={Cycle.ANNUALLY: 1_200_000}, taxable=False)
    service = active_order(
        customer, ORDERED, product, selections={product: Selection(cycle=Cycle.ANNUALLY)}
    ).services.get()
    announce(service, staff, price=1_500_000)
    run(date(2026, 3, 2))
    assert (net(service), PriceChange.objects.get().applied_at) == (1_200_000, None)
    run(date(2026, 12, 12))
    assert [one.total for one in renewals(customer)] == [1_500_000]


def test_p7_it_is_announced_in_time_or_not_at_all(service, staff):
    with pytest.raises(price_changes.CannotAnnounce, match="19 Februari 2026"):
        announce(service, staff, effective_from=date(2026, 2, 18))
    assert (PriceChange.objects.count(), emails("price_announced")) == (0, [])
    announce(service, staff, effective_from=date(2026, 2, 19))


@pytest.mark.parametrize("price", [-1, 150_000])
def test_p7_a_price_that_is_none_or_the_same_is_not_announced(service, staff, price):
    with pytest.raises(price_changes.CannotAnnounce):
        announce(service, staff, price=price)
    assert PriceChange.objects.count() == 0


def test_p7_one_change_at_a_time(service, staff):
    announce(service, staff)
    with pytest.raises(price_changes.CannotAnnounce, match="sudah diumumkan"):
        announce(service, staff, price=300_000)
    assert [int(one.new_net) for one in PriceChange.objects.all()] == [200_000]


def test_p7_what_is_withdrawn_never_comes_and_the_customer_is_told(customer, service, staff):
    change = announce(service, staff)
    with on(TODAY):
        price_changes.withdraw(change=change, actor=staff)
        with pytest.raises(price_changes.CannotWithdraw):
            price_changes.withdraw(change=change, actor=staff)
    assert len(emails("price_withdrawn")) == 1
    rendered = outbox.render("billing/price_withdrawn", {"change_id": change.pk}, "id", reveal=True)
    assert "Perpanjangan tetap dengan harga sekarang" in rendered.text
    run(date(2026, 2, 24))
    assert {int(one.total) for one in renewals(customer)} == {150_000}
    announce(service, staff, price=300_000)


def test_p7_an_early_renewal_pays_each_period_its_own_price(service, staff):
    announce(service, staff)
    with on(TODAY):
        invoice = early.renew(
            service=Service.objects.get(pk=service.pk), periods=3, actor=service.customer.users.first()
        )
    assert [line.net for line in invoice.lines.all()] == [150_000, 200_000, 200_000]


def test_p7_who_looks_ahead_sees_the_new_price(customer, service, staff):
    announce(service, staff)
    with on(TODAY):
        found = [(one.day, int(one.amount)) for one in ahead.expected(customer, TODAY)]
    assert found == [(date(2026, 2, 10), 150_000), (date(2026, 3, 10), 200_000)]


def test_d2_a_percent_stays_that_percent_of_the_new_price(customer, staff):
    factories.promotion(code="HEMAT", recurring=True)
    service = active_order(customer, ORDERED, factories.product(taxable=False), promotion_code="HEMAT").services.get()
    announce(service, staff)
    run(date(2026, 1, 27))
    run(date(2026, 2, 24))
    assert [int(one.total) for one in renewals(customer)] == [135_000, 180_000]


def test_p7_what_was_chosen_anew_since_has_its_own_price(customer, service, staff):
    announce(service, staff)
    service.components.update(key="option:other")
    run(date(2026, 1, 27))
    run(date(2026, 2, 24))
    assert [int(one.total) for one in renewals(customer)] == [150_000, 150_000]
    assert PriceChange.objects.get().cancelled_at is not None


def test_p7_what_has_ended_has_no_price_to_come(service, staff):
    announce(service, staff)
    Service.objects.update(status="cancelled", renews_from=None)
    assert run(TODAY).counts["prices"] == {"applied": 0, "dropped": 1}
    assert PriceChange.objects.get().cancelled_at is not None


def test_s5_what_cannot_be_applied_is_listed_waits_and_stops_nobody_else(customer, service, staff, monkeypatch):
    other = active_order(customer, ORDERED, factories.product(taxable=False)).services.get()
    announce(service, staff)
    announce(other, staff, price=300_000)
    run(date(2026, 1, 27))
    pay(renewals(customer)[0], date(2026, 2, 1))
    reprice = repricing.reprice

    def fails(*, service: Service, **rest):
        if service.pk == other.pk:
            raise RuntimeError("disk full")
        reprice(service=service, **rest)

    monkeypatch.setattr(repricing, "reprice", fails)
    assert run(date(2026, 2, 24)).failed == 1
    failure = BillingFailure.objects.get()
    assert (failure.step, failure.customer) == ("price", customer)
    # Not at the old price: it is invoiced when its price is there.
    march = {line.service_id: int(line.net) for one in renewals(customer)[1:] for line in one.lines.all()}
    assert march == {service.pk: 200_000}
    monkeypatch.undo()
    with on(date(2026, 2, 24)):
        daily.retry(failure=failure, today=date(2026, 2, 24))
    run(date(2026, 2, 24))
    march = {line.service_id: int(line.net) for one in renewals(customer)[1:] for line in one.lines.all()}
    assert march == {service.pk: 200_000, other.pk: 300_000}
