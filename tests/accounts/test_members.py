from functools import partial

import pytest

from accounts import members
from accounts.models import CustomerEvent, Membership
from accounts.roles import Role
from tests import factories


def roles(customer) -> dict:
    return dict(Membership.objects.filter(customer=customer).values_list("user", "role"))


@pytest.mark.django_db
def test_an_owner_gives_a_member_another_role(customer, owner):
    member = factories.member(customer)
    members.change_role(membership=member, role=Role.BILLING, actor=owner)
    assert roles(customer) == {owner.pk: Role.OWNER, member.user.pk: Role.BILLING}
    event = CustomerEvent.objects.get()
    assert (event.actor, event.kind) == (owner, "role_changed")
    assert event.detail == {"user": member.user.pk, "from": Role.VIEWER, "to": Role.BILLING}


@pytest.mark.django_db
def test_the_same_role_again_leaves_no_history(customer, owner):
    member = factories.member(customer)
    members.change_role(membership=member, role=Role.VIEWER, actor=owner)
    assert CustomerEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act", [partial(members.change_role, role=Role.ADMIN), members.remove], ids=["demote", "remove"]
)
def test_the_last_owner_stays_and_nothing_moves(customer, owner, act):
    factories.member(customer, role=Role.ADMIN)
    before = roles(customer)
    with pytest.raises(members.LastOwner):
        act(membership=owner.memberships.get(), actor=owner)
    assert roles(customer) == before
    assert CustomerEvent.objects.count() == 0


@pytest.mark.django_db
def test_one_of_two_owners_may_leave(customer, owner):
    other = factories.member(customer, role=Role.OWNER)
    members.remove(membership=owner.memberships.get(), actor=owner)
    assert roles(customer) == {other.user.pk: Role.OWNER}
    assert CustomerEvent.objects.get().kind == "member_removed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("act", "to_whom"),
    [
        (partial(members.change_role, role=Role.OWNER), Role.ADMIN),
        (partial(members.change_role, role=Role.VIEWER), Role.OWNER),
        (members.remove, Role.OWNER),
    ],
    ids=["promote", "demote an owner", "remove an owner"],
)
def test_an_admin_cannot_make_change_or_remove_owners(customer, owner, act, to_whom):
    admin = factories.member(customer, role=Role.ADMIN)
    factories.member(customer, role=Role.OWNER)
    before = roles(customer)
    with pytest.raises(members.NotYourRole):
        act(membership=customer.memberships.filter(role=to_whom).first(), actor=admin.user)
    assert roles(customer) == before


@pytest.mark.django_db
def test_removing_somebody_who_is_gone_does_nothing(customer, owner):
    member = factories.member(customer)
    stale = Membership.objects.get(pk=member.pk)
    members.remove(membership=member, actor=owner)
    members.remove(membership=stale, actor=owner)
    assert CustomerEvent.objects.count() == 1
