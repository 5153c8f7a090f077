"""How fast each department is, on its page for staff (K7)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.tickets.conftest import NOW
from tests.tickets.staff import text

pytestmark = pytest.mark.django_db


def measured(client):
    return client.get(reverse("admin:tickets_measured"))


def answered_after(department, customer, minutes: int):
    return factories.ticket(
        customer,
        department=department,
        status="answered",
        created_at=NOW,
        first_answered_at=NOW + timedelta(minutes=minutes),
    )


def test_k7_the_usual_answer_stands_beside_the_promise(client, customer, support, support_staff):
    for minutes in (20, 30, 300):
        answered_after(support, customer, minutes)
    factories.ticket(customer, department=support, answer_due_at=NOW - timedelta(days=3000))
    client.force_login(support_staff)
    [row] = measured(client).context["rows"]
    assert (row.measured.first_answer, row.answer_tone, row.measured.resolution) == (30, "success", None)
    assert (row.waiting, row.late) == (1, 1)


def test_k7_ratings_are_counted(client, customer, support, support_staff):
    for rating in (1, 1, 0):
        factories.ticket(customer, department=support, status="closed", rating=rating, rated_at=NOW)
    client.force_login(support_staff)
    assert "67 % dari 3" in text(measured(client))


def test_other_departments_are_not_shown(client, support, billing, billing_staff):
    client.force_login(billing_staff)
    assert [row.department for row in measured(client).context["rows"]] == [billing]


def test_staff_without_a_department_is_told_whom_to_ask(client, support):
    client.force_login(factories.staff("tickets.view_ticket"))
    assert "Minta administrator" in text(measured(client))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(client, customer, support_staff, django_assert_num_queries, count):
    for _number in range(count):
        answered_after(factories.department(support_staff), customer, 20)
    client.force_login(support_staff)
    measured(client)
    with django_assert_num_queries(10):
        measured(client)
