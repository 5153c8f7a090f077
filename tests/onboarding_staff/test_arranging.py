"""A stage's PIC and day, stopping and reopening, opening by hand, and the list of today's work."""

import uuid
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer
from billing.models import Order
from onboarding import progress, stopping
from onboarding.models import Case, Document, Stage
from tests import factories
from tests.onboarding import walk
from tests.onboarding_staff import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db):
    return factories.onboarding_pic(
        "onboarding.view_case", "onboarding.see_all_cases", "onboarding.add_case", name="Ayu"
    )


@pytest.fixture
def at_work(client, boss):
    client.force_login(boss)
    return client


@pytest.fixture
def case(db):
    return rows.at_stage("sales_meeting")


def page(name: str, case: Case, *more: object) -> str:
    return reverse(f"admin:onboarding_{name}", args=[case.pk, *more])


def test_a_later_stage_gets_its_pic_and_day_in_advance(at_work, case):
    training = case.stages.get(key="training")
    specialist = factories.onboarding_pic(name="Sinta")
    given = {"pic": specialist.pk, "due_on": "2027-02-01"}
    assert at_work.post(page("stage", case, training.pk), given).status_code == 302
    training.refresh_from_db()
    assert (training.due_on, training.assignments.get().pic) == (date(2027, 2, 1), specialist)
    assert Case.objects.get(pk=case.pk).pic is None
    shown = at_work.get(page("stage", case, training.pk))
    assert [str(one.pic) for one in shown.context["assignments"]] == ["Sinta"]


def test_only_the_stages_team_is_offered_and_others_are_refused(at_work, case):
    team = Group.objects.create(name="Implementasi")
    training = case.stages.get(key="training")
    Stage.objects.filter(pk=training.pk).update(pic_group=team)
    of_team = factories.onboarding_pic(team=team, name="Sinta")
    other = factories.onboarding_pic(name="Rio")
    offered = at_work.get(page("stage", case, training.pk)).context["form"].fields["pic"].choices
    assert [words for _key, words in offered][1:] == ["Sinta"]
    assert at_work.post(page("stage", case, training.pk), {"pic": other.pk}).status_code == 422
    assert training.assignments.count() == 0
    assert at_work.post(page("stage", case, training.pk), {"pic": of_team.pk}).status_code == 302


def test_a_stage_that_is_over_is_left_as_it_was(at_work, case):
    over = case.stages.get(key="initial_call")
    answer = at_work.post(page("stage", case, over.pk), {"pic": "none", "due_on": "2027-02-01"})
    assert answer.status_code == 422
    over.refresh_from_db()
    assert over.due_on != date(2027, 2, 1)


def test_stopping_takes_a_reason_and_reopening_too(at_work, case):
    assert at_work.post(page("stop", case), {"reason": " "}).status_code == 422
    assert walk.fresh(case).status == "active"
    assert at_work.post(page("stop", case), {"reason": "Anggaran ditunda"}).status_code == 302
    assert walk.fresh(case).status == "stopped"
    # The other's form, opened before.
    answer = at_work.post(page("stop", case), {"reason": "Sekali lagi"})
    assert (answer.status_code, "Sekali lagi" in answer.content.decode()) == (422, True)
    assert at_work.post(page("reopen", case), {"reason": "Anggaran turun"}).status_code == 302
    assert walk.fresh(case).status == "active"


def test_the_unpaid_order_is_cancelled_only_where_asked(at_work, customer, owner):
    case = walk.ordered_case(customer)
    assert "cancel_order" in at_work.get(page("stop", case)).context["form"].fields
    assert at_work.post(page("stop", case), {"reason": "Batal", "cancel_order": "on"}).status_code == 302
    assert (walk.fresh(case).status, Order.objects.get().status) == ("stopped", "cancelled")


def test_stopping_takes_its_permission(client, case):
    rows.pics.replace(case.stages.get(status="current"), worker := factories.staff("onboarding.work_on_case"), None)
    rows.settling.settle(case)
    client.force_login(worker)
    for name in ("stop", "reopen"):
        assert client.post(page(name, case), {"reason": "Iseng"}).status_code == 403
    assert walk.fresh(case).status == "active"


