"""The list of a customer's tickets, and those that wait for the customer on the client area's first page."""

import pytest
from django.urls import reverse

from tests import factories
from tests.tickets import desk
from tickets.models import Ticket

QUERIES_OF_LIST = 5
QUERIES_OF_HOME = 7
LIST = "/client/tickets/"


def listed(client, **query) -> list[Ticket]:
    return list(client.get(LIST, query).context["page_obj"])


def page(client, address: str = LIST) -> str:
    return client.get(address).content.decode()


def test_q_unread_tickets_come_first_with_a_dot_and_in_words(signed_in, customer, support, support_staff):
    answered = desk.open_one(customer, support, subject="Dijawab")
    newer = desk.open_one(customer, support, subject="Baru")
    desk.answer(answered, support_staff)
    desk.ask(newer)
    assert listed(signed_in) == [answered, newer]
    first = page(signed_in).split('<li class="unread">')[1].split("</li>")[0]
    assert "Dijawab" in first
    assert 'class="dot"' in first
    assert "Pesan baru" in first
    assert "Menunggu Anda" in first


def test_a_ticket_that_was_read_is_unread_no_more(signed_in, customer, support, support_staff):
    ticket = desk.open_one(customer, support)
    desk.answer(ticket, support_staff)
    signed_in.get(ticket.get_absolute_url())
    assert '<li class="unread">' not in page(signed_in)


def test_what_one_person_read_stays_unread_for_another(client, customer, owner, bookkeeper, support, support_staff):
    ticket = desk.open_one(customer, support, bookkeeper)
    desk.answer(ticket, support_staff)
    client.force_login(owner)
    client.get(ticket.get_absolute_url())
    client.force_login(bookkeeper)
    assert '<li class="unread">' in page(client)


def test_the_list_is_filtered_by_state_department_and_words(signed_in, customer, support, billing, support_staff):
    answered = desk.open_one(customer, support, subject="Email mati")
    waiting = desk.open_one(customer, billing, subject="Faktur pajak", body="Mohon **faktur** November.")
    closed = factories.ticket(customer, status="closed", department=billing)
    desk.answer(answered, support_staff)
    assert listed(signed_in, state="yours") == [answered]
    assert listed(signed_in, state="unread") == [answered]
    assert listed(signed_in, state="ours") == [waiting]
    assert listed(signed_in, state="closed") == [closed]
    assert set(listed(signed_in, department="penagihan")) == {waiting, closed}
    assert listed(signed_in, q="november") == [waiting]
    assert listed(signed_in, q=answered.number.lower()) == [answered]
    assert listed(signed_in, q="tidak ada") == []


def test_a_filter_that_is_not_understood_filters_nothing(signed_in, customer, support):
    ticket = desk.open_one(customer, support)
    assert listed(signed_in, state="x", department="y", page="z") == [ticket]


def test_no_match_and_no_ticket_at_all_each_lead_on(signed_in, customer, support):
    assert reverse("tickets:new") in page(signed_in)
    desk.open_one(customer, support)
    assert "Tidak ada tiket yang cocok" in page(signed_in, f"{LIST}?q=lain")


def test_many_tickets_are_spread_over_pages(signed_in, customer, support):
    for _number in range(21):
        factories.ticket(customer, department=support)
    assert len(listed(signed_in)) == 20
    assert len(listed(signed_in, page="2")) == 1


def test_a_merged_ticket_is_not_listed(signed_in, customer, support):
    into = desk.open_one(customer, support)
    factories.ticket(customer, department=support, status="closed", merged_into=into)
    assert listed(signed_in) == [into]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(
    signed_in, customer, support, support_staff, rows, django_assert_num_queries
):
    for _ in range(rows):
        desk.answer(desk.open_one(customer, support), support_staff)
    page(signed_in)
    with django_assert_num_queries(QUERIES_OF_LIST):
        page(signed_in)


def test_each_person_is_shown_their_part(client, customer, owner, bookkeeper, viewer, stranger, support):
    mine = desk.open_one(customer, support, bookkeeper, subject="Rahasia kantor")
    for person, seen in ((owner, [mine]), (bookkeeper, [mine]), (viewer, []), (stranger, [])):
        client.force_login(person)
        assert listed(client) == seen


def test_a_role_that_may_not_ask_is_not_invited_to(client, viewer):
    client.force_login(viewer)
    assert reverse("tickets:new") not in page(client)


def test_people_without_a_customer_see_their_own(client, support):
    person = factories.user()
    ticket = desk.open_one(None, support, person)
    client.force_login(person)
    assert listed(client) == [ticket]


def test_tickets_of_another_of_ones_customers_wait_until_one_acts_for_it(client, owner, customer, support):
    other = factories.customer(owner)
    desk.open_one(other, support, owner)
    client.force_login(owner)
    assert listed(client) == []


def test_home_lists_answered_tickets_the_unread_first(signed_in, customer, support, support_staff):
    read, unread = (desk.open_one(customer, support, subject=subject) for subject in ("Sudah dibaca", "Belum"))
    desk.open_one(customer, support, subject="Menunggu kami saja")
    for ticket in (unread, read):
        desk.answer(ticket, support_staff)
    signed_in.get(read.get_absolute_url())
    tasks = signed_in.get(reverse("client-home")).context["tickets"]
    assert [(task.ticket, task.action) for task in tasks] == [(unread, "Baca"), (read, "Balas")]
    html = page(signed_in, reverse("client-home"))
    assert f"Baca: {unread.number}" in html
    assert "Menunggu kami saja" not in html


def test_home_leads_to_the_tickets_that_it_has_no_room_for(signed_in, customer, support, support_staff):
    for _ in range(4):
        desk.answer(desk.open_one(customer, support), support_staff)
    response = signed_in.get(reverse("client-home"))
    assert len(response.context["tickets"]) == 3
    assert "/client/tickets/?state=yours" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_home_costs_the_same_for_any_number_of_tickets(
    signed_in, customer, support, support_staff, rows, django_assert_num_queries
):
    for _ in range(rows):
        desk.answer(desk.open_one(customer, support), support_staff)
    home = reverse("client-home")
    signed_in.get(home)
    with django_assert_num_queries(QUERIES_OF_HOME):
        signed_in.get(home)
