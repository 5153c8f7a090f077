"""The store's pages."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Shop
from catalog import offers, previews, snapshots, store
from catalog.models import Product
from tests import factories

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def page(client, group, **query) -> str:
    return text_of(client.get(reverse("catalog:group", args=[group.slug], query=query)))


@pytest.fixture
def group():
    return factories.group(slug="hosting", name_id="Hosting", name_en="Hosting plans", tagline_id="Cepat")


def test_n1_a_visitor_finds_groups_and_their_plans_with_prices(client, group):
    factories.product(group=group, name_id="Pemula", prices={"monthly": (35_000, 25_000)}, features_id="5 GB\nSSL")
    factories.ppn()

    assert reverse("catalog:group", args=["hosting"]) in text_of(client.get("/store/"))
    shown = page(client, group)

    assert "Pemula" in shown
    assert 'Rp35.000</span> <span class="muted">/ bulan' in shown
    assert "ditambah biaya setup Rp25.000" in shown
    assert "<li>5 GB</li><li>SSL</li>" in shown
    assert shown.count("PPN 11%") == 1
    assert "Pesan" in shown


def test_the_store_speaks_english_too(client, group):
    factories.product(group=group, name_id="Pemula", name_en="Starter", features_id="5 GB")
    shown = text_of(client.get("/store/hosting/", headers={"accept-language": "en"}))

    assert "Hosting plans" in shown
    assert "Starter" in shown
    # What has no translation falls back to the other language.
    assert "Cepat" in shown


def test_the_price_says_what_it_is_based_on(client, group):
    factories.product(group=group, prices={"monthly": 40_000, "annually": 360_000})
    factories.product(group=group, prices={"one_time": 1_500_000})
    shown = page(client, group)

    assert "Rp30.000" in shown
    assert "dibayar Rp360.000 per tahun" in shown
    assert 'Rp1.500.000</span> <span class="muted">sekali bayar' in shown


def test_the_starting_price_counts_what_must_be_configured():
    product = factories.product(prices={"monthly": (100_000, 10_000)})
    factories.quantity_option(product, prices={"monthly": (1_000, 5_000)}, minimum=15, included=5)
    factories.choice_option(product, choices={"a": {"monthly": 30_000}, "b": {"monthly": (20_000, 7_000)}})
    factories.yes_no_option(product, prices={"monthly": 99_000})
    factories.text_option(product)

    starting = store.plan(offers.load([product.pk])[product.pk]).starting
    assert (starting.amount, starting.setup_fee, starting.monthly) == (130_000, 22_000, 130_000)


def test_inclusive_prices_are_called_so(client, group):
    factories.product(group=group)
    factories.ppn()
    shop = Shop.current()
    shop.prices_include_tax = True
    shop.save()

    assert "Harga sudah termasuk PPN 11%." in page(client, group)


def test_sold_out_plans_stay_visible_without_a_button(client, group):
    factories.product(group=group, name_id="Habis sudah", stock=3, stock_taken=3)
    shown = page(client, group)

    assert "Habis sudah" in shown
    assert 'class="tag tag-warning">Habis' in shown
    assert "button-primary" not in shown


def test_hidden_retired_and_unpriced_plans_are_not_listed(client, group):
    factories.product(group=group, name_id="Terlihat")
    factories.product(group=group, name_id="Tersembunyi", hidden=True)
    factories.product(group=group, name_id="Pensiun", retired=True)
    factories.product(group=group, name_id="Tanpaharga").prices.all().delete()
    shown = page(client, group)

    assert "Terlihat" in shown
    for name in ("Tersembunyi", "Pensiun", "Tanpaharga"):
        assert name not in shown


def test_hidden_and_unknown_groups_are_not_found(client):
    factories.product(group=factories.group(slug="rahasia", name_id="Rahasia", hidden=True))

    assert "Rahasia" not in text_of(client.get("/store/"))
    assert client.get("/store/rahasia/").status_code == 404
    assert client.get("/store/tidak-ada/").status_code == 404


def test_empty_states_lead_on(client, group):
    assert "Belum ada layanan" in text_of(client.get("/store/"))
    assert "Toko sedang disiapkan" in text_of(client.get("/"))
    shown = page(client, group)
    assert "Belum ada paket di sini" in shown
    assert 'href="/store/"' in shown


def test_the_front_page_leads_to_the_groups(client, group):
    factories.product(group=group)
    shown = text_of(client.get("/"))

    assert 'href="/store/hosting/"' in shown
    assert "Cara memesan" in shown


# Previews


def test_a_preview_link_shows_a_hidden_and_a_retired_product(client):
    hidden_group = factories.group(slug="segera", hidden=True)
    for fields in ({"hidden": True}, {"retired": True}, {"group": hidden_group}):
        product = factories.product(name_id="Rahasia", **fields)
        response = client.get(previews.link(product))

        assert response.status_code == 200
        assert "Rahasia" in response.content.decode()
        assert "Pratinjau" in response.content.decode()
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Cache-Control"] == "no-store"


def test_a_preview_of_a_retired_product_cannot_be_ordered(client):
    shown = text_of(client.get(previews.link(factories.product(retired=True))))

    assert "Tidak dijual lagi." in shown
    assert "button-primary" not in shown


def test_a_forged_or_old_preview_link_is_not_found(client):
    product = factories.product(hidden=True)
    link = previews.link(product)
    other = signing.dumps(product.pk, salt="something else")

    assert client.get(f"{link}x").status_code == 404
    assert client.get(reverse("catalog:group", args=[product.group.slug], query={"preview": other})).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert client.get(link).status_code == 404


# Cost


def make_plans(group, number: int) -> None:
    Shop().save()
    for _index in range(number):
        product = factories.product(group=group)
        factories.quantity_option(product, prices={"monthly": 1_000})
        factories.addon(product, prices={"monthly": 5_000})


@pytest.mark.parametrize("number", [1, 3])
def test_a_group_costs_eight_queries_once_and_none_afterwards(client, group, number, django_assert_num_queries):
    make_plans(group, number)

    # The shop, the stamp, the shelves, four of offers, the tax rule.
    with django_assert_num_queries(8):
        client.get("/store/hosting/")
    with django_assert_num_queries(0):
        client.get("/store/hosting/")


@pytest.mark.parametrize("number", [1, 3])
def test_the_overview_costs_the_same_for_one_group_and_many(client, number, django_assert_num_queries):
    for _index in range(number):
        make_plans(factories.group(), 2)

    with django_assert_num_queries(8):
        client.get("/store/")


def test_somebody_signed_in_costs_no_query_of_the_catalog(signed_in, group, django_assert_num_queries):
    factories.product(group=group)
    signed_in.get("/store/hosting/")

    # Session, person, memberships.
    with django_assert_num_queries(2):
        signed_in.get("/store/hosting/")


def test_a_remembered_page_gives_each_visitor_an_own_form_token(client, group):
    factories.product(group=group)
    tokens = []
    for _visit in range(3):
        client.cookies.clear()
        found = set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/store/hosting/").content.decode()))
        assert len(found) == 1
        tokens += found
    assert len(set(tokens)) == 3


def test_the_token_of_a_remembered_page_is_accepted(group):
    client = Client(enforce_csrf_checks=True)
    factories.product(group=group)
    for _visit in range(2):
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/store/hosting/").content.decode())[1]
    data = {"language": "en", "next": "/store/hosting/", "csrfmiddlewaretoken": token}

    assert client.post(reverse("set-language"), data).status_code == 302
    assert client.post(reverse("set-language"), {**data, "csrfmiddlewaretoken": "x" * 64}).status_code == 403


def test_a_remembered_page_is_kept_apart_by_language_and_shop(client, group):
    factories.product(group=group, name_id="Pemula", name_en="Starter")
    client.get("/store/hosting/")

    assert "Starter" in text_of(client.get("/store/hosting/", headers={"accept-language": "en"}))
    shop = Shop.current()
    shop.name = "Toko Baru"
    shop.save()
    assert "Toko Baru" in page(client, group)


def test_somebody_signed_in_never_gets_a_visitors_page(client, group, owner, customer):
    factories.product(group=group)
    client.get("/store/hosting/")
    client.force_login(owner)

    assert owner.name in text_of(client.get("/store/hosting/"))
    client.logout()
    assert owner.name not in text_of(client.get("/store/hosting/"))


def test_an_edit_shows_at_once(transactional_db, client, group):
    product = factories.product(group=group, name_id="Lama")
    assert "Lama" in page(client, group)
    Product.objects.filter(pk=product.pk).update(name_id="Baru")
    snapshots.forget()

    assert "Baru" in page(client, group)
