import uuid
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import OutboxEmail, Shop
from billing import lifecycle, ordering
from billing.models import Invoice, NumberCounter, Order, PromotionRedemption, Service, ServiceComponent
from catalog import pricing
from catalog.cycles import Cycle
from catalog.models import DomainExtension, Product
from catalog.promotions import PromotionRefused
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.billing.shop import emails, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def hosting():
    """P9's plan: 150.000 a month, ten users at 12.500, setup 50.000."""
    product = factories.product(prices={Cycle.MONTHLY: (150_000, 50_000)}, name_id="Hosting", name_en="Hosting")
    factories.quantity_option(product, prices={Cycle.MONTHLY: 12_500})
    return product


TEN_USERS = Selection(cycle=Cycle.MONTHLY, options={"users": 10})


def nothing_was_ordered() -> bool:
    rows = (Order, Service, Invoice, PromotionRedemption, OutboxEmail, NumberCounter)
    return all(not model.objects.exists() for model in rows)


@time_machine.travel("2026-11-21T03:00:00Z", tick=False)
def test_o1_p9_an_order_leaves_services_and_an_issued_invoice(customer, owner, hosting, ppn):
    promotion = factories.promotion(code="HEMAT", recurring=True)
    terms = factories.terms()
    order = place(
        customer,
        selections={hosting: TEN_USERS},
        promotion_code="hemat",
        terms=terms,
        notes="Mohon sebelum Senin",
        expected_total=Decimal(330_225),
    )
    invoice = order.invoice
    assert (invoice.status, invoice.number, invoice.slug) == ("unpaid", "INV/2026/11/00001", "inv-2026-11-00001")
    assert (invoice.subtotal, invoice.discount, invoice.tax, invoice.total) == (325_000, 27_500, 32_725, 330_225)
    assert (invoice.tax_name, invoice.tax_rate, invoice.tax_base) == ("PPN", 12, 272_708)
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 11, 21), date(2026, 11, 24))
    assert invoice.buyer["name"] == customer.name
    assert invoice.seller["legal_name"] == Shop.current().legal_name

    [service] = order.services.all()
    assert (service.status, service.cycle, service.anchor_day, service.next_due) == (
        "pending",
        "monthly",
        21,
        date(2026, 12, 21),
    )
    assert (service.recurring_net, service.recurring_discount) == (275_000, 27_500)
    assert service.promotion == promotion
    assert service.discounted_renewals_left is None
    assert service.configuration[0]["value_id"] == "10 akun"
    components = ServiceComponent.objects.values_list("key", "quantity", "unit_price", "amount")
    assert sorted(components) == [("option:users", 10, 12_500, 125_000), ("product", 1, 150_000, 150_000)]

    lines = [(line.kind, line.amount, line.discount, line.period_start) for line in invoice.lines.all()]
    start = date(2026, 11, 21)
    assert sorted(lines) == [
        ("option", 125_000, 12_500, start),
        ("product", 150_000, 15_000, start),
        ("setup", 50_000, 0, None),
    ]
    assert {line.period_end for line in invoice.lines.exclude(kind="setup")} == {date(2026, 12, 20)}
    assert {line.service for line in invoice.lines.all()} == {service}

    assert (order.terms, order.ip_address, order.notes, order.placed_by) == (
        terms,
        "192.0.2.7",
        "Mohon sebelum Senin",
        owner,
    )
    assert order.terms_accepted_at == timezone.now()
    promotion.refresh_from_db()
    assert (promotion.uses, order.redemption.status) == (1, "reserved")
    assert {mail.to for mail in emails("order_received")} == {customer.billing_email, owner.email}
    assert [event.to_status for event in order.events.all()] == ["pending"]
    assert [event.to_status for event in invoice.events.all()] == ["draft", "unpaid"]


def test_p7_a_shop_whose_prices_include_tax_sells_services_at_net_prices(customer, ppn):
    shop = Shop.current()
    shop.prices_include_tax = True
    shop.save()
    product = factories.product(prices={Cycle.MONTHLY: (333_000, 15_000)})
    order = place(customer, product, expected_total=Decimal(348_000))
    [service] = order.services.all()
    assert service.recurring_net == 300_000
    assert [component.amount for component in service.components.all()] == [300_000]
    assert (order.invoice.total, order.invoice.subtotal + order.invoice.tax) == (348_000, 348_000)
    assert sum(line.amount for line in order.invoice.lines.all()) == order.invoice.subtotal


def test_p6_addons_are_children_each_with_its_cycle(customer):
    product = factories.product()
    managed = factories.addon(product, prices={Cycle.MONTHLY: 50_000}, key="managed")
    setup = factories.addon(product, prices={Cycle.ONE_TIME: 250_000}, key="setup", activation="by_staff")
    order = place(
        customer, selections={product: Selection(cycle=Cycle.MONTHLY, addons=frozenset({"managed", "setup"}))}
    )
    parent = order.services.get(parent=None)
    children = {child.addon: child for child in parent.children.all()}
    assert (children[managed].cycle, children[managed].recurring_net) == ("monthly", 50_000)
    assert (children[setup].cycle, children[setup].recurring_net, children[setup].next_due) == ("one_time", 0, None)
    assert children[setup].activation == "by_staff"
    assert {line.service for line in order.invoice.lines.filter(kind="addon")} == set(children.values())


