"""A customer's page in the admin: its people, its history in words, and data cleaned as on the customer's own form."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts import customers
from accounts.models import Customer
from accounts.roles import Role
from tests import factories
from tests.catalog.admin_pages import submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(client):
    person = factories.staff(name="Panji Penjualan")
    person.groups.add(Group.objects.get(name="Penjualan"))
    client.force_login(person)
    return client


@pytest.fixture
def company():
    return factories.customer(factories.user(name="Sari Wulandari"), name="PT Lama", npwp="")


def page_of(customer: Customer) -> str:
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def test_staff_read_who_acts_for_a_customer_and_what_changed_in_words(sales, company):
    factories.member(company, factories.user(name="Dewi Anggraini", email="dewi@example.com"), Role.BILLING)
    customers.update(customer=company, actor=company.users.first(), name="PT Baru", kind=Customer.Kind.PERSON)
    seen = sales.get(page_of(company)).content.decode()

    assert "Dewi Anggraini" in seen
    assert "dewi@example.com" in seen
    assert "Data pelanggan diubah" in seen
    assert "nama: PT Lama → PT Baru" in seen
    assert "jenis: Perusahaan → Perorangan" in seen
    for raw in ("Created at", "Kind", "Actor", ">updated<"):
        assert raw not in seen


def test_what_staff_type_is_cleaned_as_on_the_customers_own_form(sales, company):
    response = submit(sales, page_of(company), phone="0812 3456 7890", npwp="09.254.294.3-407.000")
    company.refresh_from_db()

    assert response.status_code == 302
    assert (company.phone, company.npwp) == ("+6281234567890", "092542943407000")


def test_a_telephone_number_that_is_none_is_refused_and_changes_nothing(sales, company):
    response = submit(sales, page_of(company), phone="nanti", name="PT Baru")

    assert list(response.context["adminform"].form.errors) == ["phone"]
    company.refresh_from_db()
    assert (company.phone, company.name) == ("+628123456789", "PT Lama")


def test_members_read_in_words_that_staff_changed_their_data(sales, company, client):
    submit(sales, page_of(company), name="PT Baru")
    client.force_login(company.users.get())
    seen = client.get(reverse("accounts:members")).content.decode()

    assert "Data pelanggan diubah oleh staf" in seen
    assert "edited_by_staff" not in seen


@pytest.mark.parametrize("number", [1, 3])
def test_a_customers_page_costs_the_same_for_one_and_many_members(sales, company, number, django_assert_num_queries):
    for _index in range(number):
        person = factories.user()
        factories.member(company, person)
        customers.update(customer=company, actor=person, name=f"PT {person.pk}")
    sales.get(page_of(company))

    with django_assert_num_queries(10):
        sales.get(page_of(company))
