"""A service's whole history: everything about it in one line of time, for each person as far as they may see."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import service_history
from billing.models import Service, ServiceEvent
from billing.suspensions import suspend
from tests import factories
from tests.billing import shop
from tests.staff import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return factories.customer(factories.user())


@pytest.fixture
def service(customer) -> Service:
    """Ordered, invoiced, paid and active."""
    invoice = shop.unpaid_invoice(customer)
    desk.pay(invoice)
    return invoice.order.services.get()


@pytest.fixture
def staff():
    return factories.staff("billing.view_service", "billing.view_invoice", "tickets.view_ticket")


@pytest.fixture
def at_work(client, staff):
    client.force_login(staff)
    return client


def timeline(client, service, **query) -> str:
    return client.get(reverse("admin:billing_service_timeline", args=[service.pk]), query).content.decode()


def told(service, user, **more) -> list[tuple[str, str]]:
    page = service_history.page_of(service, user, 1, **more)
    return [(one.key, getattr(one.row, "kind", "")) for one in page.object_list]


def test_events_and_invoices_stand_in_one_line_the_newest_first(service, staff):
    suspend(service=service, actor=staff, note="Diminta pelanggan.")
    assert told(service, staff) == [
        ("event", "suspended"),
        ("event", "active"),
        ("invoice", "paid"),
        ("invoice", "unpaid"),
        ("event", "created"),
    ]


def test_the_page_says_it_in_words_with_links(at_work, service, staff):
    suspend(service=service, actor=staff, note="Diminta pelanggan.")
    page = timeline(at_work, service)
    number = service.order.invoice.number
    assert page.index("Ditangguhkan") < page.index(f"Tagihan {number}: Lunas")
    assert reverse("admin:billing_invoice_change", args=[service.order.invoice.pk]) in page
    assert "Diminta pelanggan." in page
    assert staff.name in page


def test_what_happens_to_its_parts_is_named_by_them(customer, staff, at_work):
    product = factories.product()
    addon = factories.addon(product, prices={"monthly": 50_000}, name_id="Cadangan Harian")
    selection = {product: shop.Selection(cycle="monthly", addons=frozenset({addon.key}))}
    order = shop.place(customer, product, selections=selection)
    desk.pay(order.invoice)
    parent = order.services.get(parent=None)
    assert "Cadangan Harian: Aktif" in timeline(at_work, parent)


def test_tickets_about_it_are_there_for_the_departments_they_are_in(client, service, staff, customer):
    department = factories.department(staff)
    ticket = factories.ticket(customer, department=department, service=service, subject="Tidak bisa login")
    client.force_login(staff)
    assert "Tidak bisa login" in timeline(client, service)
    assert reverse("admin:tickets_thread", args=[ticket.pk]) in timeline(client, service)
    other = factories.staff("billing.view_service", "tickets.view_ticket")
    factories.department(other)
    client.force_login(other)
    assert "Tidak bisa login" not in timeline(client, service)


def test_invoices_are_there_for_those_who_may_see_invoices(client, service):
    client.force_login(factories.staff("billing.view_service"))
    page = timeline(client, service)
    assert service.order.invoice.number not in page
    assert "Aktif" in page


def test_another_service_s_events_are_not_there(service, customer, staff):
    before = told(service, staff)
    desk.pay(shop.unpaid_invoice(customer))
    assert told(service, staff) == before


def many_events(service: Service, count: int) -> None:
    start = timezone.now() + timedelta(minutes=1)
    ServiceEvent.objects.bulk_create(
        ServiceEvent(service=service, kind="repriced", note=f"Catatan {number}.", at=start + timedelta(minutes=number))
        for number in range(count)
    )


def test_a_long_history_has_pages_of_which_each_says_what_others_do_not(at_work, service):
    many_events(service, 60)
    pages = [timeline(at_work, service, p=number) for number in (1, 2, 3)]
    for number in range(60):
        assert sum(f"Catatan {number}." in page for page in pages) == 1
    assert pages[0].index("Catatan 59.") < pages[0].index("Catatan 40.")


def test_the_service_s_own_page_shows_the_newest_and_leads_to_all(at_work, service):
    many_events(service, 12)
    page = at_work.get(reverse("admin:billing_service_change", args=[service.pk])).content.decode()
    assert "Catatan 11." in page
    assert "Catatan 0." not in page
    assert "Riwayat lengkap: 16 kejadian" in page
    assert reverse("admin:billing_service_timeline", args=[service.pk]) in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_costs_the_same_for_one_and_three(at_work, service, customer, django_assert_num_queries, count):
    many_events(service, count)
    for _number in range(count):
        factories.ticket(customer, service=service)
    timeline(at_work, service)
    with django_assert_num_queries(11):
        timeline(at_work, service)
