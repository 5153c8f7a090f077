"""Owners give members their roles in a product; the roles say who sees the tracker and who signs (ON3)."""

import pytest
from django.contrib.auth.models import Group
from django.http import Http404

from accounts.roles import Role
from onboarding import access, member_roles
from onboarding.models import Case, MemberRole, PicAssignment, ProductRole
from onboarding.refusals import NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db

# The roles of both products of M1b: what each opens.
JURNAL = {"owner": True, "ultimate": True, "accountant": False, "sales": False}
TALENTA = {"super_admin": True, "admin": True, "employee": False}


@pytest.fixture
def case(customer):
    return factories.onboarding_case(customer)


@pytest.fixture
def product(case):
    return case.product


@pytest.fixture
def accountant(product):
    return factories.product_role(product, "accountant", sees_tracker=False, signs=False)


def given(membership) -> list[str]:
    return list(MemberRole.objects.filter(membership=membership).values_list("role__key", flat=True))


def test_an_owner_gives_changes_and_takes_a_role(customer, owner, product, accountant):
    member = factories.member(customer)
    for role, keys in [
        (accountant, ["accountant"]),
        (ProductRole.objects.get(key="owner"), ["owner"]),
        (None, []),
    ]:
        member_roles.give(membership=member, product=product, role=role, actor=owner)
        assert given(member) == keys
    events = customer.events.filter(kind="product_role_changed").order_by("pk")
    assert [(one.detail["was"], one.detail["became"]) for one in events] == [
        ("", "Accountant"),
        ("Accountant", "Owner"),
        ("Owner", ""),
    ]
    assert events[0].words == f"Peran produk {member.user.email} diubah"


def test_the_same_role_again_writes_nothing(customer, owner, product):
    role = ProductRole.objects.get(key="owner")
    member_roles.give(membership=customer.memberships.get(), product=product, role=role, actor=owner)
    assert customer.events.filter(kind="product_role_changed").count() == 0


@pytest.mark.parametrize("role", [Role.ADMIN, Role.BILLING, Role.TECHNICAL, Role.VIEWER])
def test_who_is_not_an_owner_gives_none(customer, product, accountant, role):
    member = factories.member(customer, role=role)
    with pytest.raises(NotAllowed):
        member_roles.give(membership=member, product=product, role=accountant, actor=member.user)
    assert given(member) == []


def test_owners_of_another_company_give_none(customer, product, accountant):
    stranger = factories.user()
    factories.customer(stranger)
    member = factories.member(customer)
    with pytest.raises(NotAllowed):
        member_roles.give(membership=member, product=product, role=accountant, actor=stranger)
    assert given(member) == []


def test_a_role_of_another_product_cannot_be_given(customer, owner, product):
    other = factories.product_role(factories.product(), "owner")
    with pytest.raises(ValueError, match="is not of product"):
        member_roles.give(membership=customer.memberships.get(), product=product, role=other, actor=owner)


@pytest.mark.parametrize("roles", [JURNAL, TALENTA])
def test_each_role_of_a_product_sees_and_signs_what_its_product_says(customer, roles):
    product = factories.product()
    for key, opens in roles.items():
        factories.product_role(product, key, sees_tracker=opens, signs=opens)
    case = factories.onboarding_case(customer, product=product)
    for key, opens in roles.items():
        member = factories.member(customer)
        MemberRole.objects.create(membership=member, product=product, role=product.onboarding_roles.get(key=key))
        assert (access.may_see(member.user, case), access.may_sign(member.user, case)) == (opens, opens)


def test_who_sees_may_not_therefore_sign(customer, case):
    role = factories.product_role(case.product, "ultimate", signs=False)
    member = factories.member(customer)
    MemberRole.objects.create(membership=member, product=case.product, role=role)
    assert (access.may_see(member.user, case), access.may_sign(member.user, case)) == (True, False)
    with pytest.raises(NotAllowed):
        access.require_sign(member.user, case)


def test_a_case_is_found_by_who_sees_it_refused_in_the_wrong_role_and_hidden_from_others(
    customer, owner, case, accountant
):
    colleague, without = factories.member(customer), factories.member(customer, role=Role.ADMIN)
    MemberRole.objects.create(membership=colleague, product=case.product, role=accountant)
    stranger = factories.user()
    factories.onboarding_case(factories.customer(stranger), product=case.product)
    assert access.find(owner, case.number.lower()) == case
    for person in (colleague.user, without.user):
        with pytest.raises(access.WrongRole) as refusal:
            access.find(person, case.number)
        assert refusal.value.case == case
    with pytest.raises(Http404):
        access.find(stranger, case.number)


def test_a_role_in_one_product_opens_no_other(customer, owner, case):
    other = factories.onboarding_case(customer)
    MemberRole.objects.filter(product=other.product).delete()
    assert access.find(owner, case.number) == case
    with pytest.raises(access.WrongRole):
        access.find(owner, other.number)


def test_staff_finds_own_cases_those_of_the_team_and_no_others(case):
    team = Group.objects.create(name="Tim")
    mine, in_team, elsewhere = (
        factories.onboarding_pic(),
        factories.onboarding_pic(team=team),
        factories.onboarding_pic(),
    )
    later = case.stages.get(key="training")
    PicAssignment.objects.create(stage=later, pic=mine)
    Case.objects.filter(pk=case.pk).update(team=team)
    for person in (mine, in_team, factories.onboarding_pic("onboarding.see_all_cases")):
        assert access.find_for_staff(person, case.pk) == case
        access.require_work(person, case)
    for person in (elsewhere, case.customer.users.get()):
        with pytest.raises(Http404):
            access.find_for_staff(person, case.pk)
        with pytest.raises(NotAllowed):
            access.require_work(person, case)
