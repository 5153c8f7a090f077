"""The configure page: forms from what is offered, links, forged posts, the live quote."""

import pytest
from django.urls import reverse

from cart.models import Cart, CartItem
from catalog.cycles import Cycle
from catalog.models import Product
from catalog.selection import DomainSelection, Selection
from tests import factories
from tests.cart.conftest import BACKUP
from tests.cart.conftest import configure_address as address

HOSTING = {"cycle": "monthly", "os": "ubuntu", "domain": "own", "own_name": "perusahaan.co.id"}


def chosen() -> Selection:
    return Selection.from_json(CartItem.objects.get().selection)


def refused(response, *fields: str) -> None:
    """The page again with these fields marked, and nothing in any cart."""
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, sorted(fields))
    assert not CartItem.objects.exists()


def test_n2_a_configured_product_goes_to_the_cart(client, backup):
    response = client.post(address(backup), BACKUP)
    assert (response.status_code, response.url) == (302, reverse("cart:review"))
    assert chosen() == Selection(
        cycle="monthly",
        options={"storage": 500, "users": 25, "office_domain": "perusahaan.co.id"},
        addons=frozenset({"managed", "installation"}),
    )


def test_a3_the_page_shows_each_option_with_its_limits_and_price(client, backup):
    page = client.get(address(backup)).content.decode()
    assert 'name="storage" value="100" min="100" max="5000" step="50"' in page
    assert 'data-sync="id_storage"' in page
    assert "Rp500 per GB per bulan" in page
    assert "Managed Service" in page
    assert 'placeholder="perusahaan.co.id"' in page


def test_a3_without_a_maximum_there_is_no_slider(client, db):
    plan = factories.product()
    factories.quantity_option(plan, key="users", prices={Cycle.MONTHLY: 1000})
    page = client.get(address(plan)).content.decode()
    assert 'name="users" value="0" min="0" step="1"' in page
    assert 'type="range"' not in page


def test_n2_each_cycle_shows_the_configured_price_its_setup_fee_and_saving(client, backup):
    page = client.get(address(backup), {"storage": "500", "users": "25"}).content.decode()
    # 450.000 + 500 × 500 + 25 × 12.000 a month; a year of it costs 12.000.000, annually 4.590.000 + 2.550.000 + 3.060.000.
    assert "Rp1.000.000" in page
    assert "Rp10.200.000" in page
    assert "Hemat 15 %" in page
    assert "+ biaya setup Rp50.000" in page


def test_a_page_just_opened_accuses_nobody_and_has_a_price(client, backup):
    response = client.get(address(backup))
    assert response.context["form"].errors == {}
    # 450.000 + 50.000 + 100 × 500 + 5 × 12.000 = 610.000, PPN 67.100.
    assert "Rp677.100" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"users": "4"}, "users"),
        ({"users": "301"}, "users"),
        ({"storage": "130"}, "storage"),
        ({"users": "lima"}, "users"),
        ({"users": ""}, "users"),
        ({"office_domain": "bukan domain"}, "office_domain"),
        ({"office_domain": ""}, "office_domain"),
        ({"office_domain": "a\nb"}, "office_domain"),
        ({"cycle": "weekly"}, "cycle"),
        ({"cycle": "triennially"}, "cycle"),
        ({"cycle": ""}, "cycle"),
        ({"addons": ["managed", "gold"]}, "addons"),
        # Managed Service has no price for a year: choosing it is an error, never free.
        ({"cycle": "annually", "addons": ["managed"]}, "addons"),
    ],
)
def test_p3_p4_what_is_not_offered_is_refused_beside_its_field(client, backup, change, field):
    refused(client.post(address(backup), {**BACKUP, **change}), field)


def test_p4_a_choice_without_a_price_for_the_cycle_is_refused(client, hosting):
    refused(client.post(address(hosting), {**HOSTING, "cycle": "annually", "os": "windows"}), "os")


def test_p4_an_unknown_choice_is_refused(client, hosting):
    refused(client.post(address(hosting), {**HOSTING, "os": "templeos"}), "os")


def test_p1_prices_and_unknown_fields_in_a_post_are_not_read(client, backup):
    forged = {
        "price": "1",
        "amount": "0",
        "setup_fee": "0",
        "product": "999",
        "cart": "7",
        "user": "1",
        "discount": "99",
    }
    client.post(address(backup), {**BACKUP, **forged})
    assert chosen().options == {"storage": 500, "users": 25, "office_domain": "perusahaan.co.id"}
    page = client.get(reverse("cart:review")).content.decode()
    assert "Rp3.663.000" in page


def test_a_refused_post_keeps_what_was_typed_and_names_the_title(client, backup):
    page = client.post(address(backup), {**BACKUP, "office_domain": "bukan domain"}).content.decode()
    assert "<title>Kesalahan: " in page
    assert 'value="bukan domain"' in page
    assert 'name="users" value="25"' in page
    assert 'href="#id_office_domain"' in page


