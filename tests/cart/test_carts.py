"""Guest carts: found by the session, kept through sign-in and sign-up, merged once, forgotten when they are old."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Shop
from cart import carts
from cart.models import Cart, CartItem
from cart.tasks import delete_expired_carts
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.cart.conftest import BACKUP
from tests.cart.conftest import configure_address as address
from tests.racing import Rendezvous, race

MONTHLY = Selection("monthly")
PASSWORD = "kuda-lumping-77"


def guest_cart(*selections: Selection, product=None) -> Cart:
    cart, product = Cart.objects.create(), product or factories.product()
    for selection in selections:
        carts.add(cart=cart, product_id=product.pk, selection=selection)
    return cart


def sign_in(client, user) -> None:
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def person(**fields):
    return factories.user(password=PASSWORD, **fields)


def test_a_guests_cart_survives_sign_in(client, backup):
    client.post(address(backup), BACKUP)
    user = person()
    sign_in(client, user)
    assert [item.cart.user for item in CartItem.objects.all()] == [user]
    assert "Backup 365 Bisnis" in client.get("/cart/").content.decode()
    assert Cart.objects.count() == 1


def test_a_guests_cart_survives_sign_up(client, backup):
    from accounts.models import User

    client.post(address(backup), BACKUP)
    client.post(reverse("account_signup"), {"email": "sari@example.com", "name": "Sari", "password1": PASSWORD})
    client.force_login(User.objects.get(email="sari@example.com"))
    assert CartItem.objects.get().cart.user.email == "sari@example.com"


def test_both_carts_are_there_after_sign_in(client, backup):
    user = person()
    factories.cart_item(owner=user)
    client.post(address(backup), BACKUP)
    sign_in(client, user)
    assert CartItem.objects.filter(cart__user=user).count() == 2
    assert "Keranjang, 2 barang" in client.get("/cart/").content.decode()


def test_what_both_carts_hold_is_kept_once(db):
    user, product = factories.user(), factories.product()
    wanted = Selection("monthly", domain=DomainSelection("transfer", "toko.com", "rahasia"))
    factories.cart_item(product, user, domain=wanted.domain)
    guest = guest_cart(wanted, Selection("monthly", quantity=2), product=product)
    carts.merge_guest_cart(user=user, token=str(guest.token))
    assert [item.selection["quantity"] for item in CartItem.objects.order_by("pk")] == [1, 2]


def test_a_merge_happens_once(db):
    user, guest = factories.user(), guest_cart(MONTHLY)
    for _time in range(2):
        carts.merge_guest_cart(user=user, token=str(guest.token))
    assert [item.cart.user for item in CartItem.objects.all()] == [user]


def test_another_persons_cart_is_never_merged(db):
    owner, thief = factories.user(), factories.user()
    item = factories.cart_item(owner=owner)
    carts.merge_guest_cart(user=thief, token=str(item.cart.token))
    item.refresh_from_db()
    assert item.cart.user == owner


def test_a_guests_promotion_comes_along_unless_one_is_there(db):
    user = factories.user()
    guest = guest_cart(MONTHLY)
    carts.set_promo_code(cart=guest, code="TAMU")
    carts.merge_guest_cart(user=user, token=str(guest.token))
    other = guest_cart(MONTHLY)
    carts.set_promo_code(cart=other, code="LAIN")
    carts.merge_guest_cart(user=user, token=str(other.token))
    assert Cart.objects.get().promo_code == "TAMU"


def test_adding_to_a_cart_that_is_gone_is_refused(db):
    cart = guest_cart()
    Cart.objects.all().delete()
    with pytest.raises(carts.CartGone):
        carts.add(cart=cart, product_id=factories.product().pk, selection=MONTHLY)
    assert not CartItem.objects.exists()


def test_old_guest_carts_are_forgotten_and_peoples_own_stay(db):
    days = Shop.current().guest_cart_days
    old = guest_cart(MONTHLY)
    kept = guest_cart(MONTHLY)
    own = factories.cart_item(owner=factories.user()).cart
    Cart.objects.filter(pk__in=[old.pk, own.pk]).update(updated_at=timezone.now() - timedelta(days=days, minutes=1))
    Cart.objects.filter(pk=kept.pk).update(updated_at=timezone.now() - timedelta(days=days) + timedelta(minutes=1))
    assert delete_expired_carts() == 1
    assert set(Cart.objects.values_list("pk", flat=True)) == {kept.pk, own.pk}


# Two windows at once


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_windows_signing_in_at_once_merge_the_same_wish_once():
    user, product = factories.user(), factories.product()
    guests = [guest_cart(MONTHLY, product=product) for _window in range(2)]
    Cart.objects.create(user=user)
    outcomes = race(
        *[lambda guest=guest: carts.merge_guest_cart(user=user, token=str(guest.token)) for guest in guests]
    )
    assert [type(outcome) for outcome in outcomes] == [Cart, Cart]
    assert CartItem.objects.filter(cart__user=user).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_windows_find_the_wish_missing(monkeypatch):
    """The guard is the lock on the person's cart, and on SQLite the transaction around it."""
    user, product = factories.user(), factories.product()
    guests = [guest_cart(MONTHLY, product=product) for _window in range(2)]
    Cart.objects.create(user=user)
    both_have_read = Rendezvous(2)
    read = Selection.from_json

    def read_and_wait(data):
        both_have_read.wait()
        return read(data)

    monkeypatch.setattr(carts, "_touch", lambda cart: None)
    monkeypatch.setattr(Selection, "from_json", staticmethod(read_and_wait))
    unguarded = carts.merge_guest_cart.__wrapped__
    race(*[lambda guest=guest: unguarded(user=user, token=str(guest.token)) for guest in guests])
    assert CartItem.objects.filter(cart__user=user).count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_guest_cart_signed_in_twice_at_once_is_merged_once():
    user, guest = factories.user(), guest_cart(MONTHLY, Selection("monthly", quantity=2))
    race(*[lambda: carts.merge_guest_cart(user=user, token=str(guest.token))] * 4)
    assert CartItem.objects.filter(cart__user=user).count() == 2
    assert Cart.objects.count() == 1
