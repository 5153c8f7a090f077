import pytest

from accounts.roles import Role
from billing import confirmations, lifecycle, transitions
from billing.models import Order, Service
from billing.signals import service_changed
from catalog.cycles import Cycle
from catalog.models import DomainExtension
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.billing.shop import confirm, emails, place, rupiah
from tests.billing.test_payments import pay

pytestmark = pytest.mark.django_db


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


@pytest.fixture
def paid_by_staff(customer):
    """A service that waits on the staff's list."""
    order = place(customer, factories.product(activation="by_staff"))
    pay(customer, 150_000, order.invoice)
    return Service.objects.get(order=order)


def test_s1_a_paid_service_that_staff_activates_waits_on_their_list(paid_by_staff):
    assert (paid_by_staff.status, paid_by_staff.order.status) == ("pending", "active")
    assert paid_by_staff.activation_due_since
    assert emails("service_active") == []


def test_s8_activating_keeps_login_details_encrypted_and_emails_those_who_may_see_them(paid_by_staff, customer, owner):
    technician = factories.member(customer, role=Role.TECHNICAL).user
    factories.member(customer, role=Role.BILLING)
    lifecycle.activate(service=paid_by_staff, actor=factories.staff(), login_details="user: budi\nsandi: rahasia")
    service = fresh(paid_by_staff)
    assert (service.status, service.activation_due_since) == ("active", None)
    assert "rahasia" not in service.login_details_encrypted
    assert service.login_details == "user: budi\nsandi: rahasia"
    assert {mail.to for mail in emails("service_active")} == {owner.email, technician.email}
    assert "rahasia" not in str([(mail.arguments, mail.key) for mail in emails("service_active")])


def test_s3_activating_twice_is_refused_and_keeps_the_first_details(paid_by_staff):
    lifecycle.activate(service=paid_by_staff, actor=None, login_details="pertama")
    with pytest.raises(transitions.InvalidTransition):
        lifecycle.activate(service=fresh(paid_by_staff), actor=None, login_details="kedua")
    assert fresh(paid_by_staff).login_details == "pertama"
    assert len(emails("service_active")) == 1


def test_s1_each_service_of_an_order_starts_by_its_own_rule(customer):
    DomainExtension.objects.create(extension=".id", register_price=200_000, renew_price=200_000)
    product = factories.product(domain_register=True)
    factories.addon(product, prices={Cycle.MONTHLY: 10_000}, key="auto")
    factories.addon(product, prices={Cycle.ONE_TIME: 10_000}, key="manual", activation="by_staff")
    selection = Selection(
        cycle=Cycle.MONTHLY,
        addons=frozenset({"auto", "manual"}),
        domain=DomainSelection("register", "contoh.id"),
    )
    order = place(customer, selections={product: selection})
    pay(customer, int(order.invoice.total), order.invoice)
    by_kind = {(service.kind, service.activation): service for service in order.services.all()}
    assert {key: service.status for key, service in by_kind.items()} == {
        ("product", "on_payment"): "active",
        ("addon", "on_payment"): "active",
        ("addon", "by_staff"): "pending",
        ("domain", "by_staff"): "pending",
    }
    # The add-on that started with its product is told of in the product's email.
    assert [mail.arguments for mail in emails("service_active")] == [
        {"service_id": by_kind["product", "on_payment"].pk}
    ]
    waiting = order.services.filter(activation_due_since__isnull=False)
    assert set(waiting) == {by_kind["addon", "by_staff"], by_kind["domain", "by_staff"]}


def test_s1_a_one_time_service_is_completed(customer):
    order = place(
        customer,
        selections={factories.product(prices={Cycle.ONE_TIME: 150_000}): Selection(cycle=Cycle.ONE_TIME)},
    )
    service = order.services.get()
    with pytest.raises(transitions.InvalidTransition):
        lifecycle.complete(service=service, actor=None)
    pay(customer, 150_000, order.invoice)
    lifecycle.complete(service=fresh(service), actor=None, note="Logo diserahkan")
    assert fresh(service).status == "completed"
    assert fresh(service).ended_at


def test_s1_a_recurring_service_is_not_completed(customer):
    order = place(customer, factories.product())
    pay(customer, 150_000, order.invoice)
    with pytest.raises(lifecycle.NotOneTime):
        lifecycle.complete(service=order.services.get(), actor=None)
    assert order.services.get().status == "active"


@pytest.fixture
def with_addon(customer):
    product = factories.product()
    factories.addon(product, prices={Cycle.MONTHLY: 50_000}, key="managed")
    return place(customer, selections={product: Selection(cycle=Cycle.MONTHLY, addons=frozenset({"managed"}))})


def test_p6_ending_the_parent_ends_what_is_part_of_it(with_addon, customer, verifier):
    pay(customer, 200_000, with_addon.invoice)
    lifecycle.cancel_service(service=with_addon.services.get(parent=None), actor=verifier, note="Diminta")
    assert [service.status for service in with_addon.services.all()] == ["cancelled", "cancelled"]


def test_a_service_on_an_unpaid_invoice_is_not_cancelled_alone(with_addon, verifier):
    with pytest.raises(lifecycle.BilledAndUnpaid):
        lifecycle.cancel_service(service=with_addon.services.get(parent=None), actor=verifier)
    assert {service.status for service in Service.objects.all()} == {"pending"}


def test_o1_a_fraudulent_order_ends_without_an_email(with_addon, verifier):
    lifecycle.mark_fraud(order=with_addon, actor=verifier, note="Kartu curian")
    order = fresh(with_addon)
    assert (order.status, order.invoice.status) == ("fraud", "cancelled")
    assert {service.status for service in order.services.all()} == {"cancelled"}
    assert emails("order_cancelled") == []


def test_o1_a_paid_order_is_not_cancelled(with_addon, customer, verifier):
    pay(customer, 200_000, with_addon.invoice)
    with pytest.raises(lifecycle.CannotCancel):
        lifecycle.cancel_order(order=fresh(with_addon), actor=verifier)
    assert Order.objects.get().status == "active"


def test_every_change_of_a_service_is_told_to_the_apps_above(with_addon, customer):
    heard = []

    def listen(service, from_status, to_status, **arguments):
        heard.append((service.kind, from_status, to_status))

    service_changed.connect(listen)
    pay(customer, 200_000, with_addon.invoice)
    service_changed.disconnect(listen)
    assert sorted(heard) == [("addon", "pending", "active"), ("product", "pending", "active")]


def test_a_transfer_with_the_longest_names_is_recorded(customer, account, verifier):
    invoice = place(customer, factories.product(), method=account.method).invoice
    confirmation = confirm(invoice, sender_bank="B" * 60, sender_name="N" * 120)
    payment = confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    assert len(payment.reference) == 150