# Domains


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"domain": "own", "own_name": "Perusahaan.CO.ID"}, DomainSelection("own", "perusahaan.co.id")),
        (
            {"domain": "register", "register_name": "toko", "register_extension": ".com"},
            DomainSelection("register", "toko.com"),
        ),
        (
            {"domain": "register", "register_name": "toko.co.id", "register_extension": ".com"},
            DomainSelection("register", "toko.co.id"),
        ),
        (
            {"domain": "transfer", "transfer_name": "toko.com", "epp_code": "rahasia-1"},
            DomainSelection("transfer", "toko.com", "rahasia-1"),
        ),
        ({"domain": "subdomain", "subdomain_name": "tokosaya"}, DomainSelection("subdomain", "tokosaya.situsku.id")),
        (
            {"domain": "register", "register_name": "café", "register_extension": ".com"},
            DomainSelection("register", "xn--caf-dma.com"),
        ),
    ],
)
def test_n2_each_way_of_a_domain(client, hosting, data, expected):
    assert client.post(address(hosting), {**HOSTING, **data}).status_code == 302
    assert chosen().domain == expected


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"domain": "own", "own_name": ""}, "own_name"),
        ({"domain": "own", "own_name": "bukan domain"}, "own_name"),
        ({"domain": "register", "register_name": "toko.xyz"}, "register_name"),
        ({"domain": "register", "register_name": "a.toko.com"}, "register_name"),
        ({"domain": "transfer", "transfer_name": "toko.com"}, "transfer_name"),
        ({"domain": "subdomain", "subdomain_name": "www"}, "subdomain_name"),
        ({"domain": "subdomain", "subdomain_name": "a.b"}, "subdomain_name"),
        ({"domain": "steal"}, "domain"),
    ],
)
def test_n2_a_domain_that_cannot_be_is_refused_where_it_was_typed(client, hosting, data, field):
    refused(client.post(address(hosting), {**HOSTING, **data}), field)


def test_the_epp_code_is_not_readable_in_the_database(client, hosting):
    data = {"domain": "transfer", "transfer_name": "toko.com", "epp_code": "rahasia-1"}
    client.post(address(hosting), {**HOSTING, **data})
    assert "rahasia-1" not in str(CartItem.objects.values_list("selection", flat=True).get())


def test_n2_products_that_need_no_domain_do_not_ask(client, backup):
    assert 'name="domain"' not in client.get(address(backup)).content.decode()


def test_n2_the_search_offers_every_extension_with_its_price(client, hosting):
    response = client.get(address(hosting, "cart:domain-search"), {"register_name": "Toko.co.id", "cycle": "monthly"})
    page = response.content.decode()
    assert "toko.co.id" in page
    assert "toko.com" in page
    assert "Rp350.000 per tahun" in page
    assert "Ketersediaan diperiksa setelah pemesanan" in page


def test_n2_without_scripts_the_search_is_a_button_of_the_form(client, hosting):
    data = {**HOSTING, "domain": "register", "register_name": "toko", "action": "search"}
    response = client.post(address(hosting), data)
    assert response.status_code == 200
    assert "toko.co.id" in response.content.decode()
    assert not Cart.objects.exists()


def test_without_scripts_the_total_is_computed_again_by_a_button(client, backup):
    response = client.post(address(backup), {**BACKUP, "office_domain": "", "action": "recalculate"})
    assert (response.status_code, response.context["form"].errors) == (200, {})
    assert "Rp3.663.000" in response.content.decode()
    assert not Cart.objects.exists()


# Links


def test_a_link_fills_the_form(client, backup):
    page = client.get(address(backup), {"cycle": "annually", "users": "25"}).content.decode()
    assert 'value="annually" checked' in page
    assert 'name="users" value="25"' in page


def test_a_link_with_a_bad_value_says_so_and_shows_the_rest(client, backup):
    response = client.get(address(backup), {"cycle": "annually", "users": "9999"})
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["users"])
    assert 'name="users" value="9999"' in response.content.decode()


def test_a_link_with_an_unknown_cycle_shows_the_first_and_says_so(client, backup):
    response = client.get(address(backup), {"cycle": "weekly"})
    assert list(response.context["form"].errors) == ["cycle"]
    assert 'value="monthly" checked' in response.content.decode()


def test_a_link_ticks_and_unticks(client, hosting):
    yes = client.get(address(hosting), {"backup": "1"}).content.decode()
    no = client.get(address(hosting), {"backup": "0"}).content.decode()
    assert 'name="backup" value="1" checked' in yes
    assert 'name="backup" value="1" checked' not in no


def test_a_link_with_a_promotion_shows_its_price_and_takes_the_code_along(client, backup):
    factories.promotion(code="HEMAT10")
    page = client.get(address(backup), {"promo": "hemat10"}).content.decode()
    assert "HEMAT10" in page
    assert "−Rp56.000" in page
    client.post(address(backup), {**BACKUP, "promo": "hemat10"})
    assert Cart.objects.get().promo_code == "HEMAT10"


