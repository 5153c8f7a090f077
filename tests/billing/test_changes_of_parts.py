"""Changes of options, add-ons, quantities and discounts, and the stock they move (S6, P3, P6, P8, D2)."""

from datetime import date

import pytest

from billing import changes, lifecycle
from billing.models import PriceChange, Service, ServiceChange
from catalog.cycles import Cycle
from catalog.models import DomainExtension, Product
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.billing.changing import allow, change, offer_of, without_credit
from tests.billing.shop import emails
from tests.billing.years import active_order, disagreements, on, pay, run
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED, TODAY, NEXT_DUE = date(2026, 6, 1), date(2026, 6, 13), date(2026, 7, 1)


@pytest.fixture
def plan(account) -> Product:
    """300.000 a month with users at 10.000 (2 included), two systems, a backup for 30.000, and three add-ons."""
    made = factories.product(name_id="Paket", prices={Cycle.MONTHLY: 300_000, Cycle.ANNUALLY: 3_000_000})
    both = {Cycle.MONTHLY: 10_000, Cycle.ANNUALLY: 100_000}
    factories.quantity_option(made, prices=both, minimum=1, included=2)
    factories.choice_option(made, choices={"linux": {Cycle.MONTHLY: 0}, "windows": {Cycle.MONTHLY: (60_000, 25_000)}})
    factories.yes_no_option(made, prices={Cycle.MONTHLY: (30_000, 5_000)})
    factories.addon(made, key="managed", name_id="Managed", prices={Cycle.MONTHLY: 90_000, Cycle.ANNUALLY: 900_000})
    factories.addon(made, key="monitoring", name_id="Monitoring", prices={Cycle.MONTHLY: (60_000, 20_000)})
    factories.addon(made, key="migration", name_id="Migrasi", prices={Cycle.ONE_TIME: 400_000})
    return made


CHOSEN = Selection(Cycle.MONTHLY, options={"users": 5, "os": "linux"}, addons=frozenset({"managed", "migration"}))


@pytest.fixture
def service(customer, plan) -> Service:
    order = active_order(customer, ORDERED, selections={plan: CHOSEN})
    return order.services.get(parent=None)


def fresh(service: Service) -> Service:
    return Service.objects.get(pk=service.pk)


def child(service: Service, key: str) -> Service:
    return service.children.get(addon__key=key)


def test_the_configuration_is_kept_with_the_service(service):
    assert Selection.from_json(service.selection) == CHOSEN


def test_n_separate_services_keep_one_each_and_no_secret_is_kept_twice(customer, account):
    separate = factories.product(quantity_mode=Product.Quantity.SEPARATE)
    for one in active_order(customer, ORDERED, selections={separate: Selection(Cycle.MONTHLY, 3)}).services.all():
        assert one.selection["quantity"] == 1
    moved = factories.product(domain_transfer=True)
    DomainExtension.objects.create(extension=".id", transfer_price=200_000, renew_price=200_000)
    chosen = Selection(Cycle.MONTHLY, domain=DomainSelection("transfer", "kenanga.id", "RAHASIA"))
    service = active_order(customer, ORDERED, selections={moved: chosen}).services.get(parent=None)
    assert service.selection["domain"] == {"way": "transfer", "name": "kenanga.id", "epp_code": ""}


def test_a_service_sold_before_selections_were_kept_is_read_from_its_words(service, plan):
    Service.objects.update(selection=None)
    recalled = changes.of_service(changes.Family.of(fresh(service)), offer_of(plan))
    assert recalled == CHOSEN


def test_a_domain_stays_as_it_is(customer, account):
    small = factories.product(domain_own=True, subdomain_of="situsku.id")
    large = factories.product(prices={Cycle.MONTHLY: 400_000}, domain_own=True)
    without = factories.product(prices={Cycle.MONTHLY: 500_000})
    allow(small, large)
    allow(large, without)
    domain = DomainSelection("own", "kenanga.id")
    chosen = {small: Selection(Cycle.MONTHLY, domain=domain)}
    service = active_order(customer, ORDERED, selections=chosen).services.get()
    for product in (large, without):
        pay(change(service, product, TODAY).invoice, TODAY)
        changed = fresh(service)
        assert (changed.product, changed.domain, changed.domain_way) == (product, "kenanga.id", "own")
        assert [(entry["key"], entry["value_id"]) for entry in changed.configuration] == [("domain", "kenanga.id")]
        assert Selection.from_json(changed.selection).domain == domain
    assert disagreements() == []


