from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts import invitations
from accounts.models import CustomerEvent, Invitation, Membership, OutboxEmail
from accounts.roles import Role
from tests import factories
from tests.accounts.invited import invite, token_of


@pytest.mark.django_db
def test_only_the_mail_knows_the_token(customer, owner):
    invitation, token = invite(customer, owner)
    assert len(token) >= 40
    assert invitation.token_hash == invitations.hash_of(token)
    assert token not in str(OutboxEmail.objects.values())
    assert invitations.find(token) == invitation


@pytest.mark.django_db
def test_known_and_unknown_addresses_get_the_same(customer, owner):
    known = factories.user(email="known@example.com")
    invite(customer, owner, email="known@example.com")
    invite(customer, owner, email="unknown@example.com")
    first, second = Invitation.objects.order_by("pk").values("role", "accepted_at", "revoked_at", "invited_by")
    assert first == second
    assert list(OutboxEmail.objects.order_by("pk").values_list("to", "user")) == [
        ("known@example.com", known.pk),
        ("unknown@example.com", None),
    ]


@pytest.mark.django_db
def test_inviting_twice_sends_one_mail(customer, owner):
    first, _token = invite(customer, owner)
    again = invitations.invite(customer=customer, email="BUDI@example.com ", role=Role.BILLING, actor=owner)
    assert again == first
    assert OutboxEmail.objects.count() == 1


@pytest.mark.django_db
def test_inviting_to_another_role_replaces_the_invitation(customer, owner):
    _first, old = invite(customer, owner, role=Role.BILLING)
    second, new = invite(customer, owner, role=Role.TECHNICAL)
    assert not invitations.find(old).is_open
    assert invitations.find(new) == second
    assert second.is_open


@pytest.mark.django_db
def test_a_member_is_not_invited_again(customer, owner):
    member = factories.member(customer)
    with pytest.raises(invitations.AlreadyMember):
        invite(customer, owner, email=member.user.email.upper())
    assert Invitation.objects.count() == 0


@pytest.mark.django_db
def test_an_admin_cannot_invite_an_owner(customer):
    admin = factories.member(customer, role=Role.ADMIN)
    with pytest.raises(invitations.NotYourRole):
        invite(customer, admin.user, role=Role.OWNER)
    assert Invitation.objects.count() == 0


@pytest.mark.django_db
def test_accepting_makes_a_member_and_confirms_the_address(customer, owner):
    invitation, _token = invite(customer, owner)
    budi = factories.user(email="budi@example.com", verified=False)
    membership = invitations.accept(invitation=invitation, user=budi)
    assert (membership.customer, membership.user, membership.role) == (customer, budi, Role.BILLING)
    assert EmailAddress.objects.get(user=budi).verified
    assert list(CustomerEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        "invited",
        "invitation_accepted",
    ]


@pytest.mark.django_db
def test_accepting_again_shows_the_same_membership(customer, owner):
    invitation, _token = invite(customer, owner)
    budi = factories.user(email="budi@example.com")
    assert invitations.accept(invitation=invitation, user=budi) == invitations.accept(invitation=invitation, user=budi)
    assert CustomerEvent.objects.filter(kind="invitation_accepted").count() == 1


@pytest.mark.django_db
def test_a_second_confirmed_address_may_be_the_invited_one(customer, owner):
    invitation, _token = invite(customer, owner)
    person = factories.user()
    EmailAddress.objects.create(user=person, email="budi@example.com", verified=True)
    assert invitations.accept(invitation=invitation, user=person).user == person


@pytest.mark.django_db
def test_another_persons_invitation_is_refused(customer, owner):
    invitation, _token = invite(customer, owner)
    stranger = factories.user()
    EmailAddress.objects.create(user=stranger, email="budi@example.com", verified=False)
    with pytest.raises(invitations.NotForYou):
        invitations.accept(invitation=invitation, user=stranger)
    assert Membership.objects.count() == 1
    assert invitations.find(token_of(invitation)).is_open


@pytest.mark.django_db
@pytest.mark.parametrize("closed_by", ["time", "revoking", "a member who left"])
def test_a_closed_invitation_makes_no_member(customer, owner, closed_by, time_machine):
    invitation, _token = invite(customer, owner)
    budi = factories.user(email="budi@example.com")
    if closed_by == "time":
        time_machine.move_to(invitation.expires_at + timedelta(seconds=1))
    elif closed_by == "revoking":
        invitations.revoke(invitation=invitation, actor=owner)
    else:
        invitations.accept(invitation=invitation, user=budi).delete()
    with pytest.raises(invitations.InvitationClosed):
        invitations.accept(invitation=invitation, user=budi)
    assert list(Membership.objects.values_list("user", flat=True)) == [owner.pk]


@pytest.mark.django_db
def test_resending_makes_the_earlier_link_useless(customer, owner):
    invitation, old = invite(customer, owner)
    invitations.resend(invitation=invitation, actor=owner)
    assert invitations.find(old) is None
    assert invitations.find(token_of(invitation)) == invitation
    assert OutboxEmail.objects.count() == 2


@pytest.mark.django_db
def test_a_closed_invitation_is_neither_resent_nor_revoked(customer, owner):
    invitation, _token = invite(customer, owner)
    invitations.revoke(invitation=invitation, actor=owner)
    for act in (invitations.resend, invitations.revoke):
        with pytest.raises(invitations.InvitationClosed):
            act(invitation=invitation, actor=owner)
    assert OutboxEmail.objects.count() == 1


@pytest.mark.django_db
def test_an_expired_invitation_gives_way_to_a_new_one(customer, owner, time_machine):
    first, _token = invite(customer, owner)
    time_machine.move_to(first.expires_at + timedelta(seconds=1))
    second, _token = invite(customer, owner)
    assert second != first
    assert second.is_open