def test_a_link_with_a_bad_promotion_says_why(client, backup):
    page = client.get(address(backup), {"promo": "SALAH"}).content.decode()
    assert "Kode promo ini tidak dikenal." in page


def test_codes_cannot_be_guessed_through_links_either(client, backup):
    factories.promotion(code="HEMAT10")
    quote = address(backup, "cart:configure-quote")
    for number in range(25):
        client.get(quote, {**BACKUP, "promo": f"TEBAK{number}"})
    page = client.get(quote, {**BACKUP, "promo": "HEMAT10"}).content.decode()
    assert "Terlalu banyak percobaan" in page
    client.post(address(backup), {**BACKUP, "promo": "HEMAT10"})
    assert Cart.objects.get().promo_code == ""


def test_an_accepted_code_in_a_link_is_not_a_guess(client, backup):
    factories.promotion(code="HEMAT10")
    quote = address(backup, "cart:configure-quote")
    pages = [client.get(quote, {**BACKUP, "promo": "HEMAT10"}).content.decode() for _change in range(30)]
    assert all("−Rp325.000" in page for page in pages)


# The live quote


def test_n2_the_summary_follows_every_change(client, backup):
    page = client.get(address(backup, "cart:configure-quote"), {**BACKUP, "shown_cycle": "monthly"}).content.decode()
    assert "Rp3.663.000" in page
    assert 'id="spoken-total"' in page
    assert 'id="options"' not in page
    assert not Cart.objects.exists()


def test_n2_another_cycle_brings_its_own_options_and_prices(client, backup):
    data = {**BACKUP, "cycle": "annually", "shown_cycle": "monthly", "addons": []}
    page = client.get(address(backup, "cart:configure-quote"), data).content.decode()
    assert 'id="options"' in page
    assert "Rp5.100 per GB per tahun" in page
    assert "Managed Service" not in page


def test_n2_a_wrong_value_is_named_beside_the_numbers(client, backup):
    data = {**BACKUP, "users": "1", "shown_cycle": "monthly"}
    page = client.get(address(backup, "cart:configure-quote"), data).content.decode()
    assert "antara 5 dan 300" in page


# What can be ordered


def test_a_hidden_product_can_be_configured_by_its_address(client, db):
    assert client.get(address(factories.product(hidden=True))).status_code == 200


def test_a_retired_product_is_gone(client, db):
    plan = factories.product(retired=True)
    assert client.get(address(plan)).status_code == 404
    assert client.post(address(plan), {"cycle": "monthly"}).status_code == 404


def test_p8_a_sold_out_product_is_refused(client, db):
    plan = factories.product(stock=1, stock_taken=1)
    response = client.post(address(plan), {"cycle": "monthly"})
    assert response.status_code == 422
    assert not CartItem.objects.exists()


@pytest.mark.parametrize("mode", [Product.Quantity.SEPARATE, Product.Quantity.MULTIPLE])
def test_p5_quantity_where_the_product_allows_it(client, db, mode):
    plan = factories.product(quantity_mode=mode)
    assert client.post(address(plan), {"cycle": "monthly", "quantity": "3"}).status_code == 302
    assert chosen().quantity == 3


def test_p5_a_forged_quantity_of_a_single_product_is_one(client, db):
    client.post(address(factories.product()), {"cycle": "monthly", "quantity": "3"})
    assert chosen().quantity == 1


# Editing


def test_n3_a_line_is_edited_in_place(client, backup):
    client.post(address(backup), BACKUP)
    item = CartItem.objects.get()
    page = client.get(reverse("cart:edit", args=[item.pk])).content.decode()
    assert 'name="users" value="25"' in page
    assert 'value="managed" checked' in page
    response = client.post(reverse("cart:edit", args=[item.pk]), {**BACKUP, "users": "30", "addons": []})
    assert response.status_code == 302
    assert (chosen().options["users"], chosen().addons, CartItem.objects.count()) == (30, frozenset(), 1)


def test_somebody_elses_line_is_not_found(client, backup):
    client.post(address(backup), BACKUP)
    item = CartItem.objects.get()
    client.logout()
    assert client.get(reverse("cart:edit", args=[item.pk])).status_code == 404
    assert client.post(reverse("cart:edit", args=[item.pk]), {**BACKUP, "users": "30"}).status_code == 404
    assert chosen().options["users"] == 25


@pytest.mark.parametrize("options", [1, 3])
def test_the_page_costs_the_same_queries_for_one_option_or_three(client, db, django_assert_num_queries, options):
    factories.ppn()
    plan = factories.product()
    for number in range(options):
        factories.quantity_option(plan, key=f"users{number}", prices={Cycle.MONTHLY: 1000})
        factories.addon(plan, prices={Cycle.MONTHLY: 1000})
    client.get(address(plan))
    with django_assert_num_queries(0):
        client.get(address(plan))
