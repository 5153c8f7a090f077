"""Staff who sell, bill and support read the catalog that only administrators edit."""

import pytest
from django.contrib.auth.models import Group

from catalog.models import Product
from tests import factories
from tests.catalog.admin_pages import page, prices_of, submit

pytestmark = pytest.mark.django_db

READERS = ["Penjualan", "Keuangan", "Dukungan", "PIC"]


@pytest.fixture
def member_of(client):
    def sign_in(group: str):
        person = factories.staff()
        person.groups.add(Group.objects.get(name=group))
        client.force_login(person)
        return client

    return sign_in


def words(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("group", READERS)
def test_staff_read_a_products_prices_options_and_addons(member_of, group):
    product = factories.product(prices={"monthly": (150_000, 10_000), "annually": 1_500_000})
    option = factories.quantity_option(product, prices={"monthly": 1_000})
    addon = factories.addon(product, prices={"monthly": 5_000})
    seen = words(member_of(group).get(page("product_change", product.pk)))

    assert "Bulanan: Rp150.000 + setup Rp10.000" in seen
    assert "Tahunan: Rp1.500.000" in seen
    assert str(option.group) in seen
    assert str(addon) in seen
    assert 'name="_save"' not in seen
    assert "Salin produk ini" not in seen


@pytest.mark.parametrize("group", READERS)
def test_staff_read_an_options_prices_and_its_choices_prices(member_of, group):
    product = factories.product(prices={"monthly": 150_000})
    users = factories.quantity_option(product, prices={"monthly": 12_500})
    place = factories.choice_option(product, choices={"jakarta": {"monthly": 7_500}})
    addon = factories.addon(product, prices={"one_time": 99_000})
    client = member_of(group)

    assert "Bulanan: Rp12.500" in words(client.get(page("option_change", users.pk)))
    assert "Bulanan: Rp7.500" in words(client.get(page("option_change", place.pk)))
    assert "Sekali bayar: Rp99.000" in words(client.get(page("addon_change", addon.pk)))


def test_staff_read_what_a_promotion_takes_off_and_when(member_of):
    promotion = factories.promotion(kind="percent", value=12.5, cycles=["annually"])
    seen = words(member_of("Penjualan").get(page("promotion_change", promotion.pk)))

    assert "12,5 %" in seen
    assert "Tahunan" in seen


@pytest.mark.parametrize("group", READERS)
def test_readers_change_nothing(member_of, group):
    product = factories.product(prices={"monthly": 150_000})
    client = member_of(group)

    assert client.post(page("product_change", product.pk), {"price_monthly": "1"}).status_code == 403
    client.post(page("product_changelist"), {"action": "copy_products", "_selected_action": [product.pk]})
    assert prices_of(product=product) == {"monthly": (150_000, 0)}
    assert Product.objects.count() == 1


def test_an_administrator_who_is_no_superuser_edits_and_copies(member_of):
    product = factories.product(prices={"monthly": 150_000}, slug="paket")
    client = member_of("Administrator")

    assert submit(client, page("product_change", product.pk), price_monthly="175.000").status_code == 302
    assert prices_of(product=product) == {"monthly": (175_000, 0)}
    assert "Salin produk ini" in words(client.get(page("product_change", product.pk)))
    response = client.post(page("product_changelist"), {"action": "copy_products", "_selected_action": [product.pk]})
    assert response.url == page("product_change", Product.objects.get(slug="paket-salinan").pk)
