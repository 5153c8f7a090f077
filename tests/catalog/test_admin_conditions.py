"""Staff edit promotions, domain prices and tax rules."""

from decimal import Decimal

import pytest

from catalog.models import DomainExtension, Promotion, TaxRule
from tests import factories
from tests.catalog.admin_pages import page, problems, submit

pytestmark = pytest.mark.django_db


def promotion_data(**changes) -> dict:
    return {"code": "hemat10", "name_id": "Hemat", "kind": "percent", "value": "12,5", "audience": "everyone"} | changes


def test_a_promotion_is_typed_in_words_that_staff_know(staff):
    response = submit(staff, page("promotion_add"), **promotion_data(cycles=["monthly", "annually"]))

    assert response.status_code == 302
    promotion = Promotion.objects.get(code="HEMAT10")
    assert (promotion.value, promotion.cycles) == (Decimal("12.5"), ["monthly", "annually"])
    assert submit(staff, page("promotion_change", promotion.pk)).status_code == 302
    promotion.refresh_from_db()
    assert promotion.value == Decimal("12.5")


def test_a_fixed_promotion_reads_rupiah_with_dots(staff):
    submit(staff, page("promotion_add"), **promotion_data(kind="fixed", value="50.000"))

    assert Promotion.objects.get().value == 50_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "101"}, "value"),
        ({"value": "0"}, "value"),
        ({"value": "sepuluh"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"kind": "fixed", "value": "12.50"}, "value"),
        ({"kind": "fixed", "value": ""}, "value"),
        ({"renewals": "2"}, "renewals"),
        (
            {"starts_at_0": "2026-02-01", "starts_at_1": "00:00", "ends_at_0": "2026-01-01", "ends_at_1": "00:00"},
            "ends_at",
        ),
    ],
)
def test_a_promotion_that_makes_no_sense_is_refused(staff, changes, field):
    assert problems(submit(staff, page("promotion_add"), **promotion_data(**changes))).keys() == {field}
    assert not Promotion.objects.exists()


def test_the_limit_of_a_promotion_does_not_fall_below_its_uses(staff):
    promotion = factories.promotion(uses=3, max_uses=5)

    assert problems(submit(staff, page("promotion_change", promotion.pk), max_uses="2")).keys() == {"max_uses"}


def test_domain_prices_are_edited_in_the_list(staff):
    row = DomainExtension.objects.create(extension=".id", register_price=220_000, renew_price=250_000)
    data = {"_save": "1", "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": row.pk, "form-0-sort": 1}
    data |= {"form-0-register_price": "230.000", "form-0-transfer_price": "", "form-0-renew_price": "260.000"}
    staff.post(page("domainextension_changelist"), data)

    row.refresh_from_db()
    assert (row.register_price, row.transfer_price, row.renew_price) == (230_000, None, 260_000)


def test_a_tax_rule_does_not_end_before_it_begins(staff):
    data = {"name": "PPN", "rate": "12", "valid_from": "2025-01-01", "valid_to": "2024-12-31"}

    assert problems(submit(staff, page("taxrule_add"), **data)).keys() == {"valid_to"}
    assert submit(staff, page("taxrule_add"), **(data | {"valid_to": ""})).status_code == 302
    assert TaxRule.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_of_the_catalog_cost_the_same_for_one_and_many(staff, number, django_assert_num_queries):
    product = factories.product()
    for index in range(number):
        factories.promotion()
        factories.ppn(valid_from=f"202{index}-01-01")
        factories.choice_option(product, key=f"os{index}", choices={"a": {"monthly": 1}})
        factories.addon(product, prices={"monthly": 1})
        DomainExtension.objects.create(extension=f".x{index}", renew_price=1)
    # For each: session, memberships, person, two counts, the list and a look of the menu; some read one thing besides.
    costs = {"promotion": 7, "taxrule": 7, "domainextension": 7, "addon": 8, "optiongroup": 8, "option": 8}
    for model, queries in costs.items():
        staff.get(page(f"{model}_changelist"))
        with django_assert_num_queries(queries):
            staff.get(page(f"{model}_changelist"))