def test_p5_separate_services_share_the_price_exactly(customer):
    product = factories.product(quantity_mode=Product.Quantity.SEPARATE, prices={Cycle.MONTHLY: (100_000, 7_000)})
    factories.addon(product, prices={Cycle.MONTHLY: 9_000}, key="managed")
    factories.promotion(code="POTONG", kind="fixed", value=100, recurring=True)
    order = place(
        customer,
        selections={product: Selection(cycle=Cycle.MONTHLY, quantity=3, addons=frozenset({"managed"}))},
        promotion_code="POTONG",
    )
    parents = order.services.filter(parent=None)
    assert [service.recurring_net for service in parents] == [100_000] * 3
    assert [service.children.count() for service in parents] == [1, 1, 1]
    assert sum(service.recurring_discount for service in order.services.all()) == 100
    assert sum(line.discount for line in order.invoice.lines.all()) == order.invoice.discount == 100
    assert order.invoice.total == 3 * 116_000 - 100


def test_p5_one_service_times_n_keeps_its_quantity(customer):
    product = factories.product(quantity_mode=Product.Quantity.MULTIPLE)
    order = place(customer, selections={product: Selection(cycle=Cycle.MONTHLY, quantity=4)})
    [service] = order.services.all()
    assert (service.quantity, service.recurring_net) == (4, 600_000)


def test_a_domain_is_a_child_of_its_own_with_its_code_encrypted(customer):
    DomainExtension.objects.create(
        extension=".co.id", register_price=300_000, transfer_price=250_000, renew_price=275_000
    )
    product = factories.product(domain_transfer=True)
    domain = DomainSelection("transfer", "contoh.co.id", "KODE-RAHASIA")
    order = place(customer, selections={product: Selection(cycle=Cycle.MONTHLY, domain=domain)})
    child = order.services.get(kind="domain")
    assert (child.parent.domain, child.domain, child.domain_way) == ("contoh.co.id", "contoh.co.id", "transfer")
    assert (child.cycle, child.recurring_net, child.activation) == ("annually", 275_000, "by_staff")
    assert "KODE-RAHASIA" not in child.epp_code_encrypted
    assert child.epp_code == "KODE-RAHASIA"
    assert order.invoice.lines.get(kind="domain").amount == 250_000
    # Which of several is meant is said on the product's own line too.
    assert order.invoice.lines.get(kind="product").detail == "contoh.co.id"


def test_a_subdomain_that_is_taken_is_refused_and_nothing_is_ordered(customer):
    product = factories.product(subdomain_of="situsku.id")
    selection = Selection(cycle=Cycle.MONTHLY, domain=DomainSelection("subdomain", "toko.situsku.id"))
    place(customer, selections={product: selection})
    with pytest.raises(pricing.ConfigurationError) as refusal:
        place(factories.customer(factories.user()), selections={product: selection})
    assert set(refusal.value.problems) == {"domain"}
    assert Order.objects.count() == 1


def test_o2_the_same_checkout_again_returns_the_first_order(customer):
    product, key = factories.product(), uuid.uuid4()
    first, second = (place(customer, product, checkout_key=key) for _time in range(2))
    assert first == second
    assert second.invoice == first.invoice
    assert (Order.objects.count(), Service.objects.count(), Invoice.objects.count()) == (1, 1, 1)
    assert len(emails("order_received")) == 2


def test_o2_another_customers_checkout_key_shows_nothing_of_theirs(customer):
    product, key = factories.product(), uuid.uuid4()
    place(customer, product, checkout_key=key)
    with pytest.raises(ordering.CheckoutKeyTaken):
        place(factories.customer(factories.user()), product, checkout_key=key)
    assert Order.objects.count() == 1


def test_p1_a_price_that_changed_is_shown_before_anything_is_ordered(customer):
    product = factories.product()
    with pytest.raises(ordering.PriceChanged) as refusal:
        place(customer, product, expected_total=Decimal(149_999))
    assert refusal.value.quote.total == 150_000
    assert nothing_was_ordered()


def test_p4_a_cycle_that_is_not_offered_is_refused(customer):
    product = factories.product()
    with pytest.raises(pricing.ConfigurationError):
        place(customer, selections={product: Selection(cycle=Cycle.ANNUALLY)})
    assert nothing_was_ordered()


