"""Services as their customer sees them, and who sees login details."""

import pytest
from allauth.account.internal.flows.reauthentication import record_authentication
from django.test import RequestFactory
from django.urls import reverse

from accounts.roles import Role
from billing import lifecycle
from catalog.cycles import Cycle
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay, service_of

QUERIES_OF_LIST = 4
QUERIES_OF_PAGE = 12
SECRET = "pengguna: budi\nsandi: rahasia-42"


@pytest.fixture
def service(customer, account):
    product = factories.product(name_id="Paket Bisnis", activation="by_staff", taxable=False)
    factories.quantity_option(product, prices={Cycle.MONTHLY: 12_500}, minimum=1)
    factories.addon(product, key="managed", name_id="Managed Service", prices={Cycle.MONTHLY: 750_000})
    chosen = Selection(cycle=Cycle.MONTHLY, options={"users": 10}, addons=frozenset({"managed"}))
    invoice = shop.place(customer, selections={product: chosen}).invoice
    made = service_of(pay(invoice))
    lifecycle.activate(service=made, actor=None, login_details=SECRET)
    return made


def typed_the_password_lately(client, person):
    """As after signing in again: allauth asks for it before secrets are shown."""
    request = RequestFactory().get("/")
    request.user, request.session = person, client.session
    record_authentication(request, person, method="password", reauthenticated=True)
    request.session.save()


def test_the_page_shows_configuration_price_addons_and_invoices(signed_in, service):
    html = signed_in.get(service.get_absolute_url()).content.decode()
    for text in (
        "Paket Bisnis",
        "Aktif",
        "10 akun",
        "Rp275.000",
        "Managed Service",
        "Rp750.000",
        "Tagihan layanan ini",
    ):
        assert text in html
    assert service.order.invoice.number in html


def test_the_domain_is_said_once_with_where_it_comes_from(signed_in, customer, account):
    product = factories.product(domain_own=True)
    chosen = Selection(cycle=Cycle.MONTHLY, domain=DomainSelection("own", "kenanga.co.id"))
    made = shop.place(customer, selections={product: chosen}).services.get()
    html = signed_in.get(made.get_absolute_url()).content.decode()
    assert html.count("<dt>Domain</dt>") == 1
    assert "(milik sendiri)" in html


def test_k7_a_paid_service_that_waits_says_until_when(signed_in, customer, account):
    waiting = service_of(pay(shop.unpaid_invoice(customer, activation="by_staff")))
    assert "Layanan kami aktifkan paling lambat" in signed_in.get(waiting.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("role", "status"), [(Role.TECHNICAL, 200), (Role.VIEWER, 403), (None, 404)])
def test_s8_login_details_are_for_the_roles_that_may(client, customer, service, role, status):
    person = factories.member(customer, role=role).user if role else factories.user()
    client.force_login(person)
    typed_the_password_lately(client, person)
    response = client.post(reverse("billing:service-login", args=[service.pk]))
    assert response.status_code == status
    assert ("rahasia-42" in response.content.decode()) == (status == 200)
    assert service.events.filter(kind="login_details_seen", actor=person).exists() == (status == 200)


def test_s8_the_password_is_asked_first(client, owner, service):
    owner.set_password("sandi-panjang-1")
    owner.save()
    client.force_login(owner)
    response = client.post(reverse("billing:service-login", args=[service.pk]))
    assert response.url.startswith(reverse("account_reauthenticate"))
    shown = client.post(response.url, {"password": "sandi-panjang-1"})
    assert "rahasia-42" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]


def test_s8_login_details_are_shown_by_no_get_and_kept_by_no_cache(signed_in, owner, service):
    typed_the_password_lately(signed_in, owner)
    assert "rahasia-42" not in signed_in.get(service.get_absolute_url()).content.decode()
    assert signed_in.get(reverse("billing:service-login", args=[service.pk])).url == service.get_absolute_url()
    shown = signed_in.post(reverse("billing:service-login", args=[service.pk]))
    assert "no-store" in shown.headers["Cache-Control"]


def test_technical_members_see_services_without_invoices(client, customer, service):
    client.force_login(factories.member(customer, role=Role.TECHNICAL).user)
    html = client.get(service.get_absolute_url()).content.decode()
    assert "Tagihan layanan ini" not in html
    assert service.order.invoice.number not in html
    assert "Tampilkan detail login" in html


def test_strangers_find_no_service(client, service):
    client.force_login(factories.user())
    assert client.get(service.get_absolute_url()).status_code == 404
    assert "Paket Bisnis" not in client.get(reverse("billing:services")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(signed_in, customer, account, rows, django_assert_num_queries):
    for _ in range(rows):
        shop.unpaid_invoice(customer)
    signed_in.get(reverse("billing:services"))
    with django_assert_num_queries(QUERIES_OF_LIST):
        signed_in.get(reverse("billing:services"))


def test_the_page_costs_at_most_twelve_queries(signed_in, service, django_assert_max_num_queries):
    signed_in.get(service.get_absolute_url())
    with django_assert_max_num_queries(QUERIES_OF_PAGE):
        signed_in.get(service.get_absolute_url())


def test_an_empty_list_leads_to_the_store(signed_in):
    assert reverse("catalog:store") in signed_in.get(reverse("billing:services")).content.decode()
