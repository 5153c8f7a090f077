"""Offers to stay: a promotion without a code for those who are about to end a service, once."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import outbox
from billing import cancellations, ledger, ordering, retention
from billing.models import Retention, Service
from catalog.promotions import PromotionRefused
from tests import factories
from tests.billing.races import at_once
from tests.billing.shop import emails, place
from tests.billing.years import active_order, disagreements, on, pay, renewals, run

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 10)
TODAY = date(2026, 1, 20)


@pytest.fixture
def product():
    return factories.product(taxable=False, name_id="Hosting")


@pytest.fixture
def service(customer, product) -> Service:
    return active_order(customer, ORDERED, product).services.get()


def stay(**fields):
    return factories.promotion(**{"code": "TETAP", "value": 20, "retention": True, **fields})


def offered(service: Service) -> tuple[Decimal, int | None] | None:
    with on(TODAY):
        offer = retention.offer_for(service, timezone.now())
    return offer and (offer.discount, offer.renewals)


def accept(service: Service, promotion) -> Retention:
    with on(TODAY):
        return retention.accept(service=service, promotion_id=promotion.pk, actor=service.customer.users.first())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"recurring": True, "renewals": 3}, (30_000, 3)),
        ({"recurring": True}, (30_000, None)),
        ({}, (30_000, 1)),
        ({"kind": "fixed", "value": 40_000}, (40_000, 1)),
        ({"kind": "fixed", "value": 999_000}, (150_000, 1)),
        ({"kind": "price_override", "value": 100_000}, (50_000, 1)),
        ({"kind": "free_setup"}, None),
        ({"retention": False}, None),
        ({"active": False}, None),
        ({"cycles": ["annually"]}, None),
        ({"audience": "new"}, None),
        ({"max_uses": 0}, None),
        ({"ends_at": timezone.make_aware(timezone.datetime(2026, 1, 19))}, None),
        ({"starts_at": timezone.make_aware(timezone.datetime(2026, 1, 21))}, None),
        ({"value": 0}, None),
    ],
)
def test_an_offer_fits_or_is_none(service, fields, expected):
    stay(**fields)
    assert offered(service) == expected


def test_an_offer_for_other_products_is_none_and_the_best_of_several_is_made(service, product):
    stay().products.add(factories.product())
    assert offered(service) is None
    stay(code="SEPULUH", value=10).products.add(product)
    stay(code="DUALIMA", value=25)
    assert offered(service) == (37_500, 1)


def test_who_stays_pays_less_for_as_many_renewals_as_offered(customer, service):
    promotion = stay(recurring=True, renewals=2)
    made = accept(service, promotion)
    promotion.refresh_from_db()
    assert (promotion.uses, made.accepted_by) == (1, customer.users.first())
    assert service.events.order_by("-pk")[0].kind == "retained"
    assert {mail.to for mail in emails("retention_accepted")} == {customer.billing_email, customer.users.first().email}
    text = outbox.render("billing/retention_accepted", {"retention_id": made.pk}, "id", reveal=True).text
    assert "Rp30.000" in text
    assert "2 perpanjangan" in text
    english = outbox.render("billing/retention_accepted", {"retention_id": made.pk}, "en", reveal=True)
    assert "Dear" in english.text
    for month in (1, 2, 3):
        run(date(2026, month, 27))
        pay(renewals(customer)[-1], date(2026, month, 28))
    assert [int(one.total) for one in renewals(customer)] == [120_000, 120_000, 150_000]
    assert disagreements() == []


def test_once_per_service_and_never_for_one_that_ends(customer, service):
    promotion = stay()
    accept(service, promotion)
    with pytest.raises(retention.CannotRetain):
        accept(service, promotion)
    other = active_order(customer, ORDERED, factories.product()).services.get()
    with on(TODAY):
        cancellations.request(
            service=other, when="period_end", reason="price", comment="", actor=customer.users.first()
        )
    with pytest.raises(retention.CannotRetain):
        accept(other, promotion)
    promotion.refresh_from_db()
    assert (promotion.uses, Retention.objects.count()) == (1, 1)


def test_another_offer_than_the_shown_one_is_not_taken(service):
    shown = stay()
    stay(code="LEBIH", value=30)
    with pytest.raises(retention.CannotRetain):
        accept(service, shown)
    service.refresh_from_db()
    assert (service.recurring_discount, Retention.objects.count()) == (0, 0)


def test_a_better_discount_that_runs_is_not_replaced_by_a_worse_one(customer, product):
    factories.promotion(code="SETENGAH", value=50, recurring=True)
    service = active_order(customer, ORDERED, product, promotion_code="SETENGAH").services.get()
    stay()
    assert offered(service) is None
    Service.objects.update(discounted_renewals_left=0)
    assert offered(Service.objects.get()) == (30_000, 1)


def test_declined_it_ends_as_asked(customer, service):
    stay()
    with on(TODAY):
        cancellations.request(
            service=service, when="period_end", reason="price", comment="", actor=customer.users.first()
        )
    assert (service.ends_on, service.recurring_discount) == (date(2026, 2, 10), 0)


def test_an_offer_to_stay_is_no_code_for_an_order(customer, product):
    stay()
    with pytest.raises(PromotionRefused) as refusal:
        place(customer, product, promotion_code="TETAP")
    assert refusal.value.condition == "unknown"
    assert ordering.Order.objects.count() == 0


def test_v6_uses_that_nobody_made_are_found(service):
    promotion = stay()
    accept(service, promotion)
    Retention.objects.all().delete()
    assert {breach.rule for breach in ledger.verify({"V6": ledger.CHECKS["V6"]})} == {"V6"}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fields", [{"max_uses": 1}, {"once_per_customer": True}])
def test_d4_of_two_services_at_once_one_gets_the_last_use(monkeypatch, fields):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    customer = factories.customer(factories.user())
    services = [active_order(customer, ORDERED, factories.product()).services.get() for _number in range(2)]
    promotion = stay(**fields)
    actor = customer.users.first()
    with on(TODAY):
        outcomes = at_once(
            *[lambda one=one: retention.accept(service=one, promotion_id=promotion.pk, actor=actor) for one in services]
        )
    assert [type(one.error) for one in outcomes if one.error] == [retention.CannotRetain]
    promotion.refresh_from_db()
    assert (promotion.uses, Retention.objects.count()) == (1, 1)
    assert disagreements() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_staying_while_a_colleague_ends_it_does_one_of_the_two(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    customer = factories.customer(factories.user())
    service = active_order(customer, ORDERED, factories.product()).services.get()
    promotion = stay()
    actor = customer.users.first()
    read = [Service.objects.select_related("customer").get(pk=service.pk) for _side in range(2)]
    with on(TODAY):
        stayed, ended = at_once(
            lambda: retention.accept(service=read[0], promotion_id=promotion.pk, actor=actor),
            lambda: cancellations.request(service=read[1], when="period_end", reason="price", comment="", actor=actor),
        )
    service.refresh_from_db()
    assert ended.error is None
    assert service.ends_on == date(2026, 2, 10)
    assert (stayed.error is None) == (service.recurring_discount == 30_000) == Retention.objects.exists()
    assert disagreements() == []
