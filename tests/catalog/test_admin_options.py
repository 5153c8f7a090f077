"""Staff edit options, their choices and add-ons."""

import pytest

from catalog.models import Addon, Option
from tests import factories
from tests.catalog.admin_pages import page, prices_of, problems, submit

pytestmark = pytest.mark.django_db


def test_an_option_is_made_in_two_steps(staff):
    product = factories.product(prices={"monthly": 1, "annually": 1})
    group = factories.text_option(product).group
    response = submit(staff, page("option_add"), group=group.pk, kind="choice", name_id="Sistem", key="sistem")

    option = Option.objects.get(key="sistem")
    assert response.url == page("option_change", option.pk)
    shown = staff.get(response.url)
    assert 'aria-label="Biaya setup: Bulanan"' in shown.content.decode()
    table = shown.context["inline_admin_formsets"][0]
    assert [field["name"] for field in table.fields() if field["name"].startswith(("price_", "setup_"))] == [
        "price_monthly",
        "setup_monthly",
        "price_annually",
        "setup_annually",
    ]


def test_choices_and_their_prices_are_edited_in_one_table(staff):
    product = factories.product(prices={"monthly": 100_000, "annually": 1_000_000})
    option = factories.choice_option(product, choices={"linux": {"monthly": 0}, "windows": {"monthly": 50_000}})
    address = page("option_change", option.pk)
    submit(
        staff,
        address,
        **{
            "choices-1-price_monthly": "75.000",
            "choices-1-price_annually": "750.000",
            "choices-1-setup_annually": "20.000",
            "choices-2-key": "bsd",
            "choices-2-name_id": "BSD",
            "choices-2-price_annually": "5.000",
        },
    )

    linux, windows, bsd = option.choices.all()
    assert prices_of(choice=linux) == {"monthly": (0, 0)}
    assert prices_of(choice=windows) == {"monthly": (75_000, 0), "annually": (750_000, 20_000)}
    assert prices_of(choice=bsd) == {"annually": (5_000, 0)}


def test_a_quantity_option_has_a_price_for_each_unit(staff):
    option = factories.quantity_option(factories.product(), prices={"monthly": 1_000})
    submit(staff, page("option_change", option.pk), price_monthly="2.000", maximum="50", step="5")

    option.refresh_from_db()
    assert prices_of(option=option) == {"monthly": (2_000, 0)}
    assert (option.maximum, option.step) == (50, 5)


def test_an_option_with_a_key_that_its_product_has_already_is_refused(staff):
    product = factories.product()
    factories.quantity_option(product, key="users", prices={"monthly": 1})
    other = factories.text_option(product, key="note")

    assert problems(submit(staff, page("option_change", other.pk), key="users")).keys() == {"key"}


def test_a_pattern_that_is_no_pattern_is_refused(staff):
    option = factories.text_option(factories.product(), text_rule="none")
    address = page("option_change", option.pk)

    assert problems(submit(staff, address, text_rule="pattern", pattern="[a-z")).keys() == {"pattern"}
    assert problems(submit(staff, address, text_rule="pattern")).keys() == {"pattern"}
    assert submit(staff, address, text_rule="pattern", pattern="[a-z]{3}").status_code == 302


def test_an_addon_has_its_prices_and_products(staff):
    product = factories.product()
    submit(
        staff,
        page("addon_add"),
        name_id="Managed Service",
        key="managed",
        price_monthly="750.000",
        products=[product.pk],
    )

    addon = Addon.objects.get(key="managed")
    assert prices_of(addon=addon) == {"monthly": (750_000, 0)}
    assert list(addon.products.all()) == [product]


def test_options_are_added_on_the_page_of_their_group(staff):
    product = factories.product()
    group = factories.quantity_option(product, key="users", prices={"monthly": 1}).group
    other = factories.text_option(product, key="note").group
    row = {"options-1-name_id": "Ruang", "options-1-kind": "quantity", "options-1-sort": "1"}
    address = page("optiongroup_change", group.pk)

    refused = submit(staff, address, **row, **{"options-1-key": "note"})
    assert refused.context["inline_admin_formsets"][0].formset.errors[1].keys() == {"key"}
    assert submit(staff, address, **row, **{"options-1-key": "disk"}).status_code == 302
    assert [option.key for option in group.options.all()] == ["users", "disk"]
    assert [option.key for option in other.options.all()] == ["note"]
