"""What staff sees of email that came in."""

import pytest
from django.urls import reverse

from accounts.models import User
from tests import factories
from tests.tickets import mails
from tests.tickets.desk import open_one
from tests.tickets.mails import arrive, letter, to_ticket
from tickets.models import InboundEmail

pytestmark = pytest.mark.django_db

LIST = "admin:tickets_inboundemail_changelist"


@pytest.fixture
def administrator() -> User:
    return factories.staff("tickets.view_inboundemail", "tickets.change_inboundemail")


@pytest.fixture
def rows(customer, owner, support, settings):
    settings.TICKETS_INBOUND_DOMAIN = mails.DOMAIN
    ticket = open_one(customer, support)
    hostile = letter(
        f"{support.slug}@{mails.DOMAIN}", "x@jahat.example", "<script>alert(1)</script>", subject="<b>Hadiah</b>"
    )
    return arrive(to_ticket(ticket, owner.email)), arrive(hostile)


def shown(client, **query) -> set[InboundEmail]:
    return set(client.get(reverse(LIST, query=query)).context["cl"].result_list)


def test_the_list_begins_with_what_was_not_taken_and_why(client, administrator, rows):
    client.force_login(administrator)
    taken, refused = rows
    assert shown(client) == {refused}
    assert shown(client, taken="yes") == {taken}
    assert shown(client, taken="all") == {taken, refused}
    html = client.get(reverse(LIST)).content.decode()
    assert "Tidak ada anggota pelanggan dengan alamat x@jahat.example." in html
    assert "<b>Hadiah</b>" not in html


def test_its_page_shows_the_text_and_runs_nothing_of_it(client, administrator, rows):
    client.force_login(administrator)
    html = client.get(reverse("admin:tickets_inboundemail_change", args=[rows[1].pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html


def test_the_whole_email_is_a_download(client, administrator, rows):
    client.force_login(administrator)
    answer = client.get(reverse("admin:tickets_inboundemail_raw", args=[rows[1].pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="email-{rows[1].pk}.eml"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert b"jahat.example" in b"".join(answer.streaming_content)


def test_a_button_has_one_worked_on_again(client, administrator, customer, rows):
    person = factories.user(email="x@jahat.example")
    factories.member(customer, person, "owner")
    client.force_login(administrator)
    address = reverse("admin:tickets_inboundemail_press", args=[rows[1].pk, "again"])
    assert client.post(address).status_code == 302
    rows[1].refresh_from_db()
    assert rows[1].outcome == "opened"
    # Taken: the button is gone, and pressing it changes nothing.
    page = client.get(reverse("admin:tickets_inboundemail_change", args=[rows[1].pk]))
    assert page.context["buttons"] == []
    client.post(address)
    assert InboundEmail.objects.filter(outcome="opened").count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(client, administrator, rows, count, django_assert_num_queries):
    for number in range(count):
        arrive(letter(f"siapa@{mails.DOMAIN}", "x@jahat.example", message_id=f"<{number}@x.example>"))
    client.force_login(administrator)
    client.get(reverse(LIST))
    with django_assert_num_queries(9):
        client.get(reverse(LIST))