@pytest.mark.parametrize("change", [{"retired": True}, None])
def test_a_product_that_is_no_longer_sold_is_refused(customer, change):
    product = factories.product()
    selections = {product: Selection(cycle=Cycle.MONTHLY)}
    key = product.pk
    if change:
        Product.objects.filter(pk=key).update(**change)
    else:
        Product.objects.filter(pk=key).delete()
        product.pk = key
    with pytest.raises(ordering.NotForSale):
        ordering.place_order(
            actor=None,
            customer=customer,
            items=[(key, selection) for selection in selections.values()],
            payment_method=factories.bank_transfer(),
            terms=None,
            ip_address=None,
            checkout_key=uuid.uuid4(),
            expected_total=None,
        )
    assert nothing_was_ordered()


def test_a_switched_off_method_is_refused(customer):
    with pytest.raises(ordering.MethodUnavailable):
        place(customer, factories.product(), method=factories.bank_transfer(active=False))
    assert nothing_was_ordered()


def test_p8_stock_is_reserved_and_the_last_one_is_sold_once(customer):
    product = factories.product(stock=1)
    order = place(customer, product)
    assert order.services.get().stock_held == 1
    with pytest.raises(ordering.OutOfStock):
        place(customer, product)
    product.refresh_from_db()
    assert (product.stock_taken, Order.objects.count()) == (1, 1)


def test_p8_one_order_cannot_take_more_than_there_is(customer):
    product = factories.product(stock=2, quantity_mode=Product.Quantity.SEPARATE)
    with pytest.raises(ordering.OutOfStock):
        place(customer, selections={product: Selection(cycle=Cycle.MONTHLY, quantity=3)})
    product.refresh_from_db()
    assert product.stock_taken == 0
    assert nothing_was_ordered()


def test_p8_an_unpaid_order_that_is_cancelled_gives_back_stock_and_promotion(customer, owner):
    product = factories.product(stock=1)
    promotion = factories.promotion(code="HEMAT", max_uses=1)
    order = place(customer, product, promotion_code="HEMAT")
    lifecycle.cancel_order(order=order, actor=owner)
    product.refresh_from_db()
    promotion.refresh_from_db()
    assert (product.stock_taken, promotion.uses) == (0, 0)
    assert PromotionRedemption.objects.get().status == "released"
    assert place(customer, product, promotion_code="HEMAT").invoice.discount == 15_000


def test_d4_a_promotion_that_is_used_up_is_refused_before_anything_is_ordered(customer):
    factories.promotion(code="SATU", max_uses=1, uses=1)
    with pytest.raises(PromotionRefused) as refusal:
        place(customer, factories.product(), promotion_code="SATU")
    assert refusal.value.condition == "used_up"
    assert nothing_was_ordered()


def test_d1_once_per_customer_counts_orders_that_were_not_cancelled(customer, owner):
    factories.promotion(code="SEKALI", once_per_customer=True)
    product = factories.product()
    first = place(customer, product, promotion_code="SEKALI")
    with pytest.raises(PromotionRefused) as refusal:
        place(customer, product, promotion_code="SEKALI")
    assert refusal.value.condition == "once_per_customer"
    lifecycle.cancel_order(order=first, actor=owner)
    assert place(customer, product, promotion_code="SEKALI").redemption.status == "reserved"


def test_d1_a_promotion_for_new_customers_does_not_count_the_order_itself(customer):
    factories.promotion(code="BARU", audience="new")
    product = factories.product()
    assert place(customer, product, promotion_code="BARU").invoice.discount == 15_000
    with pytest.raises(PromotionRefused) as refusal:
        place(customer, product, promotion_code="BARU")
    assert refusal.value.condition == "new_only"


def test_d5_a_code_that_takes_off_nothing_is_not_used_up(customer):
    promotion = factories.promotion(code="SETUP", kind="free_setup", max_uses=1)
    order = place(customer, factories.product(), promotion_code="SETUP")
    promotion.refresh_from_db()
    assert (promotion.uses, PromotionRedemption.objects.filter(order=order).exists()) == (0, False)


def test_i5_an_order_that_costs_nothing_is_paid_at_once(customer):
    product = factories.product(prices={Cycle.MONTHLY: 0})
    order = place(customer, product)
    order.refresh_from_db()
    assert (order.invoice.status, order.status, order.services.get().status) == ("paid", "active", "active")
    assert order.invoice.number
    assert emails("payment_received") == []
    assert len(emails("service_active")) == 1


def test_s1_a_product_that_starts_when_ordered_is_active_before_it_is_paid(customer):
    order = place(customer, factories.product(activation="on_order"))
    assert (order.services.get().status, order.status, order.invoice.status) == ("active", "pending", "unpaid")


def test_i3_an_issued_invoice_keeps_the_buyer_it_was_issued_to(customer):
    invoice = place(customer, factories.product()).invoice
    name = customer.name
    customer.name = "Nama Baru"
    customer.save()
    invoice.refresh_from_db()
    assert invoice.buyer["name"] == name


def test_an_english_order_has_an_english_invoice(customer):
    product = factories.product(name_id="Pencadangan", name_en="Backup")
    order = place(customer, product, language="en")
    assert [line.description for line in order.invoice.lines.all()] == ["Backup"]
    assert order.services.get().name_id == "Pencadangan"
