"""The quotation editor: products of the catalog with their options, priced before they are sent (M5, P1)."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import PaymentMethod
from onboarding import quoting
from onboarding.models import Quotation
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import quote, revise, sign, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    made = journey.product_with_roles(prices={"monthly": 200_000, "annually": (2_000_000, 50_000)})
    factories.quantity_option(made, prices={"monthly": 12_500}, minimum=1, maximum=50, required=False)
    factories.yes_no_option(made, prices={"monthly": 15_000, "annually": 150_000})
    factories.addon(made, key="care", prices={"monthly": 90_000})
    return made


@pytest.fixture
def lead(customer, owner, product):
    factories.bank_transfer()
    journey.give(customer, owner, product, "owner")
    return journey.case_at("quotation", customer, product)


@pytest.fixture
def sales(lead, client):
    person = factories.staff("onboarding.work_on_case", "onboarding.add_quotation", name="Rani Wijaya")
    journey.assign(lead, person)
    client.force_login(person)
    return person


@pytest.fixture
def address(lead) -> str:
    return reverse("admin:onboarding_quotation_edit", args=[lead.pk])


def filled(product, **changes) -> dict:
    """What the page sends with one item."""
    return {
        "item": "0",
        "item-0-product": product.pk,
        "item-0-cycle": "monthly",
        "item-0-users": "10",
        "item-0-addons": ["care"],
        "terms-key": str(uuid.uuid4()),
        "terms-seen": "",
        "terms-payment_method": PaymentMethod.objects.get().pk,
        "terms-valid_until": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "terms-promotion_code": "",
        "terms-note": "",
        "action": "recalculate",
        **changes,
    }


def total(response) -> int:
    return int(response.context["editor"].quote.total)


def test_it_begins_with_the_product_of_the_case_as_the_shop_would(client, sales, address):
    page = client.get(address)
    assert [item.offer.name.id for item in page.context["editor"].items.items] == ["Jurnal Plus"]
    assert total(page) == 212_500
    assert page.context["form"]["valid_until"].value() == timezone.localdate() + timedelta(days=14)


def test_what_is_chosen_is_priced_at_once(client, sales, address, product):
    assert total(client.post(address, filled(product))) == 200_000 + 125_000 + 90_000
    factories.promotion(code="HEMAT")
    assert total(client.post(address, filled(product, **{"terms-promotion_code": "hemat"}))) == 373_500
    assert not Quotation.objects.exists()


def test_a_code_that_is_refused_leaves_the_full_price_and_says_why(client, sales, address, product):
    page = client.post(address, filled(product, **{"terms-promotion_code": "TIDAKADA"}))
    assert (page.status_code, total(page)) == (200, 415_000)
    assert "tidak dikenal" in page.content.decode()


def test_products_are_added_and_removed(client, sales, address, product):
    other = factories.product(prices={"monthly": 70_000})
    page = client.post(address, filled(product, action="add", add=other.pk))
    assert total(page) == 485_000
    again = {"item": ["0", "1"], "item-1-product": other.pk, "item-1-cycle": "monthly"}
    assert total(client.post(address, filled(product, **again))) == 485_000
    page = client.post(address, filled(product, **again, remove="1"))
    assert total(page) == 415_000


def test_an_item_that_is_not_complete_does_not_hide_the_price_of_the_others(client, sales, address, product):
    hosting = factories.product(prices={"monthly": 70_000}, domain_own=True)
    page = client.post(address, filled(product, action="add", add=hosting.pk))
    assert total(page) == 415_000
    assert "belum lengkap" in page.content.decode()


def test_sending_makes_the_quotation_that_was_shown(client, sales, address, product, lead):
    response = client.post(address, filled(product, action="send", **{"terms-note": "Sesuai rapat."}))
    quotation = Quotation.objects.get()
    assert response["Location"] == reverse("admin:onboarding_document", args=[quotation.document_id])
    assert (quotation.case, quotation.total, quotation.note) == (lead, 415_000, "Sesuai rapat.")
    [(product_id, selection)] = quoting.choices(quotation)
    assert (product_id, selection.options["users"], selection.addons) == (product.pk, 10, {"care"})


def test_the_same_form_sent_twice_is_one_quotation(client, sales, address, product):
    data = filled(product, action="send")
    first, second = client.post(address, data), client.post(address, data)
    assert first["Location"] == second["Location"]
    assert (Quotation.objects.count(), stored()) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"item-0-users": "51"},
        {"item-0-users": "banyak"},
        {"item-0-cycle": "weekly"},
        {"item-0-addons": ["unknown"]},
        {"item": ""},
        {"item": "0", "item-0-product": "99999999999999999999"},
        {"terms-valid_until": "2020-01-01"},
        {"terms-payment_method": "0"},
        {"terms-key": "x"},
        {"terms-promotion_code": "TIDAKADA"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(client, sales, address, product, changes):
    response = client.post(address, filled(product, action="send", **changes))
    assert response.status_code == 422
    assert "Kesalahan:" in response.content.decode()
    assert (Quotation.objects.count(), stored()) == (0, 0)


def test_the_preview_is_the_paper_and_makes_nothing(client, sales, lead, product):
    preview = reverse("admin:onboarding_quotation_preview", args=[lead.pk])
    response = client.post(preview, filled(product))
    assert (response["Content-Type"], response.content[:4]) == ("application/pdf", b"%PDF")
    assert client.post(preview, filled(product, **{"item-0-users": "51"})).status_code == 422
    assert not Quotation.objects.exists()


def test_a_newer_version_begins_with_what_the_last_one_offered(client, sales, lead, address, product):
    client.post(address, filled(product, action="send", **{"terms-note": "Pertama"}))
    page = client.get(address)
    editor = page.context["editor"]
    assert editor.items.items[0].form.data["users"] == "10"
    assert (page.context["form"]["note"].value(), page.context["form"]["seen"].value()) == ("Pertama", 1)

    data = filled(product, action="send", **{"item-0-users": "20", "terms-seen": "1"})
    # Pressed twice, it is one version.
    assert [client.post(address, data).status_code for _press in range(2)] == [302, 302]
    quotation = Quotation.objects.get()
    assert (quotation.total, quotation.document.versions.count()) == (540_000, 2)


def test_somebody_who_was_faster_is_named_by_the_version(client, sales, lead, address, product):
    client.post(address, filled(product, action="send"))
    revise(Quotation.objects.get(), sales, note="Harga lain")
    response = client.post(address, filled(product, action="send", **{"terms-seen": "1"}))
    assert response.status_code == 422
    assert Quotation.objects.get().document.versions.count() == 2


def test_what_became_an_order_is_not_sent_again(client, sales, lead, owner, address, product):
    sign(quote(lead, sales).document, owner)
    response = client.post(address, filled(product, action="send", **{"terms-seen": "1"}))
    assert response.status_code == 422
    assert "sudah menjadi pesanan" in response.content.decode()


def test_the_list_costs_the_same_for_one_and_for_three(client, sales, lead, product, django_assert_num_queries):
    quote(lead, sales)
    client.get("/admin/onboarding/quotation/")
    with django_assert_num_queries(9):
        client.get("/admin/onboarding/quotation/")
    for _more in range(2):
        other = journey.case_at("quotation", factories.customer(), product)
        journey.assign(other, sales)
        quote(other, sales)
    with django_assert_num_queries(9):
        assert client.get("/admin/onboarding/quotation/").context["cl"].result_count == 3


def test_what_is_typed_stays_while_prices_are_shown(client, sales, address, product):
    typed = {"terms-note": "Belum selesai", "terms-valid_until": "", "terms-promotion_code": "x"}
    page = client.post(address, filled(product, **typed))
    assert page.status_code == 200
    assert page.context["form"]["note"].value() == "Belum selesai"
    assert page.context["form"].errors == {}
