"""The staff's inbox: what each view holds and counts, in which order, and what the live list answers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.tickets.staff import inbox, text
from tickets.models import Priority, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, support_staff):
    client.force_login(support_staff)
    return client


def due(ticket: Ticket, **span) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(answer_due_at=timezone.now() + timedelta(**span))
    return ticket


def shown(response) -> list[str]:
    return [row.ticket.subject for row in response.context["rows"]]


def counts(response) -> dict[str, int | None]:
    return {str(tab.label): tab.count for tab in response.context["tabs"]}


@pytest.fixture
def some(customer, support, support_staff):
    """One ticket for each view, named for it."""
    closed = {"closed_at": timezone.now(), "status": "closed"}
    due(factories.ticket(customer, department=support, subject="menunggu"), hours=2)
    due(factories.ticket(customer, department=support, subject="terlambat"), hours=-2)
    factories.ticket(customer, department=support, subject="milik", status="in_progress", assignee=support_staff)
    factories.ticket(customer, department=support, subject="selesai", **closed)


@pytest.mark.parametrize(
    ("view", "subjects"),
    [
        ("waiting", ["terlambat", "menunggu"]),
        ("breaching", ["terlambat"]),
        ("mine", ["milik"]),
        ("unassigned", ["terlambat", "menunggu"]),
        ("open", ["terlambat", "menunggu", "milik"]),
        ("all", ["selesai", "milik", "terlambat", "menunggu"]),
        ("", ["terlambat", "menunggu"]),
        ("no-such-view", ["terlambat", "menunggu"]),
    ],
)
def test_each_view_holds_its_tickets_what_is_due_first_on_top(at_work, some, view, subjects):
    page = inbox(at_work, view=view)
    assert sorted(shown(page)) == sorted(subjects) if view == "all" else shown(page) == subjects


def test_each_view_says_how_much_it_holds(at_work, some):
    assert counts(inbox(at_work)) == {
        "Menunggu jawaban": 2,
        "Melewati janji": 1,
        "Milik saya": 1,
        "Belum ditugaskan": 2,
        "Semua yang terbuka": 3,
        "Semua": None,
    }


def test_of_those_due_at_no_time_the_urgent_come_first(at_work, customer, support):
    for priority in (Priority.LOW, Priority.URGENT, Priority.NORMAL):
        factories.ticket(
            customer, department=support, status="in_progress", priority=priority, subject=Priority(priority).name
        )
    assert shown(inbox(at_work, view="open")) == ["URGENT", "NORMAL", "LOW"]


def test_tickets_of_other_departments_are_neither_shown_nor_counted_nor_found(at_work, some, customer, billing):
    foreign = factories.ticket(customer, department=billing, subject="rahasia penagihan")
    for query in ({}, {"view": "all"}, {"view": "all", "q": foreign.number}, {"department": billing.slug}):
        page = inbox(at_work, **query)
        assert "rahasia" not in text(page)
        assert counts(page)["Menunggu jawaban"] == 2


def test_whoever_sees_all_departments_chooses_one_and_sees_its_counts(client, some, customer, support, billing):
    factories.ticket(customer, department=billing, subject="tagihan")
    client.force_login(factories.staff("tickets.view_ticket", "tickets.see_all_departments"))
    assert counts(inbox(client))["Menunggu jawaban"] == 3
    page = inbox(client, department=billing.slug)
    assert (shown(page), counts(page)["Menunggu jawaban"]) == (["tagihan"], 1)
    assert [(str(tab.label), tab.count) for tab in page.context["departments"]] == [
        ("Semua departemen", None),
        ("Dukungan Teknis", 2),
        ("Penagihan", 1),
    ]


@pytest.mark.parametrize("words", ["t-", "MENUNGGU", "sari", "sari@kenanga.example", "Kenanga"])
def test_search_finds_by_number_subject_and_who_asks(at_work, support, words):
    opener = factories.user(name="Sari Wulandari", email="sari@kenanga.example")
    ticket = factories.ticket(
        factories.customer(opener, name="PT Kenanga"), department=support, subject="Menunggu kabar"
    )
    found = inbox(at_work, view="all", q=ticket.number.lower() if words == "t-" else words)
    assert shown(found) == ["Menunggu kabar"]
    assert shown(inbox(at_work, view="all", q="tidak ada yang begini")) == []


def test_a_merged_ticket_is_found_only_in_the_one_that_it_became_part_of(at_work, some, customer, support):
    into = Ticket.objects.get(subject="menunggu")
    factories.ticket(customer, department=support, status="closed", subject="digabung", merged_into=into)
    assert "digabung" not in shown(inbox(at_work, view="all"))


def test_long_lists_have_pages(at_work, customer, support, monkeypatch):
    monkeypatch.setattr("tickets.admin.inbox.PAGE_SIZE", 2)
    for number in range(3):
        due(factories.ticket(customer, department=support, subject=f"ke-{number}"), hours=number + 1)
    assert shown(inbox(at_work)) == ["ke-0", "ke-1"]
    second = inbox(at_work, p=2)
    assert shown(second) == ["ke-2"]
    assert "view=waiting&amp;p=1" in text(second)
    assert shown(inbox(at_work, p=99)) == ["ke-2"]


def live(client, response):
    return client.get(response.context["live"], headers={"HX-Request": "true"})


def test_the_live_list_answers_nothing_while_nothing_changed(at_work, some):
    page = inbox(at_work)
    answer = live(at_work, page)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "HX-Request" in answer["Vary"]


def test_the_live_list_answers_the_list_alone_once_something_changed(at_work, some, customer, support):
    page = inbox(at_work)
    factories.ticket(customer, department=support, subject="baru datang")
    answer = live(at_work, page)
    assert answer.status_code == 200
    assert "baru datang" in text(answer)
    assert "<html" not in text(answer)


def test_a_live_list_whose_session_ended_leads_the_whole_page_to_the_sign_in(client, some):
    here = reverse("admin:tickets_inbox")
    answer = client.get(here, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"})
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next={here.replace('/', '%2F')}"


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_costs_the_same_for_one_and_three(client, support_staff, support, django_assert_num_queries, count):
    for _number in range(count):
        factories.ticket(factories.customer(factories.user()), department=support, assignee=support_staff)
    client.force_login(support_staff)
    inbox(client)
    with django_assert_num_queries(9):
        inbox(client)


def test_the_list_of_the_model_leads_to_the_inbox(at_work):
    assert at_work.get(reverse("admin:tickets_ticket_changelist")).url == reverse("admin:tickets_inbox")
