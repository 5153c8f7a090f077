"""Checkout: who orders, what is asked, what is made in one transaction, and what is refused without a trace."""

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from accounts.models import Membership, OutboxEmail, User
from accounts.roles import Role
from billing.models import Order, PaymentMethod, TermsVersion
from cart.models import Cart, CartItem
from tests import factories
from tests.cart.buying import CHECKOUT, PASSWORD, billing_fields, counts, filled
from tests.cart.conftest import BACKUP
from tests.cart.conftest import configure_address as address

# Guests


def test_n4_a_guest_orders_and_gets_an_account_in_the_same_step(ready):
    response = ready.post(CHECKOUT, filled(ready))
    order = Order.objects.get()
    assert (response.status_code, response.url) == (302, order.invoice.get_absolute_url())
    user = User.objects.get(email="sari@example.com")
    assert (user.name, user.check_password(PASSWORD), user.is_staff) == ("Sari Dewi", True, False)
    customer = order.customer
    assert (customer.name, customer.phone, customer.billing_email) == ("PT Maju Jaya", "+6281234567890", user.email)
    assert Membership.objects.get().role == Role.OWNER
    assert (order.placed_by, order.notes, order.terms) == (user, "Mohon dihubungi dulu.", TermsVersion.current())
    assert order.terms_accepted_at is not None
    assert order.ip_address == "127.0.0.1"
    assert order.invoice.total == 3_663_000
    assert not CartItem.objects.exists()


def test_n4_the_new_customer_is_signed_in_and_sees_the_invoice(ready):
    response = ready.post(CHECKOUT, filled(ready), follow=True)
    assert response.status_code == 200
    assert "Belum Dibayar" in response.content.decode()
    assert get_user(ready).email == "sari@example.com"


def test_n4_the_invoice_opens_with_a_word_of_thanks_for_the_order(ready):
    page = ready.post(CHECKOUT, filled(ready), follow=True).content.decode()
    assert "Terima kasih, pesanan Anda kami terima. Tagihannya juga kami kirim ke sari@example.com." in page
    assert "Anda masuk sebagai" not in page


def test_n4_the_new_address_is_confirmed_by_email_afterwards(ready):
    ready.post(CHECKOUT, filled(ready))
    assert OutboxEmail.objects.filter(template="accounts/confirm_email", to="sari@example.com").count() == 1


def test_n4_a_person_need_not_say_the_name_twice(ready):
    ready.post(CHECKOUT, filled(ready, **{"billing-kind": "person", "billing-name": ""}))
    assert Order.objects.get().customer.name == "Sari Dewi"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"account-name": ""}, "account-name"),
        ({"account-name": "\u200b"}, "account-name"),
        ({"account-email": "bukan email"}, "account-email"),
        ({"account-password": "12345"}, "account-password"),
        ({"billing-name": ""}, "billing-name"),
        ({"billing-phone": "12"}, "billing-phone"),
        ({"billing-postal_code": "123"}, "billing-postal_code"),
        ({"billing-province": "Atlantis"}, "billing-province"),
        ({"payment_method": ""}, "payment_method"),
        ({"payment_method": "999"}, "payment_method"),
        ({"terms": ""}, "terms"),
        ({"terms_version": "999"}, "terms"),
        ({"checkout_key": "x"}, "checkout_key"),
    ],
)
def test_n4_what_is_missing_is_said_and_nothing_is_made(ready, change, field):
    before = counts()
    response = ready.post(CHECKOUT, filled(ready, **change))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert counts() == before


def test_n4_a_refused_form_keeps_everything_typed(ready):
    page = ready.post(CHECKOUT, filled(ready, terms="")).content.decode()
    for typed in ("Sari Dewi", "PT Maju Jaya", "Jl. Mawar 5", "Mohon dihubungi dulu.", PASSWORD):
        assert typed in page
    assert "<title>Kesalahan: " in page


def test_n4_the_terms_box_is_never_ticked_beforehand(ready):
    page = ready.get(CHECKOUT).content.decode()
    assert 'id="id_terms" value="1">' in page
    assert "Saya telah membaca dan menyetujui" in page


def test_n4_a_new_version_of_the_terms_is_read_before_it_is_agreed_to(ready):
    data = filled(ready)
    factories.terms(version="99.0")
    before = counts()
    response = ready.post(CHECKOUT, data)
    assert list(response.context["form"].errors) == ["terms"]
    assert "baru saja diperbarui" in response.content.decode()
    assert counts() == before


