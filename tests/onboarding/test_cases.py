"""The list of a customer's onboardings, the client area's first page, and the way there from the service."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from onboarding.models import Case
from tests import factories
from tests.billing import shop
from tests.onboarding import journey

LIST = "/client/onboarding/"
QUERIES_OF_LIST = 6


def listed(client) -> list[Case]:
    return [one.case for one in client.get(LIST).context["journeys"]]


def test_running_ones_come_first_among_them_those_that_wait_for_the_customer(signed_in, case, customer, product):
    stopped = journey.case_at("initial_call", customer, product, status="stopped", stopped_at=timezone.now())
    live = journey.case_at("post_activation", customer, product, status="live", live_at=timezone.now())
    mine = journey.case_at("quotation", customer, product, turn="customer", turn_action="sign")
    assert listed(signed_in) == [mine, case, live, stopped]


def test_no_onboarding_leads_to_the_shop(signed_in):
    html = signed_in.get(LIST).content.decode()
    assert "Belum ada onboarding" in html
    assert reverse("catalog:store") in html


def test_people_without_a_customer_get_the_same(client, db):
    client.force_login(factories.user())
    assert "Belum ada onboarding" in client.get(LIST).content.decode()


def test_m1b_who_may_see_none_is_told_whom_to_ask(client, case, owner, accountant):
    client.force_login(accountant)
    response = client.get(LIST)
    assert response.status_code == 403
    assert owner.email in response.content.decode()


def test_what_a_role_does_not_open_is_only_counted(signed_in, case, customer):
    hidden = journey.product_with_roles(name_id="Talenta Rahasia")
    journey.case_at("initial_call", customer, hidden)
    html = signed_in.get(LIST).content.decode()
    assert listed(signed_in) == [case]
    assert "tidak terbuka untuk peran Anda" in html
    assert "Talenta Rahasia" not in html


def test_strangers_see_nothing_of_it(client, case, stranger):
    client.force_login(stranger)
    assert listed(client) == []


def test_cases_of_another_of_ones_customers_wait_until_one_acts_for_it(client, case, owner, product):
    other = factories.customer(owner)
    journey.give(other, owner, product, "owner")
    journey.case_at("training", other, product)
    client.force_login(owner)
    assert listed(client) == [case]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(
    signed_in, case, customer, product, rows, django_assert_num_queries
):
    for _ in range(rows - 1):
        journey.case_at("training", customer, product)
    signed_in.get(LIST)
    with django_assert_num_queries(QUERIES_OF_LIST):
        signed_in.get(LIST)


def test_m0_the_tracker_is_reached_from_the_account_menu(signed_in, case):
    html = signed_in.get(reverse("client-home")).content.decode()
    menu = html.split('class="menu-panel"')[1].split("</details>")[0]
    assert f'href="{LIST}"' in menu


def test_m0_the_service_leads_to_its_onboarding(signed_in, case, customer):
    service = shop.unpaid_invoice(customer).order.services.first()
    assert "Lihat onboarding" not in signed_in.get(service.get_absolute_url()).content.decode()
    Case.objects.filter(pk=case.pk).update(service=service)
    assert f'href="{case.get_absolute_url()}"' in signed_in.get(service.get_absolute_url()).content.decode()


def home(client):
    return client.get(reverse("client-home"))


def test_home_shows_how_far_running_onboardings_came(signed_in, case, customer, product):
    journey.case_at("initial_call", customer, product, status="stopped", stopped_at=timezone.now())
    response = home(signed_in)
    assert [one.case for one in response.context["journeys"]] == [case]
    assert "Tahap 5 dari 8: Pengumpulan kebutuhan." in response.content.decode()


@pytest.mark.parametrize(
    ("action", "titles"),
    [("sign", ["Tanda tangani dokumen"]), ("requirements", ["Isi formulir kebutuhan"]), ("pay", [])],
)
def test_home_lists_what_onboarding_waits_for_but_invoices_only_once(signed_in, case, action, titles):
    Case.objects.filter(pk=case.pk).update(turn="customer", turn_action=action, turn_due_on=date(2026, 11, 28))
    tasks = home(signed_in).context["onboarding_tasks"]
    assert [task.title for task in tasks] == titles
    leads_to = {"sign": case.get_absolute_url(), "requirements": f"{case.get_absolute_url()}requirements/"}
    assert [task.url for task in tasks] == [leads_to[action] for _title in titles]


def test_home_shows_nothing_to_whoever_may_not_see_it(client, case, customer, accountant, stranger):
    for person in (accountant, stranger, factories.member(customer, role=Role.ADMIN).user):
        client.force_login(person)
        assert home(client).context["journeys"] == []
        assert case.number not in home(client).content.decode()