def test_a_plan_that_needs_a_domain_is_no_choice_for_a_service_without(customer, account):
    small = factories.product()
    allow(small, factories.product(domain_own=True))
    service = active_order(customer, ORDERED, small).services.get()
    assert changes.targets(service) == []


def test_more_of_an_option_is_charged_for_the_rest_of_the_period(service, plan):
    asked = change(service, plan, TODAY, options={"users": 8, "os": "windows", "backup": True})
    # Before 300.000 + 3 × 10.000, after 300.000 + 6 × 10.000 + 60.000 + 30.000, for 18 of 30 days.
    assert (asked.unused, asked.charged, asked.once) == (198_000, 270_000, 30_000)
    assert [(line.kind, line.net) for line in asked.invoice.lines.all()] == [
        ("change", 72_000),
        ("setup", 25_000),
        ("setup", 5_000),
    ]
    pay(asked.invoice, TODAY)
    changed = fresh(service)
    assert [(part.key, part.amount) for part in changed.components.all()] == [
        ("product", 300_000),
        ("option:users", 60_000),
        ("option:os", 60_000),
        ("option:backup", 30_000),
    ]
    assert [(entry["key"], entry["value_id"]) for entry in changed.configuration] == [
        ("users", "8 akun (2 sudah termasuk)"),
        ("os", "Windows"),
        ("backup", "Ya"),
    ]
    assert changed.selection["options"] == {"users": 8, "os": "windows", "backup": True}
    assert disagreements() == []


def test_what_changes_is_said_in_both_languages(service, plan):
    options = {"users": 8, "os": "linux", "backup": True}
    asked = change(service, plan, TODAY, options=options, addons={"managed", "migration", "monitoring"})
    assert [(one["name_id"], one["before_id"], one["after_id"]) for one in asked.words] == [
        ("Pengguna", "5 akun (2 sudah termasuk)", "8 akun (2 sudah termasuk)"),
        ("Cadangan", "–", "Ya"),
        ("Monitoring", "–", "Ya"),
    ]
    assert asked.words[0]["after_en"] == "8 accounts (2 included)"


def test_a_setup_fee_that_was_paid_is_not_charged_again(service, plan):
    pay(change(service, plan, TODAY, options={"users": 5, "os": "windows"}).invoice, TODAY)
    asked = change(service, plan, date(2026, 6, 14), options={"users": 6, "os": "windows"})
    assert asked.once == 0


def test_a_new_addon_joins_the_service_and_renews_with_it(customer, service, plan):
    asked = change(service, plan, TODAY, addons={"managed", "migration", "monitoring"})
    # 60.000 for 18 of 30 days, and its setup fee.
    assert [(line.kind, line.net) for line in asked.invoice.lines.all()] == [("change", 36_000), ("setup", 20_000)]
    assert not service.children.filter(addon__key="monitoring").exists()
    pay(asked.invoice, TODAY)
    joined = child(service, "monitoring")
    assert (joined.status, joined.next_due, joined.renews_from, joined.recurring_net) == (
        "active",
        NEXT_DUE,
        NEXT_DUE,
        60_000,
    )
    run(date(2026, 6, 17))
    [renewal] = renewals_of(customer)
    assert sorted(line.amount for line in renewal.lines.all()) == [60_000, 90_000, 330_000]
    assert len(emails("service_active")) == 1
    assert disagreements() == []


def test_an_addon_that_staff_sets_up_goes_on_their_list(service, plan):
    plan.addons.filter(key="monitoring").update(activation="by_staff")
    pay(change(service, plan, TODAY, addons={"managed", "migration", "monitoring"}).invoice, TODAY)
    joined = child(service, "monitoring")
    assert (joined.status, joined.activation_due_since is not None) == ("pending", True)
    assert disagreements() == []


