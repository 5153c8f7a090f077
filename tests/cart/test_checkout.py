"""Checkout: who orders, what is asked, what is made in one transaction, and what is refused without a trace."""

import pytest
from django.contrib.auth import get_user
from django.core.cache import caches
from django.urls import reverse

from accounts.models import Customer, Membership, OutboxEmail, User
from accounts.roles import Role
from billing.models import Invoice, Order, PaymentMethod, PromotionRedemption, Service, TermsVersion
from cart.checkout import Seen
from cart.models import Cart, CartItem
from catalog.cycles import Cycle
from catalog.models import Product, Promotion
from tests import factories
from tests.cart.conftest import BACKUP, catalog_changed
from tests.cart.test_configure import address

CHECKOUT = "/cart/checkout/"
PASSWORD = "kuda-lumping-77"

ACCOUNT = {"account-name": "Sari Dewi", "account-email": "Sari@Example.com", "account-password": PASSWORD}
BILLING = {
    "billing-kind": "company",
    "billing-name": "PT Maju Jaya",
    "billing-phone": "0812 3456 7890",
    "billing-address": "Jl. Mawar 5",
    "billing-city": "Sleman",
    "billing-province": "DI Yogyakarta",
    "billing-postal_code": "55281",
    "billing-npwp": "",
    "billing-nik": "",
    "billing-billing_email": "",
}


@pytest.fixture
def ready(client, backup, shop):
    """A guest with the backup plan in the cart."""
    client.post(address(backup), BACKUP)
    return client


@pytest.fixture
def known(signed_in, backup, shop):
    """A signed-in owner with the backup plan in the cart."""
    signed_in.post(address(backup), BACKUP)
    return signed_in


def filled(client, **changes) -> dict[str, str]:
    """What the page's form sends when everything is filled in."""
    context = client.get(CHECKOUT).context
    data = {
        "checkout_key": str(context["checkout_key"]),
        "seen": context["seen"],
        "payment_method": str(PaymentMethod.objects.get().pk),
        "terms": "1",
        "terms_version": str(TermsVersion.current().pk),
        "notes": "Mohon dihubungi dulu.",
    }
    if context["choice"].customer:
        data["customer"] = str(context["choice"].customer.pk)
        data |= {f"billing-{name}": str(value or "") for name, value in context["form"].billing.initial.items()}
    else:
        data |= ACCOUNT | BILLING
    return {**data, **changes}


def counts() -> dict[str, int]:
    rows = (User, Customer, Membership, Order, Service, Invoice, OutboxEmail, PromotionRedemption, CartItem)
    return {model.__name__: model.objects.count() for model in rows}


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


def test_n4_a_known_customer_orders(known, owner, customer):
    response = known.post(CHECKOUT, filled(known))
    order = Order.objects.get()
    assert response.url == order.invoice.get_absolute_url()
    assert (order.customer, order.placed_by, User.objects.count()) == (customer, owner, 1)


def test_n4_a_known_customers_data_can_be_changed_while_ordering(known, owner, customer):
    known.post(CHECKOUT, filled(known, **{"billing-address": "Jl. Baru 9"}))
    customer.refresh_from_db()
    assert customer.address == "Jl. Baru 9"
    assert customer.events.get().actor == owner
    assert Order.objects.get().invoice.buyer["address_lines"][0] == "Jl. Baru 9"


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
    data = filled(known) | {"customer": str(second.pk)}
    data |= {f"billing-{name}": str(value or "") for name, value in page.context["form"].billing.initial.items()}
    known.post(CHECKOUT, data)
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
    with django_assert_num_queries(8):
        known.get(CHECKOUT)


def test_caches_may_be_empty(known):
    caches["process"].clear()
    assert known.post(CHECKOUT, filled(known)).status_code == 302
