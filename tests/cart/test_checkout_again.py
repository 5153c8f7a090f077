"""Checkout while the world changes: prices, stock, promotions, other windows, the same form again (O1, O2, D4, P8)."""

import pytest
from django.contrib.auth import get_user
from django.core.cache import caches
from django.urls import reverse

from accounts.models import User
from billing.models import Order, PaymentMethod
from cart.checkout import Seen
from cart.models import Cart, CartItem
from catalog.cycles import Cycle
from catalog.models import Product, Promotion
from tests import factories
from tests.cart.buying import CHECKOUT, PASSWORD, counts, filled
from tests.cart.conftest import BACKUP, catalog_changed
from tests.cart.conftest import configure_address as address

# What changed meanwhile


def test_o1_another_price_is_shown_again_with_what_changed(known, backup):
    data = filled(known)
    backup.prices.filter(cycle=Cycle.MONTHLY).update(amount=550_000)
    before = counts()
    response = known.post(CHECKOUT, data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Backup 365 Bisnis: Rp450.000 → <b>Rp550.000</b>" in page
    assert "Rp3.663.000 → <b>Rp3.774.000</b>" in page
    assert counts() == before
    catalog_changed()
    assert known.post(CHECKOUT, filled(known)).status_code == 302
    assert Order.objects.get().invoice.total == 3_774_000


def test_o1_a_forged_or_missing_price_orders_nothing(known):
    before = counts()
    for seen in ("", "x", Seen(0, {}).sign()):
        assert known.post(CHECKOUT, filled(known, seen=seen)).status_code == 422
    assert counts() == before


def test_o1_a_line_added_in_another_window_is_shown_first(known, backup):
    data = filled(known)
    known.post(address(backup), BACKUP)
    response = known.post(CHECKOUT, data)
    assert response.status_code == 422
    assert not Order.objects.exists()


def test_d4_a_promotion_that_ended_meanwhile_is_told_before_anything_is_ordered(known):
    promotion = factories.promotion(code="HEMAT10", max_uses=1)
    known.post(reverse("cart:promo"), {"code": "HEMAT10"})
    data = filled(known)
    Promotion.objects.update(uses=1)
    before = counts()
    response = known.post(CHECKOUT, data)
    assert response.status_code == 422
    assert "Kuota kode promo ini sudah habis." in response.content.decode()
    assert counts() == before
    assert known.post(CHECKOUT, filled(known)).status_code == 302
    promotion.refresh_from_db()
    assert (Order.objects.get().invoice.total, promotion.uses) == (3_663_000, 1)


def test_d4_a_promotion_is_reserved_with_the_order(known):
    promotion = factories.promotion(code="HEMAT10")
    known.post(reverse("cart:promo"), {"code": "HEMAT10"})
    assert known.post(CHECKOUT, filled(known)).status_code == 302
    promotion.refresh_from_db()
    # 3.300.000 − 325.000 = 2.975.000, PPN 327.250.
    assert (Order.objects.get().invoice.total, promotion.uses) == (3_302_250, 1)
    assert (CartItem.objects.count(), Cart.objects.get().promo_code) == (0, "")


def test_p8_the_last_one_gone_meanwhile_leads_back_to_the_cart(known, backup):
    Product.objects.update(stock=1)
    catalog_changed()
    data = filled(known)
    Product.objects.update(stock_taken=1)
    before = counts()
    response = known.post(CHECKOUT, data, follow=True)
    assert "Stok habis" in response.content.decode()
    assert counts() == before


def test_a_switched_off_payment_method_is_refused(known):
    data = filled(known)
    PaymentMethod.objects.update(active=False)
    before = counts()
    response = known.post(CHECKOUT, data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["payment_method"])
    assert counts() == before


# The same form twice (O2)


def test_o2_the_same_form_again_shows_the_same_invoice(known):
    data = filled(known)
    first, second = known.post(CHECKOUT, data), known.post(CHECKOUT, data)
    assert (first.url, Order.objects.count()) == (second.url, 1)


def test_o2_a_guests_same_form_again_shows_the_same_invoice(ready, client_class):
    data = filled(ready)
    first = ready.post(CHECKOUT, data)
    again = client_class()
    second = again.post(CHECKOUT, data)
    assert (first.url, Order.objects.count(), User.objects.count()) == (second.url, 1, 1)
    assert get_user(again).email == "sari@example.com"


def test_o2_a_key_without_the_password_opens_nothing(ready, client_class):
    data = filled(ready)
    ready.post(CHECKOUT, data)
    stranger = client_class()
    response = stranger.post(CHECKOUT, {**data, "account-password": "kira-kira-begini"})
    assert response.url == "/cart/"
    assert not get_user(stranger).is_authenticated


def test_o2_a_key_of_an_older_account_opens_nothing(known, owner, client_class):
    owner.set_password(PASSWORD)
    owner.save()
    User.objects.update(date_joined="2025-01-01T00:00:00Z")
    known.force_login(owner)
    data = filled(known)
    known.post(CHECKOUT, data)
    thief = client_class()
    thief.post(CHECKOUT, {**data, "account-email": owner.email, "account-password": PASSWORD})
    assert not get_user(thief).is_authenticated


def test_o2_somebody_elses_key_leads_to_ones_own_cart(known, client_class, backup):
    data = filled(known)
    known.post(CHECKOUT, data)
    stranger = client_class()
    person = factories.user()
    factories.customer(person)
    stranger.force_login(person)
    stranger.post(address(backup), BACKUP)
    response = stranger.post(CHECKOUT, {**filled(stranger), "checkout_key": data["checkout_key"]})
    assert response.status_code == 422
    assert Order.objects.count() == 1


def test_the_next_order_has_a_key_of_its_own(known, backup):
    known.post(CHECKOUT, filled(known))
    known.post(address(backup), BACKUP)
    known.post(CHECKOUT, filled(known))
    assert Order.objects.count() == 2


# Costs


@pytest.mark.parametrize("lines", [1, 3])
def test_the_page_costs_the_same_queries_for_one_line_or_three(known, backup, django_assert_num_queries, lines):
    for _number in range(lines - 1):
        known.post(address(backup), BACKUP)
    known.get(CHECKOUT)
    with django_assert_num_queries(4):
        known.get(CHECKOUT)


def test_caches_may_be_empty(known):
    caches["process"].clear()
    assert known.post(CHECKOUT, filled(known)).status_code == 302
