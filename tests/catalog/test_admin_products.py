"""Staff edit products without knowing the code."""

from decimal import Decimal

import pytest

from billing.models import Order, Service
from catalog import offers
from catalog.models import Price, Product, ProductGroup
from tests import factories
from tests.catalog.admin_pages import page, prices_of, problems, submit

pytestmark = pytest.mark.django_db


def test_staff_make_a_product_with_its_price_table(staff):
    group = factories.group()
    addon = factories.addon(factories.product(), prices={"monthly": 5_000})
    response = submit(
        staff,
        page("product_add"),
        group=group.pk,
        name_id="Paket Baru",
        slug="paket-baru",
        price_monthly="150.000",
        setup_monthly="Rp 50.000",
        price_annually="1,500,000",
        addons=[addon.pk],
    )

    assert response.status_code == 302
    product = Product.objects.get(slug="paket-baru")
    assert prices_of(product=product) == {"monthly": (150_000, 50_000), "annually": (1_500_000, 0)}
    assert list(product.addons.all()) == [addon]


def test_p4_an_emptied_price_is_no_longer_offered_and_zero_is_free(staff):
    product = factories.product(prices={"monthly": (150_000, 10_000), "annually": 1_500_000})
    submit(staff, page("product_change", product.pk), price_monthly="", setup_monthly="", price_annually="0")

    assert prices_of(product=product) == {"annually": (0, 0)}


def test_saving_a_product_as_it_is_changes_nothing(staff):
    product = factories.product(prices={"monthly": (150_000, 10_000)})
    factories.quantity_option(product, prices={"monthly": 1_000})
    retired = factories.addon(product, prices={"monthly": 1}, retired=True)
    Price.objects.create(product=product, currency="USD", cycle="monthly", amount=Decimal("9.50"))
    before = offers.load([product.pk])

    assert submit(staff, page("product_change", product.pk)).status_code == 302
    assert offers.load([product.pk]) == before
    assert list(product.addons.all()) == [retired]
    assert product.prices.filter(currency="USD").exists()


@pytest.mark.parametrize("amount", ["12.50", "gratis", "-5", "9" * 20])
def test_mo3_an_amount_that_cannot_be_read_says_so_and_changes_nothing(staff, amount):
    product = factories.product()
    errors = problems(submit(staff, page("product_change", product.pk), price_monthly=amount))

    assert errors == {"price_monthly": ["Isi jumlah dalam rupiah, angka saja, contoh: 150.000."]}
    assert prices_of(product=product) == {"monthly": (150_000, 0)}


def test_a_setup_fee_needs_its_price_and_a_listed_product_needs_one(staff):
    product = factories.product()
    address = page("product_change", product.pk)

    assert problems(submit(staff, address, setup_annually="10.000")).keys() == {"price_annually"}
    assert problems(submit(staff, address, price_monthly="")).keys() == {"price_monthly"}
    assert submit(staff, address, price_monthly="", hidden="on").status_code == 302


def test_groups_of_options_with_the_same_key_do_not_go_on_one_product(staff):
    product, other = factories.product(), factories.product()
    first = factories.quantity_option(product, prices={"monthly": 1}).group
    second = factories.quantity_option(other, prices={"monthly": 1}).group
    errors = problems(submit(staff, page("product_change", product.pk), option_groups=[first.pk, second.pk]))

    assert "kunci users" in errors["option_groups"][0]
    assert list(product.option_groups.all()) == [first]


def test_copying_a_product_copies_prices_options_and_addons_and_hides_it(staff):
    product = factories.product(
        name_id="Paket", slug="paket", prices={"monthly": (150_000, 10_000)}, stock=5, stock_taken=2, featured=True
    )
    option = factories.quantity_option(product, prices={"monthly": 1_000})
    addon = factories.addon(product, prices={"monthly": 5_000})
    data = {"action": "copy_products", "_selected_action": [product.pk]}
    response = staff.post(page("product_changelist"), data)

    copy = Product.objects.get(slug="paket-salinan")
    assert response.url == page("product_change", copy.pk)
    assert (copy.name_id, copy.hidden, copy.featured, copy.stock, copy.stock_taken) == (
        "Paket (salinan)",
        True,
        False,
        5,
        0,
    )
    assert prices_of(product=copy) == prices_of(product=product)
    assert list(copy.option_groups.all()) == [option.group]
    assert list(copy.addons.all()) == [addon]
    staff.post(page("product_changelist"), data)
    assert Product.objects.filter(slug="paket-salinan-2").exists()