def test_an_empty_cart_has_nothing_to_check_out(client, shop):
    assert client.get(CHECKOUT).url == "/cart/"
    assert client.post(CHECKOUT, {"checkout_key": "x"}).url == "/cart/"


def test_fields_that_the_form_does_not_have_are_not_read(ready):
    forged = {
        "total": "1",
        "expected_total": "1",
        "account-is_staff": "1",
        "account-is_superuser": "1",
        "billing-separate_invoices": "1",
        "billing-country": "SG",
        "status": "active",
        "promotion_code": "HEMAT",
    }
    ready.post(CHECKOUT, filled(ready, **forged))
    user, order = User.objects.get(), Order.objects.get()
    assert (user.is_staff, user.is_superuser, order.customer.country) == (False, False, "ID")
    assert (order.customer.separate_invoices, order.invoice.total) == (False, 3_663_000)


# Guests whose address is known


def test_an_address_with_an_account_cannot_order_and_is_not_given_away(ready):
    owner = factories.user(email="sari@example.com", name="Sari")
    before = counts()
    response = ready.post(CHECKOUT, filled(ready))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Pesanan belum dapat dibuat dengan alamat email ini." in page
    assert "sudah terdaftar" not in page
    assert counts() == {**before, "OutboxEmail": before["OutboxEmail"] + 1}
    mail = OutboxEmail.objects.get()
    assert (mail.to, mail.template) == (owner.email, "cart/address_known")
    assert not get_user(ready).is_authenticated


def test_the_owner_of_a_known_address_is_told_once_a_day(ready):
    factories.user(email="sari@example.com")
    data = filled(ready)
    ready.post(CHECKOUT, data)
    ready.post(CHECKOUT, data)
    assert OutboxEmail.objects.count() == 1


def test_a_known_address_is_mentioned_only_when_all_else_is_in_order(ready):
    factories.user(email="sari@example.com")
    response = ready.post(CHECKOUT, filled(ready, terms=""))
    assert list(response.context["form"].errors) == ["terms"]
    assert not OutboxEmail.objects.exists()


def test_addresses_cannot_be_tried_without_end(ready):
    for number in range(40):
        factories.user(email=f"orang{number}@tebak.example")
    data = filled(ready)
    statuses = [
        ready.post(CHECKOUT, {**data, "account-email": f"orang{number}@tebak.example"}).status_code
        for number in range(40)
    ]
    assert statuses == [422] * 30 + [429] * 10


# Signing in on the page


def test_a6_signing_in_stays_in_the_checkout_and_keeps_the_cart(ready):
    user = factories.user(email="sari@example.com", password=PASSWORD)
    factories.customer(user, name="PT Lama")
    response = ready.post(reverse("cart:sign-in"), {"login": user.email, "password": PASSWORD})
    assert (response.status_code, response.url) == (302, CHECKOUT)
    page = ready.get(CHECKOUT).content.decode()
    assert "PT Lama" in page
    assert "Backup 365 Bisnis" in page
    assert Cart.objects.get().user == user


