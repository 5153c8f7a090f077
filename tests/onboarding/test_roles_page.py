"""The page on which a customer's owners say who has which role in a product (ON3)."""

import pytest

from accounts.roles import Role
from onboarding.models import MemberRole, ProductRole
from tests import factories
from tests.onboarding import journey

PAGE = "/client/onboarding/access/"
QUERIES_OF_PAGE = 6


@pytest.fixture
def colleague(customer):
    return factories.member(customer, factories.user(name="Kirana Kolega"), Role.ADMIN)


def give(client, membership, product, role: ProductRole | None):
    data = {"membership": membership.pk, "product": product.pk, "role": role.pk if role else ""}
    return client.post(PAGE, data, follow=True)


def role_of(membership, product) -> str | None:
    found = MemberRole.objects.filter(membership=membership, product=product).select_related("role").first()
    return found and found.role.key


def test_an_owner_gives_changes_and_takes_a_role(signed_in, case, colleague, product):
    seen = []
    for key in ("ultimate", "accountant", ""):
        response = give(signed_in, colleague, product, product.onboarding_roles.filter(key=key).first())
        assert response.status_code == 200
        seen.append(role_of(colleague, product))
    assert seen == ["ultimate", "accountant", None]


def test_the_new_role_opens_the_tracker_at_once(client, case, owner, colleague, product):
    client.force_login(colleague.user)
    assert client.get(case.get_absolute_url()).status_code == 403
    client.force_login(owner)
    give(client, colleague, product, product.onboarding_roles.get(key="ultimate"))
    client.force_login(colleague.user)
    assert client.get(case.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_others_read_who_can_help_and_change_nothing(client, case, owner, customer, colleague, product, role):
    person = factories.member(customer, role=role).user
    client.force_login(person)
    html = client.get(PAGE).content.decode()
    assert owner.email in html
    assert "<select" not in html
    assert give(client, colleague, product, product.onboarding_roles.get(key="owner")).status_code == 403
    assert role_of(colleague, product) is None


def test_a_role_of_another_product_is_refused(signed_in, case, colleague, product, customer):
    other = journey.product_with_roles(name_id="Talenta")
    journey.case_at("training", customer, other)
    response = give(signed_in, colleague, product, other.onboarding_roles.get(key="owner"))
    assert response.status_code == 422
    assert "Pilih salah satu peran produk ini." in response.content.decode()
    assert role_of(colleague, product) is None


def test_members_and_products_of_others_are_refused(signed_in, case, colleague, product):
    foreign = factories.member(factories.customer())
    unknown = journey.product_with_roles(name_id="Talenta")
    assert give(signed_in, foreign, product, product.onboarding_roles.get(key="owner")).status_code == 422
    assert give(signed_in, colleague, unknown, unknown.onboarding_roles.get(key="owner")).status_code == 422
    assert MemberRole.objects.exclude(membership__user=case.customer.users.first()).count() == 0


def test_only_products_with_an_onboarding_are_listed(signed_in, case, product):
    journey.product_with_roles(name_id="Talenta Lain")
    context = signed_in.get(PAGE).context
    assert [one for one, _members in context["products"]] == [product]


def test_without_any_the_page_leads_on(signed_in):
    assert "Belum ada produk dengan onboarding" in signed_in.get(PAGE).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_members(signed_in, case, customer, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.member(customer)
    signed_in.get(PAGE)
    with django_assert_num_queries(QUERIES_OF_PAGE):
        signed_in.get(PAGE)