def test_products_are_ordered_by_number_in_the_list(staff):
    first, second = factories.product(sort=1), factories.product(sort=2)
    shown = staff.get(page("product_changelist")).context["cl"].formset
    data = {"_save": "1", "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2}
    for index, form in enumerate(shown.forms):
        data |= {f"form-{index}-id": form.instance.pk, f"form-{index}-sort": 10 - form.instance.sort}
    staff.post(page("product_changelist"), data)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.sort, second.sort) == (9, 8)


@pytest.mark.parametrize(
    ("action", "state"),
    [("hide", (True, False)), ("retire", (False, True)), ("show", (False, False)), ("bring_back", (False, False))],
)
def test_products_are_hidden_and_retired_by_actions(staff, action, state):
    product = factories.product()
    staff.post(page("product_changelist"), {"action": action, "_selected_action": [product.pk]})

    product.refresh_from_db()
    assert (product.hidden, product.retired) == state


def test_a_product_page_links_to_the_store_or_to_a_preview(staff, client):
    product = factories.product(hidden=True, name_id="Rahasia")
    shown = staff.get(page("product_change", product.pk)).content.decode()
    link = shown.split('href="/store/')[1].split('"')[0].replace("&amp;", "&")

    assert "preview=" in link
    client.logout()
    assert "Rahasia" in client.get(f"/store/{link}").content.decode()


def test_a_product_with_services_cannot_be_deleted_only_retired(staff, customer):
    product, unused = factories.product(), factories.product()
    order = Order.objects.create(
        customer=customer, payment_method=factories.bank_transfer(), checkout_key="6f6d3c52-2f0e-4c2b-9f39-8b6f1f6f3f11"
    )
    Service.objects.create(
        customer=customer, order=order, product=product, name_id="Layanan", activation="on_payment", cycle="monthly"
    )

    assert staff.post(page("product_delete", product.pk), {"post": "yes"}).status_code == 403
    assert staff.post(page("product_delete", unused.pk), {"post": "yes"}).status_code == 302
    assert list(Product.objects.all()) == [product]


@pytest.mark.parametrize("number", [1, 3])
def test_the_product_list_costs_the_same_for_one_and_many(staff, number, django_assert_num_queries):
    group = factories.group()
    for _index in range(number):
        factories.product(group=group)
    staff.get(page("product_changelist"))

    # Session, person, two counts, the list, its prices, the groups to filter by, and three looks of the menu.
    with django_assert_num_queries(9):
        staff.get(page("product_changelist"))


def test_an_edit_in_the_admin_shows_in_the_store_at_once(transactional_db, staff, client):
    product = factories.product(group=factories.group(slug="hosting"), name_id="Lama")
    assert "Lama" in client.get("/store/hosting/").content.decode()

    submit(staff, page("product_change", product.pk), name_id="Baru", price_monthly="99.000")

    shown = client.get("/store/hosting/").content.decode()
    assert "Baru" in shown
    assert "Rp99.000" in shown


def test_no_page_of_the_catalog_has_inline_scripts_or_styles(staff):
    product = factories.product()
    option = factories.choice_option(product, choices={"a": {"monthly": 1}})
    rows = {
        "product": product.pk,
        "option": option.pk,
        "optiongroup": option.group_id,
        "productgroup": product.group_id,
    }
    for model in (
        "product",
        "productgroup",
        "option",
        "optiongroup",
        "addon",
        "promotion",
        "domainextension",
        "taxrule",
    ):
        addresses = [page(f"{model}_changelist"), page(f"{model}_add")]
        if model in rows:
            addresses.append(page(f"{model}_change", rows[model]))
        for address in addresses:
            html = staff.get(address).content.decode()
            assert " style=" not in html, address
            assert " onclick=" not in html, address
            assert "<style" not in html, address


def test_groups_get_their_address_from_their_name(staff):
    submit(staff, page("productgroup_add"), name_id="Cloud", slug="cloud")

    assert ProductGroup.objects.get().slug == "cloud"
