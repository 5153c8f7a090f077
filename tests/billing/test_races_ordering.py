"""Orders placed at once: one per checkout form, one per piece of stock, one per use of a promotion, one per number."""

import uuid
from collections import Counter

import pytest
from django.db import connection, models
from django.db.utils import DatabaseError
from django.utils import timezone

from billing import invoicing, lifecycle, numbering, ordering
from billing.models import Invoice, Order, PromotionRedemption, Service
from catalog.models import Product, Promotion
from catalog.promotions import PromotionRefused
from tests import factories
from tests.billing.races import Outcome, assert_books_agree, at_once, meeting
from tests.billing.shop import place

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BUYERS = 50
FEW = 4
# For controls: on SQLite the transaction itself keeps the others out, from its first INSERT on.
WITHOUT_TRANSACTION = ordering.place_order.__wrapped__


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    """The worker's turn comes after; here only the rows count."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def method():
    return factories.bank_account().method


def draft(customer) -> Invoice:
    return Invoice.objects.create(customer=customer)


def issue_at_once(count: int, guarded: bool = True) -> list[Outcome]:
    customer = factories.customer(factories.user())
    drafts = [draft(customer) for _number in range(count)]
    return at_once(*[lambda one=one: invoicing.issue(invoice=one, actor=None) for one in drafts], guarded=guarded)


def assert_all_numbered(count: int, outcomes: list[Outcome], first: int) -> None:
    assert [outcome.error for outcome in outcomes] == [None] * count
    numbers = Invoice.objects.filter(sequence__gte=first).order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(first, first + count))


def test_i2_50_concurrent_issues_give_n_to_n_plus_49():
    customer = factories.customer(factories.user())
    invoicing.issue(invoice=draft(customer), actor=None)
    assert_all_numbered(BUYERS, issue_at_once(BUYERS), first=2)


def test_i2_the_first_numbers_of_a_period_may_be_taken_at_once():
    assert_all_numbered(FEW, issue_at_once(FEW), first=1)


def test_i2_control_numbers_by_max_plus_one_collide(monkeypatch):
    meet = meeting(FEW)

    def max_plus_one(series, on):
        last = Invoice.objects.aggregate(last=models.Max("sequence"))["last"] or 0
        meet()
        text = f"INV/{last + 1}"
        return numbering.Number(series, f"{on:%Y}", last + 1, text, numbering.slug_of(text))

    monkeypatch.setattr(numbering, "take", max_plus_one)
    outcomes = issue_at_once(FEW, guarded=False)
    with pytest.raises(AssertionError):
        assert_all_numbered(FEW, outcomes, first=1)


def same_checkout(count: int, method, guarded: bool = True) -> list[Outcome]:
    customer, product, key = factories.customer(factories.user()), factories.product(), uuid.uuid4()
    return at_once(*[lambda: place(customer, product, method=method, checkout_key=key)] * count, guarded=guarded)


def assert_one_order(outcomes: list[Outcome]) -> None:
    assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
    assert len({outcome.value.invoice.number for outcome in outcomes}) == 1
    assert (Order.objects.count(), Invoice.objects.count(), Service.objects.count()) == (1, 1, 1)


def test_o2_50_identical_checkouts_make_one_order_and_show_its_invoice(method):
    assert_one_order(same_checkout(BUYERS, method))
    assert_books_agree()


def test_o2_control_looking_first_makes_an_order_for_each(monkeypatch, method):
    meet = meeting(FEW)

    def look_then_insert(checkout_key, **fields):
        found = ordering.find(checkout_key)
        meet()
        return (found, False) if found else (Order.objects.create(checkout_key=uuid.uuid4(), **fields), True)

    monkeypatch.setattr(ordering, "_insert", look_then_insert)
    outcomes = same_checkout(FEW, method, guarded=False)
    with pytest.raises(AssertionError):
        assert_one_order(outcomes)


def many_buyers(count: int, product: Product, method, guarded: bool = True, **fields) -> list[Outcome]:
    customers = [factories.customer(factories.user()) for _number in range(count)]
    orders = [lambda one=one: place(one, product, method=method, **fields) for one in customers]
    return at_once(*orders, guarded=guarded)


def assert_sold(outcomes: list[Outcome], stock: int) -> None:
    told = Counter(type(outcome.error) for outcome in outcomes)
    assert told == {type(None): stock, ordering.OutOfStock: len(outcomes) - stock}
    assert (Order.objects.count(), Product.objects.get(stock__isnull=False).stock_taken) == (stock, stock)


@pytest.mark.parametrize("stock", [1, 3])
def test_p8_50_buyers_of_the_last_pieces_get_exactly_those(stock, method):
    assert_sold(many_buyers(BUYERS, factories.product(stock=stock), method), stock)
    assert_books_agree()


def test_p8_control_looking_first_sells_the_last_piece_twice(monkeypatch, method):
    meet = meeting(FEW)

    def look_then_take(priced):
        product = Product.objects.get(pk=priced.items[0].item.offer.id)
        meet()
        if product.stock_left < 1:
            raise ordering.OutOfStock(priced.items[0].item.offer)
        Product.objects.filter(pk=product.pk).update(stock_taken=product.stock_taken + 1)

    monkeypatch.setattr(ordering, "_take_stock", look_then_take)
    monkeypatch.setattr(ordering, "place_order", WITHOUT_TRANSACTION)
    outcomes = many_buyers(FEW, factories.product(stock=1), method)
    with pytest.raises(AssertionError):
        assert_sold(outcomes, 1)


def assert_redeemed(outcomes: list[Outcome], limit: int) -> None:
    refused = [outcome.error for outcome in outcomes if outcome.error]
    assert {type(error) for error in refused} == {PromotionRefused}
    assert {error.condition for error in refused} == {"used_up"}
    redeemed = PromotionRedemption.objects.count()
    assert (len(outcomes) - len(refused), redeemed, Promotion.objects.get().uses) == (limit, limit, limit)
    assert Order.objects.count() == limit


@pytest.mark.parametrize("limit", [1, 10])
def test_d4_50_buyers_with_one_code_redeem_it_exactly_as_often_as_allowed(limit, method):
    factories.promotion(code="REBUT", max_uses=limit)
    assert_redeemed(many_buyers(BUYERS, factories.product(), method, promotion_code="REBUT"), limit)
    assert_books_agree()


def test_d4_control_looking_first_redeems_too_often(monkeypatch, method):
    meet = meeting(FEW)

    def look_then_count(order, priced):
        promotion = Promotion.objects.get(pk=priced.promotion.id)
        meet()
        if promotion.uses >= promotion.max_uses:
            raise PromotionRefused("used_up", "")
        Promotion.objects.filter(pk=promotion.pk).update(uses=promotion.uses + 1)
        PromotionRedemption.objects.create(promotion=promotion, order=order, customer=order.customer)

    factories.promotion(code="REBUT", max_uses=1)
    monkeypatch.setattr(ordering, "_take_promotion", look_then_count)
    monkeypatch.setattr(ordering, "place_order", WITHOUT_TRANSACTION)
    outcomes = many_buyers(FEW, factories.product(), method, promotion_code="REBUT")
    with pytest.raises(AssertionError):
        assert_redeemed(outcomes, 1)


def test_d1_a_code_for_new_customers_is_theirs_once_however_often_they_press(method):
    factories.promotion(code="BARU", audience="new")
    customer, product = factories.customer(factories.user()), factories.product()
    outcomes = at_once(*[lambda: place(customer, product, method=method, promotion_code="BARU")] * 8)
    assert Counter(getattr(outcome.error, "condition", None) for outcome in outcomes) == {None: 1, "new_only": 7}
    assert_books_agree()


def test_d1_once_per_customer_holds_when_several_orders_come_at_once(method):
    factories.promotion(code="SEKALI", once_per_customer=True)
    customer, product = factories.customer(factories.user()), factories.product()
    outcomes = at_once(*[lambda: place(customer, product, method=method, promotion_code="SEKALI")] * 8)
    told = Counter(getattr(outcome.error, "condition", None) for outcome in outcomes)
    assert told == {None: 1, "once_per_customer": 7}
    assert_books_agree()


def test_p8_ordering_and_cancelling_the_same_things_at_once_never_wait_for_each_other(method):
    """Both take the promotion's row and then the product's: the other way round PostgreSQL finds a deadlock."""
    factories.promotion(code="REBUT")
    customer, product = factories.customer(factories.user()), factories.product(stock=100)

    def order() -> Order:
        return place(customer, product, method=method, promotion_code="REBUT")

    for _round in range(5):
        placed = [order() for _number in range(5)]
        cancels = [lambda one=one: lifecycle.cancel_order(order=one, actor=None) for one in placed]
        outcomes = at_once(*cancels, *[order] * 5)
        assert [outcome.error for outcome in outcomes] == [None] * 10
    product.refresh_from_db()
    assert (product.stock_taken, Promotion.objects.get().uses) == (25, 25)
    assert_books_agree()


def test_200_of_200_parallel_checkouts_succeed_and_none_finds_the_database_locked(method):
    product = factories.product()
    for _round in range(4):
        outcomes = many_buyers(BUYERS, product, method)
        assert [outcome.error for outcome in outcomes] == [None] * BUYERS
    assert Order.objects.count() == 4 * BUYERS
    sequences = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, 4 * BUYERS + 1))
    assert_books_agree()


def test_parallel_checkouts_control_without_immediate_transactions_the_database_is_locked(monkeypatch, method):
    """On SQLite a transaction that reads before it writes is refused when another has written meanwhile."""
    meet = meeting(FEW)
    price = ordering._price

    def price_and_meet(*arguments):
        # Reads first, as a view that looks before it orders would.
        meet()
        return price(*arguments)

    monkeypatch.setattr(ordering, "_price", price_and_meet)
    monkeypatch.setattr(ordering, "_insert", _read_then_insert)
    outcomes = many_buyers(FEW, factories.product(), method, guarded=False)
    locked = [outcome.error for outcome in outcomes if isinstance(outcome.error, DatabaseError)]
    assert bool(locked) == (connection.vendor == "sqlite")


def _read_then_insert(checkout_key, **fields):
    order = Order(checkout_key=checkout_key, created_at=timezone.now(), **fields)
    Order.objects.count()
    order.save()
    return order, True
