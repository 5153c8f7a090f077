"""Staff activates what was paid and waits for them (RULES S1, S8)."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import crypto
from billing import lifecycle
from billing.models import Service
from tests import factories
from tests.billing import shop
from tests.staff.desk import service_to_activate

pytestmark = pytest.mark.django_db
DETAILS = {"url": "https://panel.example.co.id", "username": "sari", "password": "rahasia-7", "notes": "Ganti sandi."}


@pytest.fixture
def support(db):
    return factories.staff("billing.change_service", name="Tono Dukungan")


@pytest.fixture
def at_work(client: Client, support) -> Client:
    client.force_login(support)
    return client


def page_of(service: Service) -> str:
    return reverse("admin:billing_activate", args=[service.pk])


def test_s8_activation_keeps_the_login_details_encrypted_and_tells_the_customer(at_work, support):
    service = service_to_activate()
    at_work.post(page_of(service), DETAILS)
    service.refresh_from_db()
    assert (service.status, service.activation_due_since) == (Service.Status.ACTIVE, None)
    assert "rahasia-7" not in service.login_details_encrypted
    kept = crypto.decrypt(service.login_details_encrypted)
    assert kept == "Alamat: https://panel.example.co.id\nNama pengguna: sari\nKata sandi: rahasia-7\nGanti sandi."
    assert service.events.get(to_status="active").actor == support
    assert len(shop.emails("service_active")) == 1


def test_activation_without_details_has_to_be_meant(at_work):
    service = service_to_activate()
    assert at_work.post(page_of(service), {}).status_code == 422
    service.refresh_from_db()
    assert (service.status, shop.emails("service_active")) == (Service.Status.PENDING, [])
    at_work.post(page_of(service), {"without_login": "on"})
    service.refresh_from_db()
    assert (service.status, service.login_details_encrypted) == (Service.Status.ACTIVE, "")


def test_s3_the_second_activation_changes_nothing_and_names_the_first(at_work):
    service = service_to_activate()
    lifecycle.activate(service=service, actor=factories.user(name="Rina Cepat"), login_details="dari Rina")
    response = at_work.post(page_of(service), DETAILS)
    [words] = [str(one) for one in get_messages(response.wsgi_request)]
    assert "Rina Cepat" in words
    service.refresh_from_db()
    assert crypto.decrypt(service.login_details_encrypted) == "dari Rina"
    assert len(shop.emails("service_active")) == 1


def test_after_an_activation_the_next_one_opens(at_work):
    first, second = service_to_activate(), service_to_activate()
    assert at_work.post(page_of(first), DETAILS).url == page_of(second)
    assert at_work.post(page_of(second), DETAILS).url == reverse("admin:billing_activations")


def test_the_list_begins_with_the_longest_wait_and_holds_only_what_waits(at_work):
    young, old, active = service_to_activate(), service_to_activate(), service_to_activate()
    Service.objects.filter(pk=old.pk).update(activation_due_since=timezone.now() - timedelta(days=3))
    lifecycle.activate(service=active, actor=None)
    page = at_work.get(reverse("admin:billing_activations")).content.decode()
    assert page.index(page_of(old)) < page.index(page_of(young))
    assert page_of(active) not in page
    assert "terlambat" in page


def test_an_unpaid_service_is_not_on_the_list(at_work):
    customer = factories.customer(factories.user())
    shop.unpaid_invoice(customer, activation="by_staff")
    assert (
        "Semua layanan yang sudah dibayar sudah aktif"
        in at_work.get(reverse("admin:billing_activations")).content.decode()
    )


def test_new_login_details_replace_the_old_and_are_never_shown(at_work, support):
    support.user_permissions.add(*factories.staff("billing.view_service").user_permissions.all())
    service = service_to_activate()
    at_work.post(page_of(service), DETAILS)
    address = reverse("admin:billing_service_press", args=[service.pk, "login-details"])
    assert "rahasia-7" not in at_work.get(address).content.decode()
    at_work.post(address, {"username": "sari", "password": "baru-8"})
    service.refresh_from_db()
    assert crypto.decrypt(service.login_details_encrypted) == "Nama pengguna: sari\nKata sandi: baru-8"
    page = at_work.get(reverse("admin:billing_service_change", args=[service.pk])).content.decode()
    assert "baru-8" not in page
    assert "tersimpan terenkripsi" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(at_work, django_assert_num_queries, count):
    for _number in range(count):
        service_to_activate()
    at_work.get(reverse("admin:billing_activations"))
    with django_assert_num_queries(9):
        at_work.get(reverse("admin:billing_activations"))