def test_a_case_is_opened_by_hand_for_a_customer_who_was_found(at_work, boss):
    customer = factories.customer(factories.user(), name="PT Kenanga", province="Papua")
    product = factories.onboarding_template().product
    address = reverse("admin:onboarding_open")
    found = at_work.get(address, {"q": "kenang"})
    assert found.context["found"] == [customer]
    form = at_work.get(address, {"customer": customer.pk}).context["form"]
    given = {
        "key": uuid.uuid4(),
        "product": product.pk,
        **{name: form[name].value() for name in ("language", "time_zone")},
    }
    for _time in range(2):
        answer = at_work.post(f"{address}?customer={customer.pk}", given)
        assert answer.status_code == 302
    case = Case.objects.get()
    assert (case.customer, case.product, case.time_zone, case.opened_by) == (customer, product, "Asia/Jayapura", boss)
    assert answer.url == page("work", case)


def test_opening_offers_only_products_with_a_template(at_work):
    customer, product = factories.customer(), factories.product()
    given = {"key": uuid.uuid4(), "product": product.pk, "language": "id", "time_zone": "Asia/Jakarta"}
    address = reverse("admin:onboarding_open", query={"customer": customer.pk})
    assert at_work.post(address, given).status_code == 422
    assert Case.objects.count() == 0
    assert Customer.objects.get() == customer


def parts(client) -> dict[str, list[str]]:
    response = client.get(reverse("admin:onboarding_today"))
    assert response.status_code == 200
    return {part.key: [row.case.customer.name for row in part.rows] for part in response.context["parts"] if part.rows}


def named(name: str, key: str = "sales_meeting") -> Case:
    return rows.at_stage(key, case=factories.onboarding_case(factories.customer(factories.user(), name=name)))


def test_today_holds_what_waits_for_the_person(client):
    pic = factories.onboarding_pic("onboarding.view_case")
    cases = {name: named(name) for name in ("PT Jadwal", "PT Telat", "PT Tanda", "PT Asing")}
    for name, case in cases.items():
        who = factories.onboarding_pic() if name == "PT Asing" else pic
        rows.pics.replace(case.stages.get(status="current"), who, None)
        rows.settling.settle(case)
    rows.meeting(cases["PT Jadwal"], hours=-1)
    rows.meeting(cases["PT Asing"], hours=-1)
    rows.meeting(cases["PT Tanda"], hours=24 * 4)
    for name in ("PT Telat", "PT Asing"):
        Case.objects.filter(pk=cases[name].pk).update(stage_due_on=timezone.localdate() - timedelta(days=1))
    for name in ("PT Tanda", "PT Asing"):
        now = timezone.now()
        Document.objects.create(
            case=cases[name],
            kind="contract",
            title="K",
            needs_signature=True,
            status="signed",
            sent_at=now,
            signed_at=now,
        )
    client.force_login(pic)
    assert parts(client) == {
        "appointments": ["PT Jadwal"],
        "overdue": ["PT Telat"],
        "receive": ["PT Tanda"],
    }


def test_cases_without_a_pic_are_their_teams(client):
    team = Group.objects.create(name="Implementasi")
    ours, theirs = named("PT Kami"), named("PT Mereka")
    Stage.objects.filter(case=ours, status="current").update(pic_group=team)
    for case in (ours, theirs):
        rows.settling.settle(case)
    client.force_login(factories.onboarding_pic("onboarding.view_case", team=team))
    assert parts(client) == {"unassigned": ["PT Kami"]}
    client.force_login(factories.onboarding_pic("onboarding.view_case", "onboarding.see_all_cases"))
    assert parts(client) == {"unassigned": ["PT Kami", "PT Mereka"]}


def test_a_payment_for_what_stopped_is_shown(client, boss):
    case = named("PT Bayar", "invoice_payment")
    stopping.stop(case=case, actor=boss, reason="Ragu")
    client.force_login(boss)
    assert parts(client) == {}
    progress.satisfy(case=case, completion="invoice_paid", actor=None)
    assert parts(client) == {"paid-stopped": ["PT Bayar"]}


def test_an_appointment_is_marked_from_the_list(client):
    case = named("PT Jadwal")
    pic = rows.pic_of(case)
    meeting = rows.meeting(case, hours=-2)
    client.force_login(pic)
    today = reverse("admin:onboarding_today")
    answer = client.post(page("meet", case, meeting.pk, "finish"), {"seen": 0, "outcome": "", "back": today})
    assert (answer.status_code, answer.url) == (302, today)
    assert parts(client) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_todays_list_costs_the_same_for_one_and_three(client, boss, django_assert_num_queries, count):
    for number in range(count):
        case = named(f"PT {number}")
        named(f"PT Tanpa {number}")
        rows.pics.replace(case.stages.get(status="current"), boss, None)
        rows.meeting(case, hours=-1)
        Case.objects.filter(pk=case.pk).update(stage_due_on=timezone.localdate() - timedelta(days=1))
    client.force_login(boss)
    parts(client)
    with django_assert_num_queries(11):
        parts(client)