def test_an_addon_that_is_taken_off_ends_and_pays_for_the_rest(customer, service, plan):
    larger = {"users": 20, "os": "linux"}
    asked = change(service, plan, TODAY, options=larger, addons={"migration"})
    # 15 users more for 90.000, without 90.000 × 18/30 for what is taken off.
    assert (asked.unused, asked.charged) == (198_000 + 54_000, 288_000)
    assert [line.net for line in asked.invoice.lines.all()] == [36_000]
    assert child(service, "managed").status == "active"
    pay(asked.invoice, TODAY)
    assert child(service, "managed").status == "cancelled"
    run(date(2026, 6, 17))
    assert [line.amount for line in renewals_of(customer)[0].lines.all()] == [480_000]
    # What the add-on was worth went into the options: taking those off again is worth all of it.
    cheaper = quoted_today(service, plan, date(2026, 6, 14), {"users": 5, "os": "linux"})
    assert (cheaper.unused, cheaper.charged) == (272_000, 187_000)
    assert disagreements() == []


def quoted_today(service, plan, day, options):
    family = changes.Family.of(fresh(service))
    with on(day):
        return changes.quote(family, offer_of(plan), Selection(Cycle.MONTHLY, options=options), day)


def test_addons_that_stay_keep_their_price_and_their_period(service, plan):
    plan.addons.get(key="managed").prices.update(amount=999_000)
    asked = change(service, plan, TODAY, options={"users": 6, "os": "linux"})
    assert [line.net for line in asked.invoice.lines.all()] == [6_000]
    pay(asked.invoice, TODAY)
    assert child(service, "managed").recurring_net == 90_000


def test_an_addon_that_is_no_longer_sold_stays_with_its_product(service, plan):
    plan.addons.filter(key="managed").update(retired=True)
    asked = change(service, plan, TODAY, options={"users": 6, "os": "linux"}, addons={"migration"})
    pay(asked.invoice, TODAY)
    assert child(service, "managed").status == "active"


def test_another_product_ends_addons_that_it_does_not_have(customer, service, plan):
    other = factories.product(name_id="Lain", prices={Cycle.MONTHLY: 700_000})
    allow(plan, other)
    pay(change(service, other, TODAY, options={}, addons=set()).invoice, TODAY)
    assert {one.addon.key: one.status for one in service.children.all()} == {
        "managed": "cancelled",
        "migration": "active",
    }


def test_addons_follow_the_services_cycle_where_they_have_it(customer, service, plan):
    without_credit()
    asked = change(service, plan, TODAY, cycle=Cycle.ANNUALLY, options={"users": 5})
    assert asked.applied_at is not None
    managed = child(service, "managed")
    assert (managed.cycle, managed.recurring_net, managed.next_due) == (Cycle.ANNUALLY, 900_000, NEXT_DUE)
    run(date(2026, 6, 14))
    [renewal] = renewals_of(customer)
    assert sorted(line.amount for line in renewal.lines.all()) == [900_000, 3_300_000]
    assert {line.period_end for line in renewal.lines.all()} == {date(2027, 6, 30)}


def test_one_service_times_n_can_have_another_n(customer, account):
    plan = factories.product(quantity_mode=Product.Quantity.MULTIPLE, prices={Cycle.MONTHLY: 30_000}, stock=10)
    service = active_order(customer, ORDERED, selections={plan: Selection(Cycle.MONTHLY, 3)}).services.get()
    asked = change(service, plan, TODAY, quantity=5)
    assert asked.invoice.subtotal == 36_000
    plan.refresh_from_db()
    assert plan.stock_taken == 5
    pay(asked.invoice, TODAY)
    changed = fresh(service)
    assert (changed.quantity, changed.stock_held, changed.recurring_net) == (5, 5, 150_000)
    assert disagreements() == []


def test_p8_stock_is_reserved_when_asked_for_and_the_old_is_free_when_it_takes_effect(customer, account):
    old = factories.product(prices={Cycle.MONTHLY: 100_000}, stock=4)
    new = factories.product(prices={Cycle.MONTHLY: 200_000}, stock=1)
    allow(old, new)
    service = active_order(customer, ORDERED, old).services.get()
    rival = active_order(customer, ORDERED, old).services.get()
    asked = change(service, new, TODAY)
    with pytest.raises(changes.SoldOut):
        change(rival, new, TODAY)
    assert stock_of(old, new) == [2, 1]
    pay(asked.invoice, TODAY)
    assert stock_of(old, new) == [1, 1]
    assert disagreements() == []


