"""The cart: lines with their prices, promotion codes, removal and undo, links, what can no longer be ordered."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import crypto
from billing.models import Order, PromotionRedemption, Service
from cart import carts
from cart.models import Cart, CartItem
from catalog.cycles import Cycle
from catalog.models import Product, Promotion
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.cart.conftest import BACKUP, catalog_changed
from tests.cart.conftest import configure_address as address
from tests.cart.test_configure import HOSTING

REVIEW = "/cart/"


def page_of(client) -> str:
    return client.get(REVIEW).content.decode()


def in_cart(client, product: Product, data: dict) -> CartItem:
    assert client.post(address(product), data).status_code == 302
    return CartItem.objects.latest("pk")


def test_n3_an_empty_cart_leads_on(client, db):
    assert "Keranjang Anda kosong" in page_of(client)


def test_n3_a_line_shows_product_configuration_cycle_and_prices(client, backup):
    in_cart(client, backup, BACKUP)
    page = page_of(client)
    for text in ("Backup 365 Bisnis", "Bulanan", "500 GB", "perusahaan.co.id", "Managed Service, Setup Installation"):
        assert text in page
    # Today 3.300.000 net; 1.750.000 renews; with PPN 3.663.000 and 1.942.500.
    assert "Rp3.300.000" in page
    assert "Rp1.750.000 per bulan" in page
    assert "Rp3.663.000" in page
    assert "Perpanjangan Rp1.942.500 per bulan mulai" in page


def test_n3_a_domain_is_shown_with_its_own_renewal(client, hosting):
    data = {**HOSTING, "domain": "register", "register_name": "toko", "register_extension": ".co.id"}
    in_cart(client, hosting, data)
    page = page_of(client)
    assert "toko.co.id" in page
    assert "Rp350.000 per tahun" in page


@time_machine.travel("2027-01-25T03:00:00Z", tick=False)
def test_s9_the_configure_page_and_the_cart_say_which_days_are_paid_for(client, backup):
    Product.objects.filter(pk=backup.pk).update(proration_day=1, proration_cutoff=20)
    catalog_changed()
    configure = client.get(address(backup)).content.decode()
    in_cart(client, backup, BACKUP)
    for page in (configure, page_of(client)):
        assert "Prorata 25–31 Januari 2027: 7 dari 31 hari." in page
        assert "per bulan mulai 1 Maret 2027" in page


def test_p1_the_cart_follows_the_catalog(client, backup):
    in_cart(client, backup, BACKUP)
    backup.prices.filter(cycle=Cycle.MONTHLY).update(amount=550_000)
    catalog_changed()
    assert "Rp3.400.000" in page_of(client)


# Removing


def test_n3_a_line_is_removed_and_put_back(client, backup):
    item = in_cart(client, backup, BACKUP)
    client.post(reverse("cart:remove", args=[item.pk]))
    assert "1 barang dihapus" in page_of(client)
    assert not CartItem.objects.exists()
    client.post(reverse("cart:restore"))
    assert CartItem.objects.get().selection["options"] == item.selection["options"]


def test_n3_the_cart_is_emptied_and_put_back(client, backup, hosting):
    in_cart(client, backup, BACKUP)
    in_cart(client, hosting, HOSTING)
    client.post(reverse("cart:empty"))
    assert not CartItem.objects.exists()
    client.post(reverse("cart:restore"))
    assert CartItem.objects.count() == 2


def test_what_was_removed_is_put_back_once(client, backup):
    item = in_cart(client, backup, BACKUP)
    client.post(reverse("cart:remove", args=[item.pk]))
    client.post(reverse("cart:restore"))
    client.post(reverse("cart:restore"))
    assert CartItem.objects.count() == 1


def test_somebody_elses_line_is_not_removed(client, backup):
    item = in_cart(client, backup, BACKUP)
    client.logout()
    assert client.post(reverse("cart:remove", args=[item.pk])).status_code == 404
    assert CartItem.objects.count() == 1


def test_looking_at_the_cart_makes_none(client, db):
    client.get(REVIEW)
    assert not Cart.objects.exists()
    assert "sessionid" not in client.cookies


def test_the_header_counts_without_a_query(client, backup, django_assert_num_queries):
    in_cart(client, backup, BACKUP)
    client.get(address(backup))
    # The session's; the count is in it.
    with django_assert_num_queries(1):
        assert "Keranjang, 1 barang" in client.get(address(backup)).content.decode()


def test_a_cart_holds_as_much_as_an_order_can(client, backup):
    in_cart(client, backup, BACKUP)
    cart = Cart.objects.get()
    for _number in range(carts.MOST_ITEMS - 1):
        carts.add(cart=cart, product_id=backup.pk, selection=Selection("monthly"))
    response = client.post(address(backup), BACKUP)
    assert response.status_code == 422
    assert CartItem.objects.count() == carts.MOST_ITEMS


# What can no longer be ordered


def test_n3_a_retired_product_is_shown_with_what_to_do(client, backup):
    in_cart(client, backup, BACKUP)
    Product.objects.update(retired=True)
    catalog_changed()
    page = page_of(client)
    assert "Produk ini tidak dijual lagi." in page
    assert 'href="/cart/checkout/"' not in page


def test_n3_a_configuration_that_is_no_longer_offered_is_shown_with_what_to_do(client, backup):
    in_cart(client, backup, BACKUP)
    backup.option_groups.get(options__key="users").options.update(minimum=50)
    catalog_changed()
    page = page_of(client)
    assert "antara 50 dan 300" in page
    assert 'href="/cart/checkout/"' not in page


def test_n3_a_cycle_that_is_no_longer_sold_is_shown_with_what_to_do(client, backup):
    in_cart(client, backup, BACKUP)
    backup.prices.filter(cycle=Cycle.MONTHLY).delete()
    catalog_changed()
    assert "Pilih siklus penagihan" in page_of(client)


def test_n3_a_secret_that_cannot_be_decrypted_any_more_does_not_crash_the_cart(client, hosting, settings):
    data = {**HOSTING, "domain": "transfer", "transfer_name": "toko.com", "epp_code": "rahasia-1"}
    item = in_cart(client, hosting, data)
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    assert crypto.encrypt("x")
    assert "tidak terbaca lagi" in page_of(client)
    assert client.get(reverse("cart:edit", args=[item.pk])).status_code == 200


def test_p8_more_than_what_is_left_is_shown_with_what_to_do(client, db):
    plan = factories.product(stock=2, quantity_mode=Product.Quantity.MULTIPLE)
    in_cart(client, plan, {"cycle": "monthly", "quantity": "3"})
    assert "Stok tinggal 2." in page_of(client)


# Promotions (D5)


def test_n3_a_code_is_checked_and_its_discount_shown(client, backup):
    factories.promotion(code="HEMAT10")
    in_cart(client, backup, BACKUP)
    response = client.post(reverse("cart:promo"), {"code": " hemat10 "})
    assert (response.status_code, Cart.objects.get().promo_code) == (302, "HEMAT10")
    # 10 % of 3.250.000: not of the setup fee.
    assert "−Rp325.000" in page_of(client)


def _unknown(plan):
    return "SALAH"


def _expired(plan):
    return factories.promotion(ends_at=timezone.now() - timedelta(days=1)).code


def _not_yet(plan):
    return factories.promotion(starts_at=timezone.now() + timedelta(days=1)).code


def _used_up(plan):
    return factories.promotion(max_uses=1, uses=1).code


def _other_products(plan):
    promotion = factories.promotion()
    promotion.products.add(factories.product())
    return promotion.code


def _other_cycle(plan):
    return factories.promotion(cycles=["annually"]).code


def _existing_only(plan):
    return factories.promotion(audience=Promotion.Audience.EXISTING).code


def _requires_product(plan):
    promotion = factories.promotion()
    promotion.requires.add(factories.product(name_id="Induk"))
    return promotion.code


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_unknown, "tidak dikenal"),
        (_expired, "sudah berakhir"),
        (_not_yet, "baru berlaku mulai"),
        (_used_up, "Kuota kode promo ini sudah habis"),
        (_other_products, "tidak berlaku untuk produk"),
        (_other_cycle, "hanya berlaku untuk siklus"),
        (_existing_only, "hanya untuk pelanggan lama"),
        (_requires_product, "hanya untuk pelanggan Induk"),
    ],
)
def test_d5_a_refused_code_says_which_condition_failed(client, backup, make, words):
    in_cart(client, backup, BACKUP)
    response = client.post(reverse("cart:promo"), {"code": make(backup)})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Cart.objects.get().promo_code == ""


def _order_of(customer, method) -> Order:
    return Order.objects.create(
        customer=customer, checkout_key="6e3a5d1c-3d2c-4c7e-9b39-4a1b8c1d0001", payment_method=method
    )


def test_d5_new_only_is_refused_to_a_customer_who_ordered(signed_in, customer, backup, shop):
    _order_of(customer, shop)
    code = factories.promotion(audience=Promotion.Audience.NEW).code
    in_cart(signed_in, backup, BACKUP)
    response = signed_in.post(reverse("cart:promo"), {"code": code})
    assert response.status_code == 422
    assert "hanya untuk pelanggan baru" in response.content.decode()


def test_d5_once_per_customer_is_refused_the_second_time(signed_in, customer, backup, shop):
    promotion = factories.promotion(once_per_customer=True)
    PromotionRedemption.objects.create(promotion=promotion, order=_order_of(customer, shop), customer=customer)
    in_cart(signed_in, backup, BACKUP)
    response = signed_in.post(reverse("cart:promo"), {"code": promotion.code})
    assert response.status_code == 422
    assert "sudah pernah Anda pakai" in response.content.decode()


def test_d5_an_accepted_code_that_takes_off_nothing_says_so(client, backup):
    factories.promotion(code="SETUPNOL", kind=Promotion.Kind.FREE_SETUP)
    in_cart(client, backup, {**BACKUP, "cycle": "annually", "addons": []})
    client.post(reverse("cart:promo"), {"code": "SETUPNOL"})
    assert "tidak mengubah harga" in page_of(client)


def test_d5_a_code_that_no_longer_fits_says_why_and_the_full_price_stands(client, backup):
    promotion = factories.promotion(code="HEMAT10")
    in_cart(client, backup, BACKUP)
    client.post(reverse("cart:promo"), {"code": "HEMAT10"})
    promotion.active = False
    promotion.save()
    page = page_of(client)
    assert "tidak dikenal" in page
    assert "Rp3.663.000" in page


def test_a_code_is_taken_off(client, backup):
    factories.promotion(code="HEMAT10")
    in_cart(client, backup, BACKUP)
    client.post(reverse("cart:promo"), {"code": "HEMAT10"})
    client.post(reverse("cart:promo"), {"action": "remove"})
    assert Cart.objects.get().promo_code == ""


def test_codes_cannot_be_guessed_without_end(client, backup):
    in_cart(client, backup, BACKUP)
    statuses = {client.post(reverse("cart:promo"), {"code": f"TEBAK{number}"}).status_code for number in range(25)}
    assert statuses == {422, 429}
    factories.promotion(code="HEMAT10")
    assert client.post(reverse("cart:promo"), {"code": "HEMAT10"}).status_code == 429
    assert Cart.objects.get().promo_code == ""


# Links


def share_link(client) -> str:
    return reverse("cart:shared", args=[client.get(REVIEW).context["share_token"]])


def test_a_cart_is_shared_by_a_link_and_priced_again(client, backup):
    in_cart(client, backup, BACKUP)
    link = share_link(client)
    backup.prices.filter(cycle=Cycle.MONTHLY).update(amount=550_000)
    catalog_changed()
    client.cookies.clear()
    assert "Rp3.400.000" in client.get(link).content.decode()
    assert CartItem.objects.count() == 1
    assert client.post(link).url == REVIEW
    assert CartItem.objects.count() == 2


def test_a_shared_link_holds_no_secret(client, hosting):
    data = {**HOSTING, "domain": "transfer", "transfer_name": "toko.com", "epp_code": "rahasia-1"}
    in_cart(client, hosting, data)
    link = share_link(client)
    CartItem.objects.all().delete()
    client.post(link)
    assert Selection.from_json(CartItem.objects.get().selection).domain == DomainSelection("transfer", "toko.com", "")


def test_a_forged_link_is_not_found(client, backup):
    in_cart(client, backup, BACKUP)
    assert client.get(f"{share_link(client)}x").status_code == 404
    assert client.get(reverse("cart:shared", args=["abc"])).status_code == 404


def test_a_link_to_products_that_are_gone_is_not_a_crash(client, backup):
    in_cart(client, backup, BACKUP)
    link = share_link(client)
    Product.objects.all().delete()
    catalog_changed()
    page = client.get(link).content.decode()
    assert "Keranjang ini kosong" in page


# Costs


@pytest.mark.parametrize("lines", [1, 3])
def test_the_cart_costs_the_same_queries_for_one_line_or_three(
    signed_in, customer, backup, shop, django_assert_num_queries, lines
):
    promotion = factories.promotion()
    for _number in range(lines):
        in_cart(signed_in, backup, BACKUP)
    signed_in.post(reverse("cart:promo"), {"code": promotion.code})
    signed_in.get(REVIEW)
    assert Service.objects.count() == 0
    with django_assert_num_queries(11):
        signed_in.get(REVIEW)
