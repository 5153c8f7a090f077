"""Ordering for a customer: the shop's own form and prices, the total that was seen, and one order per form."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from billing import ledger, ordering
from billing.models import Invoice, Order
from catalog import offers, pricing
from catalog.models import Price
from catalog.selection import Selection
from tests import factories
from tests.billing import shop
from tests.racing import at_once


@pytest.fixture
def customer(db):
    return factories.customer(factories.user(), language="en")


@pytest.fixture
def seller(db):
    return factories.staff("billing.add_order", "billing.view_order", name="Sari Penjualan")


@pytest.fixture
def at_work(client, seller):
    client.force_login(seller)
    return client


@pytest.fixture
def method(db):
    return factories.bank_account().method


@pytest.fixture
def product(db):
    made = factories.product(prices={"monthly": (150_000, 50_000), "annually": 1_500_000}, taxable=False)
    factories.quantity_option(made, prices={"monthly": 10_000, "annually": 100_000}, minimum=1)
    return made


def address(customer) -> str:
    return reverse("admin:billing_order_for", args=[customer.pk])


def form(method, *products, total: int | str = "", **fields) -> dict:
    data = {
        "action": "order",
        "total": total,
        "terms-key": str(uuid.uuid4()),
        "terms-payment_method": method.pk,
        "item": [str(number) for number in range(len(products))],
        **fields,
    }
    for number, one in enumerate(products):
        data |= {
            f"item-{number}-product": one.pk,
            f"item-{number}-cycle": "monthly",
            f"item-{number}-users": "5",
        }
    return {**data, **fields}


def posted(client, customer, data: dict) -> str:
    return client.post(address(customer), data).content.decode()


TOTAL = 250_000


def test_from_choosing_the_customer_to_their_invoice(at_work, customer, seller, method, product):
    page = at_work.get(reverse("admin:billing_order_new"), {"q": customer.billing_email}).content.decode()
    assert address(customer) in page
    added = posted(at_work, customer, {"action": "add", "add": product.pk})
    assert f'name="item-0-product" value="{product.pk}"' in added
    answer = at_work.post(
        address(customer),
        form(method, product, total=TOTAL, **{"terms-po_number": "PO-9", "terms-notes": "Lewat telepon."}),
    )
    order = Order.objects.get()
    assert answer.url == reverse("admin:billing_order_change", args=[order.pk])
    assert (order.customer, order.placed_by, order.terms, order.language) == (customer, seller, None, "en")
    assert (order.po_number, order.notes, order.invoice.total) == ("PO-9", "Lewat telepon.", TOTAL)
    assert [one.quantity for one in order.invoice.lines.filter(kind="option")] == [5]
    assert list(ledger.verify()) == []


def test_the_customer_gets_the_usual_email_and_the_seller_none(at_work, customer, seller, method, product):
    at_work.post(address(customer), form(method, product, total=TOTAL))
    assert [one.to for one in shop.emails("order_received")] == [customer.billing_email]
    assert [one.language for one in shop.emails("order_received")] == ["en"]


def test_staff_who_are_members_themselves_still_hear_of_it(at_work, customer, seller, method, product):
    factories.member(customer, seller)
    at_work.post(address(customer), form(method, product, total=TOTAL))
    assert {one.to for one in shop.emails("order_received")} == {customer.billing_email, seller.email}


def test_the_page_shows_prices_and_takes_along_the_total_it_shows(at_work, customer, method, product):
    factories.ppn()
    page = posted(at_work, customer, form(method, product, action="recalculate"))
    assert "Rp250.000" in page
    assert '<input type="hidden" name="total" value="250000">' in page
    assert Order.objects.count() == 0


def test_a_price_that_changed_since_it_was_seen_orders_nothing(at_work, customer, method, product):
    Price.objects.filter(product=product, cycle="monthly").update(amount=175_000)
    page = posted(at_work, customer, form(method, product, total=TOTAL))
    assert "Harga berubah sejak Anda melihatnya" in page
    assert 'name="total" value="275000"' in page
    assert (Order.objects.count(), Invoice.objects.count()) == (0, 0)


def test_what_was_never_seen_is_not_ordered(at_work, customer, method, product):
    answer = at_work.post(address(customer), form(method, product))
    assert answer.status_code == 422
    assert "Periksa totalnya" in answer.content.decode()
    assert Order.objects.count() == 0


def test_the_same_form_twice_places_one_order(at_work, customer, method, product):
    data = form(method, product, total=TOTAL)
    answers = [at_work.post(address(customer), data) for _time in range(2)]
    order = Order.objects.get()
    assert [one.url for one in answers] == [reverse("admin:billing_order_change", args=[order.pk])] * 2


def test_a_promotion_is_taken_off_and_counted(at_work, customer, method, product):
    promotion = factories.promotion(value=10)
    code = {"terms-promotion_code": promotion.code}
    page = posted(at_work, customer, form(method, product, action="recalculate", **code))
    seen = ordering.quote(
        customer=customer,
        items=shop_items(product),
        promotion_code=promotion.code,
    ).total
    assert f'name="total" value="{seen:.0f}"' in page
    at_work.post(address(customer), form(method, product, total=seen, **code))
    promotion.refresh_from_db()
    assert (promotion.uses, Order.objects.get().invoice.total) == (1, seen)


def shop_items(product):
    offer = offers.load([product.pk])[product.pk]
    return [pricing.Item(offer, Selection(cycle="monthly", options={"users": 5}))]


def test_a_refused_promotion_says_why_and_orders_nothing(at_work, customer, method, product):
    page = posted(at_work, customer, form(method, product, total=TOTAL, **{"terms-promotion_code": "TIDAKADA"}))
    assert "note-danger" in page
    assert Order.objects.count() == 0


def test_it_is_paid_in_instalments_that_the_page_shows_first(at_work, customer, method, product):
    plan = {"terms-plan": "60, 40"}
    page = posted(at_work, customer, form(method, product, action="recalculate", **plan))
    assert "Termin 1: 60%" in page
    assert "Rp150.000" in page
    at_work.post(address(customer), form(method, product, total=TOTAL, **plan))
    order = Order.objects.get()
    assert [order.invoice.total, *[one.total for one in order.instalments.all()]] == [150_000, 100_000]
    assert list(ledger.verify()) == []


@pytest.mark.parametrize("plan", ["50, 40", "banyak"])
def test_a_plan_that_cannot_be_is_said_at_its_field(at_work, customer, method, product, plan):
    answer = at_work.post(address(customer), form(method, product, total=TOTAL, **{"terms-plan": plan}))
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert Order.objects.count() == 0


def test_sold_out_and_incomplete_products_are_refused_by_name(at_work, customer, method, product):
    product.stock = product.stock_taken = 1
    product.save()
    page = posted(at_work, customer, form(method, product, total=TOTAL))
    assert "sudah habis" in page
    text = factories.product(taxable=False)
    factories.text_option(text)
    assert "note-danger" in posted(at_work, customer, form(method, text, total=150_000))
    assert "Tambahkan produk" in posted(at_work, customer, form(method, total=0))
    assert Order.objects.count() == 0


def test_a_product_just_added_accuses_nobody(at_work, customer):
    made = factories.product()
    factories.text_option(made)
    assert "errorlist" not in posted(at_work, customer, {"action": "add", "add": made.pk})


def test_the_customers_page_leads_here(client, customer):
    client.force_login(factories.staff("accounts.view_customer", "billing.add_order"))
    page = client.get(reverse("admin:accounts_customer_change", args=[customer.pk])).content.decode()
    assert address(customer) in page
    assert reverse("admin:billing_invoice_new") not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_products(at_work, customer, django_assert_num_queries, count):
    for _number in range(count):
        factories.product()
    at_work.get(address(customer))
    with django_assert_num_queries(8):
        at_work.get(address(customer))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_o2_the_same_form_twice_at_once_places_one_order(customer, seller, method, product):
    data = form(method, product, total=TOTAL)

    def send() -> int:
        browser = Client()
        browser.force_login(seller)
        return browser.post(address(customer), data).status_code

    assert at_once(2, send) == [302, 302]
    assert (Order.objects.count(), Invoice.objects.count(), len(shop.emails("order_received"))) == (1, 1, 1)