def test_p8_a_cancelled_change_frees_what_it_reserved(customer, account):
    old = factories.product(prices={Cycle.MONTHLY: 100_000}, stock=4)
    new = factories.product(prices={Cycle.MONTHLY: 200_000}, stock=1)
    allow(old, new)
    asked = change(active_order(customer, ORDERED, old).services.get(), new, TODAY)
    with on(TODAY):
        changes.cancel(change=asked, actor=None)
    assert stock_of(old, new) == [1, 0]
    assert disagreements() == []


def stock_of(*products: Product) -> list[int]:
    return [Product.objects.get(pk=product.pk).stock_taken for product in products]


class TestDiscounts:
    @pytest.fixture
    def small(self, account):
        return factories.product(prices={Cycle.MONTHLY: 300_000})

    @pytest.fixture
    def large(self, small):
        made = factories.product(prices={Cycle.MONTHLY: 500_000})
        allow(small, made)
        return made

    def order(self, customer, small, **promotion):
        made = factories.promotion(recurring=True, **promotion)
        return active_order(customer, ORDERED, small, promotion_code=made.code).services.get()

    def test_d2_a_percentage_goes_with_the_price(self, customer, small, large):
        service = self.order(customer, small, kind="percent", value=10)
        asked = change(service, large, TODAY)
        assert (asked.unused, asked.charged) == (162_000, 270_000)
        pay(asked.invoice, TODAY)
        assert (fresh(service).recurring_net, fresh(service).recurring_discount) == (500_000, 50_000)

    def test_d2_a_fixed_sum_stays(self, customer, small, large):
        service = self.order(customer, small, kind="fixed", value=30_000)
        pay(change(service, large, TODAY).invoice, TODAY)
        assert fresh(service).recurring_discount == 30_000

    def test_d2_an_agreed_price_stays_that_price(self, customer, small, large):
        service = self.order(customer, small, kind="price_override", value=250_000)
        asked = change(service, large, TODAY)
        assert asked.applied_at is not None
        assert (fresh(service).recurring_net, fresh(service).recurring_discount) == (500_000, 250_000)

    def test_d2_a_promotion_for_the_old_product_alone_is_over(self, customer, small, large):
        promotion = factories.promotion(recurring=True, renewals=5)
        promotion.products.add(small)
        service = active_order(customer, ORDERED, small, promotion_code=promotion.code).services.get()
        asked = change(service, large, TODAY)
        assert asked.charged == 300_000
        pay(asked.invoice, TODAY)
        changed = fresh(service)
        assert (changed.promotion, changed.recurring_discount, changed.discounted_renewals_left) == (None, 0, None)
        assert disagreements() == []

    def test_d2_the_last_discounted_period_stays_discounted_to_its_end(self, customer, small, large):
        service = self.order(customer, small, kind="percent", value=10, renewals=0)
        assert service.discounted_renewals_left == 0
        assert change(service, large, TODAY).charged == 270_000


def test_an_announced_price_of_the_old_configuration_is_forgotten(service, plan):
    PriceChange.objects.create(service=service, unit_prices={}, old_net=1, new_net=2, effective_from=date(2026, 12, 1))
    pay(change(service, plan, TODAY, options={"users": 6, "os": "linux"}).invoice, TODAY)
    assert PriceChange.objects.get().cancelled_at is not None


def test_staff_is_told_where_they_have_to_carry_it_out(customer, account):
    small = factories.product(activation="by_staff")
    large = factories.product(activation="by_staff", prices={Cycle.MONTHLY: 400_000})
    allow(small, large)
    order = active_order(customer, ORDERED, small)
    with on(ORDERED):
        lifecycle.activate(service=order.services.get(), actor=None)
    pay(change(order.services.get(), large, TODAY).invoice, TODAY)
    assert len(emails("change_to_carry_out")) == 1
    assert ServiceChange.objects.get().applied_at is not None
