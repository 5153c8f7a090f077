"""What the shop announces on the client's home page, and when."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.tickets import help_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(signed_in):
    return lambda **more: signed_in.get(reverse("client-home"), **more).content.decode()


def test_an_announcement_stands_on_the_home_page_from_its_start_to_its_end(home):
    now = timezone.now()
    running = help_rows.announcement(ends_at=now + timedelta(days=1))
    later = help_rows.announcement(starts_at=now + timedelta(days=1))
    over = help_rows.announcement(starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
    html = home()
    assert running.title_id in html
    assert "<strong>malam ini</strong>" in html
    assert later.title_id not in html
    assert over.title_id not in html


def test_it_speaks_the_readers_language(home):
    help_rows.announcement(title_en="Maintenance tonight")
    assert "Maintenance tonight" in home(headers={"accept-language": "en"})


def test_what_is_for_customers_is_not_told_to_people_without_one(client, home):
    for_customers = help_rows.announcement(audience="customers")
    for_everyone = help_rows.announcement()
    assert for_customers.title_id in home()
    client.force_login(factories.user())
    html = client.get(reverse("client-home")).content.decode()
    assert for_customers.title_id not in html
    assert for_everyone.title_id in html


def test_the_newest_few_are_shown(home):
    now = timezone.now()
    rows = [help_rows.announcement(starts_at=now - timedelta(hours=age)) for age in range(1, 5)]
    html = home()
    assert [row.title_id in html for row in rows] == [True, True, True, False]


def test_staff_filters_them_by_when_they_run(client):
    now = timezone.now()
    help_rows.announcement(title_id="Sedang")
    help_rows.announcement(title_id="Nanti", starts_at=now + timedelta(days=1))
    help_rows.announcement(title_id="Lewat", starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
    client.force_login(factories.staff("tickets.view_announcement"))
    for value, title in [("now", "Sedang"), ("later", "Nanti"), ("over", "Lewat")]:
        page = client.get(reverse("admin:tickets_announcement_changelist", query={"running": value}))
        assert [row.title_id for row in page.context["cl"].result_list] == [title]