def test_a6_a_wrong_password_is_said_on_the_checkout(ready):
    user = factories.user(email="sari@example.com", password=PASSWORD)
    response = ready.post(reverse("cart:sign-in"), {"login": user.email, "password": "salah"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Selesaikan Pesanan" in page
    assert "<title>Kesalahan: " in page
    assert not get_user(ready).is_authenticated


def test_a6_a_wrong_address_gets_the_same_answer_as_a_wrong_password(ready):
    user = factories.user(email="sari@example.com", password=PASSWORD)
    errors = [
        ready.post(reverse("cart:sign-in"), {"login": email, "password": "salah"}).context["login_form"].errors
        for email in (user.email, "tidakada@example.com")
    ]
    assert errors[0] == errors[1]


def test_a6_passwords_cannot_be_guessed_without_end(ready):
    user = factories.user(email="sari@example.com", password=PASSWORD)
    for _number in range(12):
        ready.post(reverse("cart:sign-in"), {"login": user.email, "password": "salah"})
    ready.post(reverse("cart:sign-in"), {"login": user.email, "password": PASSWORD})
    assert not get_user(ready).is_authenticated


def test_a6_the_second_factor_is_asked_and_the_cart_waits(ready):
    from allauth.mfa.totp.internal import auth as totp

    user = factories.user(email="sari@example.com", password=PASSWORD)
    totp.TOTP.activate(user, totp.generate_totp_secret())
    response = ready.post(reverse("cart:sign-in"), {"login": user.email, "password": PASSWORD})
    assert response.url.startswith(reverse("mfa_authenticate"))
    assert not get_user(ready).is_authenticated
    assert CartItem.objects.count() == 1


# Known customers


def test_n4_a_known_customer_finds_the_data_filled_in(known, customer):
    page = known.get(CHECKOUT).content.decode()
    for value in (customer.name, customer.address, customer.billing_email, customer.phone):
        assert value in page
    assert "Buat kata sandi" not in page


def test_n4_a_known_customer_is_thanked_too(known, customer):
    page = known.post(CHECKOUT, filled(known), follow=True).content.decode()
    assert f"pesanan Anda kami terima. Tagihannya juga kami kirim ke {customer.billing_email}." in page


def test_n4_a_known_customer_orders(known, owner, customer):
    response = known.post(CHECKOUT, filled(known))
    order = Order.objects.get()
    assert response.url == order.invoice.get_absolute_url()
    assert (order.customer, order.placed_by, User.objects.count()) == (customer, owner, 1)


def test_n4_a_known_customers_data_can_be_changed_while_ordering(known, owner, customer):
    known.post(CHECKOUT, filled(known, **billing_fields(known) | {"billing-address": "Jl. Baru 9"}))
    customer.refresh_from_db()
    assert customer.address == "Jl. Baru 9"
    assert customer.events.get().actor == owner
    assert Order.objects.get().invoice.buyer["address_lines"][0] == "Jl. Baru 9"


def test_n4_a_known_customers_bad_change_is_said_and_nothing_is_made(known, customer):
    before = counts()
    response = known.post(CHECKOUT, filled(known, **billing_fields(known) | {"billing-postal_code": "1"}))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["billing-postal_code"])
    assert counts() == before


def test_n4_someone_without_a_customer_orders_for_a_new_one(client, backup, shop):
    person = factories.user()
    client.force_login(person)
    client.post(address(backup), BACKUP)
    response = client.post(CHECKOUT, filled(client, customer="new", **{"billing-billing_email": "a@example.com"}))
    assert response.status_code == 302
    membership = Membership.objects.get(user=person)
    assert (membership.role, membership.customer.name) == (Role.OWNER, "PT Maju Jaya")


def test_the_active_customer_orders_unless_another_is_chosen(known, owner, customer):
    second = factories.customer(owner, name="PT Kedua")
    assert known.get(CHECKOUT).context["choice"].customer == customer
    page = known.get(CHECKOUT, {"customer": second.pk})
    assert page.context["choice"].customer == second
    known.post(CHECKOUT, filled(known) | {"customer": str(second.pk)})
    assert Order.objects.get().customer == second


def test_somebody_elses_customer_is_not_found(known):
    stranger = factories.customer(factories.user())
    before = counts()
    assert known.get(CHECKOUT, {"customer": stranger.pk}).status_code == 404
    assert known.post(CHECKOUT, filled(known, customer=str(stranger.pk))).status_code == 404
    assert counts() == before


@pytest.mark.parametrize("role", [Role.TECHNICAL, Role.VIEWER])
def test_a_role_that_may_not_order_is_told_who_may(client, customer, owner, backup, shop, role):
    colleague = factories.member(customer, role=role).user
    client.force_login(colleague)
    client.post(address(backup), BACKUP)
    response = client.get(CHECKOUT)
    assert response.status_code == 403
    assert owner.email in response.content.decode()
    assert client.post(CHECKOUT, {"customer": customer.pk}).status_code == 403
    assert not Order.objects.exists()
    assert CartItem.objects.count() == 1


def test_billing_may_order_but_not_change_the_customers_data(client, customer, backup, shop):
    colleague = factories.member(customer, role=Role.BILLING).user
    client.force_login(colleague)
    client.post(address(backup), BACKUP)
    context = client.get(CHECKOUT).context
    data = {
        "checkout_key": str(context["checkout_key"]),
        "seen": context["seen"],
        "payment_method": str(PaymentMethod.objects.get().pk),
        "terms": "1",
        "terms_version": str(TermsVersion.current().pk),
        "customer": str(customer.pk),
        "billing-address": "Jl. Palsu 1",
    }
    assert client.post(CHECKOUT, data).status_code == 302
    customer.refresh_from_db()
    assert (customer.address, Order.objects.get().customer) == ("Jl. Kenanga 8", customer)
