"""Cases open with an order, or by hand for a lead, as copies of their template."""

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.roles import Role
from onboarding import opening
from onboarding.models import Case, MemberRole, Quotation, Template
from onboarding.refusals import NotAllowed, NoTemplate
from tests import factories
from tests.billing.shop import place
from tests.onboarding.walk import (
    current,
    document,
    fresh,
    order,
    ordered_case,
    pay_order,
    product_with_onboarding,
    states,
    told,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture
def product():
    return product_with_onboarding(name_id="Jurnal Plus", name_en="Jurnal Plus")


@pytest.fixture
def admin():
    return factories.onboarding_admin()


# By an order


def test_an_order_opens_a_case_for_its_product(customer, owner, product):
    placed = order(customer, product)
    case = Case.objects.get()
    service = placed.services.get()
    assert (case.customer, case.product, case.service, case.opened_by) == (customer, product, service, owner)
    assert (case.status, case.stage_key, case.name_id, case.language) == ("active", "initial_call", "Jurnal Plus", "id")
    assert (case.turn, case.turn_action, case.pic, told(case)) == ("us", "schedule", None, ["opened"])
    assert [event.kind for event in case.events.all()] == ["created"]


def test_the_quotation_of_an_order_in_the_shop_is_skipped(customer, product):
    case = ordered_case(customer, product)
    assert states(case) == {
        "initial_call": "current",
        "sales_meeting": "upcoming",
        "quotation": "skipped",
        "invoice_payment": "upcoming",
        "requirement_gathering": "upcoming",
        "training": "upcoming",
        "go_live": "upcoming",
        "post_activation": "upcoming",
    }


def test_a_product_without_an_active_template_opens_none(customer, product):
    Template.objects.filter(product=product).update(active=False)
    order(customer, product, factories.product())
    assert Case.objects.count() == 0


def test_each_product_of_an_order_has_its_case_and_the_same_again_opens_none(customer, product):
    placed = order(customer, product, product_with_onboarding(), factories.product())
    assert Case.objects.count() == 2
    assert opening.open_for_order(order=placed, actor=None) == []
    assert Case.objects.count() == 2


def test_an_order_that_costs_nothing_is_paid_before_its_turn_comes(customer):
    case = ordered_case(customer, product_with_onboarding(prices={"monthly": 0}))
    assert (states(case)["invoice_payment"], states(case)["initial_call"]) == ("done", "current")


def test_a_service_that_is_active_when_ordered_has_its_date_and_the_case_begins_at_the_start(customer):
    case = ordered_case(customer, product_with_onboarding(activation="on_order"))
    assert (states(case)["go_live"], case.status, case.stage_key) == ("done", "active", "initial_call")


def test_an_order_that_was_paid_before_the_product_had_onboarding_keeps_its_dates(customer):
    product = factories.product(activation="on_payment", taxable=False)
    placed = order(customer, product)
    factories.onboarding_template(product)
    pay_order(placed)
    [case] = opening.open_for_order(order=placed, actor=None)
    dates = dict(case.stages.exclude(done_at=None).values_list("key", "done_at"))
    assert dates == {
        "invoice_payment": fresh(placed.invoice).paid_at,
        "go_live": placed.services.get().activated_at,
    }


def test_who_ordered_and_the_owners_get_the_first_role_that_signs(customer, owner, product):
    buyer = factories.member(customer, role=Role.BILLING).user
    factories.member(customer, role=Role.VIEWER)
    place(customer, product, actor=buyer)
    given = MemberRole.objects.filter(product=product).order_by("membership")
    assert [(one.membership.user, one.role.key) for one in given] == [(owner, "owner"), (buyer, "owner")]


def test_a_role_that_somebody_has_is_kept(customer, owner, product):
    accountant = product.onboarding_roles.get(key="accountant")
    MemberRole.objects.create(membership=customer.memberships.get(), product=product, role=accountant)
    order(customer, product)
    assert MemberRole.objects.get().role == accountant


# By hand


def test_staff_opens_a_case_for_a_lead_without_an_order(customer, owner, product, admin):
    case = opening.open_by_hand(customer=customer, product=product, actor=admin, key=uuid.uuid4())
    assert (case.service, case.opened_by, case.stage_key) == (None, admin, "initial_call")
    assert (states(case)["quotation"], told(case)) == ("upcoming", ["opened"])
    assert MemberRole.objects.get().membership.user == owner


def test_the_same_form_twice_is_one_case(customer, product, admin):
    key = uuid.uuid4()
    first = opening.open_by_hand(customer=customer, product=product, actor=admin, key=key)
    assert opening.open_by_hand(customer=customer, product=product, actor=admin, key=key) == first
    assert Case.objects.count() == 1


def test_a_key_that_another_customer_used_opens_and_shows_nothing(customer, product, admin):
    key = uuid.uuid4()
    opening.open_by_hand(customer=customer, product=product, actor=admin, key=key)
    with pytest.raises(Exception, match="submission_key"):
        opening.open_by_hand(customer=factories.customer(), product=product, actor=admin, key=key)
    assert Case.objects.count() == 1


def test_a_product_without_template_is_refused_in_words(customer, admin):
    with pytest.raises(NoTemplate, match="belum punya template onboarding"):
        opening.open_by_hand(customer=customer, product=factories.product(), actor=admin, key=uuid.uuid4())
    assert Case.objects.count() == 0


def test_only_staff_with_the_permission_opens_one(customer, owner, product):
    for person in (owner, factories.staff("onboarding.work_on_case")):
        with pytest.raises(NotAllowed):
            opening.open_by_hand(customer=customer, product=product, actor=person, key=uuid.uuid4())
    assert Case.objects.count() == 0


def test_a_pic_who_opens_a_case_looks_after_its_first_stage(customer, product):
    pic = factories.onboarding_pic("onboarding.add_case")
    case = opening.open_by_hand(customer=customer, product=product, actor=pic, key=uuid.uuid4())
    assert (case.pic, current(case).assignments.get().pic) == (pic, pic)


@pytest.mark.parametrize(
    ("province", "zone"),
    [("DI Yogyakarta", "Asia/Jakarta"), ("Bali", "Asia/Makassar"), ("Papua Selatan", "Asia/Jayapura")],
)
def test_the_time_zone_is_that_of_the_customers_province(product, admin, province, zone):
    customer = factories.customer(factories.user(), province=province)
    assert opening.open_by_hand(customer=customer, product=product, actor=admin, key=uuid.uuid4()).time_zone == zone


# By a quotation that became an order


def quoted(lead: Case) -> Quotation:
    made = document(lead, "quotation", "received", kind="quotation", title="Penawaran")
    return Quotation.objects.create(
        case=lead,
        document=made,
        number="QT-2026-0001",
        payment_method=factories.bank_account().method,
        valid_until=date(2099, 12, 7),
        subtotal=150_000,
        total=150_000,
    )


def test_the_order_of_a_quotation_goes_on_with_the_leads_case(customer, product):
    lead = factories.onboarding_case(customer, product=product)
    other = product_with_onboarding()
    placed = place(customer, product, other, checkout_key=quoted(lead).checkout_key)
    now = fresh(lead)
    assert now.service == placed.services.get(product=product)
    assert (states(lead)["quotation"], lead.events.last().kind) == ("upcoming", "ordered")
    # What was quoted beside it has an onboarding of its own.
    [beside] = Case.objects.exclude(pk=lead.pk)
    assert beside.service == placed.services.get(product=other)


def test_another_order_of_a_lead_opens_a_case_of_its_own(customer, product):
    lead = factories.onboarding_case(customer, product=product)
    quoted(lead)
    placed = place(customer, product)
    assert (fresh(lead).service, Case.objects.get(service__order=placed) == lead) == (None, False)


# The copy


def test_stages_are_planned_one_after_another(customer, product):
    with time_machine.travel(NOW, tick=False):
        case = ordered_case(customer, product)
    days = {stage.key: stage.due_on and (stage.due_on - NOW.date()).days for stage in case.stages.all()}
    assert days == {
        "initial_call": 3,
        "sales_meeting": 10,
        "quotation": None,
        "invoice_payment": 17,
        "requirement_gathering": 24,
        "training": 38,
        "go_live": 43,
        "post_activation": None,
    }
    assert (case.stage_due_on, case.stage_since) == (NOW.date() + timedelta(days=3), NOW)


def test_the_requirement_form_asks_what_the_template_asks(customer, product):
    [question] = ordered_case(customer, product).requirement.fields
    assert (question["key"], question["kind"], question["label_id"]) == ("employees", "number", "Jumlah karyawan")


def test_a_change_of_the_template_leaves_running_cases_alone(customer, product):
    case = ordered_case(customer, product)
    before = list(case.stages.values())
    template = product.onboarding_template
    template.stages.filter(key="training").update(name_id="Lain", completion="by_hand", target_days=99, sort=0)
    template.stages.filter(key="sales_meeting").delete()
    template.fields.update(label_id="Lain")
    assert list(case.stages.values()) == before
    assert fresh(case).requirement.fields[0]["label_id"] == "Jumlah karyawan"
    assert ordered_case(customer, product_with_onboarding()).stages.count() == 8
