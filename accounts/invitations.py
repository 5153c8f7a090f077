"""Inviting people to act for a customer: one link to one address, good once and for seven days.

The link's token is in the mail only; the database keeps its hash.
"""

import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import crypto, outbox
from accounts.members import NotYourRole
from accounts.models import Customer, CustomerEvent, Invitation, Membership, User
from accounts.models.customers import INVITATION_LIFETIME
from accounts.roles import Role


class AlreadyMember(Exception):
    """The address belongs to someone who acts for this customer already; the inviter sees that in the list."""


class InvitationClosed(Exception):
    """It was accepted or revoked, or its seven days are over."""


class NotForYou(Exception):
    """The invitation is bound to another address than the signed-in person's."""


def invite(*, customer: Customer, email: str, role: Role, actor: User) -> Invitation:
    """Offer membership to an address, known here or not: the answer is the same. Asking twice sends one mail.

    An open invitation of the address to another role is replaced. Raises ``AlreadyMember``, ``NotYourRole``.
    """
    try:
        return _invite(customer=customer, email=email.strip().lower(), role=role, actor=actor)
    except IntegrityError:
        # Somebody invited the same address at the same moment: theirs is the one (unique constraint).
        return Invitation.objects.get(customer=customer, email__iexact=email.strip(), **_OPEN)


_OPEN = {"accepted_at": None, "revoked_at": None}


@transaction.atomic
def _invite(*, customer: Customer, email: str, role: Role, actor: User) -> Invitation:
    if role == Role.OWNER:
        _must_be_owner(actor, customer)
    if Membership.objects.filter(customer=customer, user__email__iexact=email).exists():
        raise AlreadyMember(email)
    now = timezone.now()
    for earlier in Invitation.objects.filter(customer=customer, email__iexact=email, **_OPEN):
        if earlier.is_open and earlier.role == role:
            return earlier
        Invitation.objects.filter(pk=earlier.pk, **_OPEN).update(revoked_at=now)
    token = _new_token()
    invitation = Invitation.objects.create(
        customer=customer,
        email=email,
        role=role,
        token_hash=hash_of(token),
        invited_by=actor,
        expires_at=now + INVITATION_LIFETIME,
    )
    _record(invitation, actor, "invited")
    _send(invitation, token)
    return invitation


@transaction.atomic
def resend(*, invitation: Invitation, actor: User) -> Invitation:
    """A new link for another seven days; the link sent before stops working. Raises ``InvitationClosed``."""
    if invitation.role == Role.OWNER:
        _must_be_owner(actor, invitation.customer)
    token = _new_token()
    renewed = Invitation.objects.filter(pk=invitation.pk, **_OPEN).update(
        token_hash=hash_of(token), expires_at=timezone.now() + INVITATION_LIFETIME
    )
    if not renewed:
        raise InvitationClosed(invitation)
    invitation.refresh_from_db()
    _record(invitation, actor, "invitation_resent")
    _send(invitation, token)
    return invitation


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User) -> None:
    """Take an open invitation back; one that is closed already raises ``InvitationClosed``."""
    if not Invitation.objects.filter(pk=invitation.pk, **_OPEN).update(revoked_at=timezone.now()):
        raise InvitationClosed(invitation)
    _record(invitation, actor, "invitation_revoked")


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership:
    """Make the person a member. Whoever holds the link reads the address's mail, so the address counts as confirmed.

    Accepting again what one accepted before returns the membership. Raises ``NotForYou``, ``InvitationClosed``.
    """
    if not is_for(invitation, user):
        raise NotForYou(invitation)
    if not _take(invitation):
        membership = Membership.objects.filter(customer=invitation.customer, user=user).first()
        if membership is None:
            raise InvitationClosed(invitation)
        return membership
    membership, made = Membership.objects.get_or_create(
        customer=invitation.customer, user=user, defaults={"role": invitation.role}
    )
    if made:
        _record(invitation, user, "invitation_accepted")
    _confirm_address(user, invitation.email)
    return membership


def find(token: str) -> Invitation | None:
    """The invitation that a link's token opens, closed ones too."""
    return Invitation.objects.select_related("customer", "invited_by").filter(token_hash=hash_of(token)).first()


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether the invitation's address is the person's own."""
    if user.email.lower() == invitation.email.lower():
        return True
    return EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists()


def hash_of(token: str) -> str:
    # The token is 256 random bits: nobody guesses it from a plain hash, as they would a password.
    return hashlib.sha256(token.encode()).hexdigest()


def _take(invitation: Invitation) -> bool:
    """Close the invitation for everybody else; the database decides who was first."""
    now = timezone.now()
    return bool(Invitation.objects.filter(pk=invitation.pk, expires_at__gt=now, **_OPEN).update(accepted_at=now))


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _must_be_owner(actor: User, customer: Customer) -> None:
    if not Membership.objects.filter(customer=customer, user=actor, role=Role.OWNER).exists():
        raise NotYourRole(actor)


def _record(invitation: Invitation, actor: User, kind: str) -> None:
    detail = {"email": invitation.email, "role": invitation.role}
    CustomerEvent.objects.create(customer=invitation.customer, actor=actor, kind=kind, detail=detail)


def _send(invitation: Invitation, token: str) -> None:
    invited = User.objects.filter(email__iexact=invitation.email).first()
    outbox.enqueue(
        key=f"invitation:{invitation.pk}:{invitation.token_hash[:16]}",
        to=invitation.email,
        template="accounts/invitation",
        arguments={
            "invitation_id": invitation.pk,
            "secret": crypto.encrypt(outbox.absolute(reverse("accounts:invitation", args=[token]))),
        },
        language=invited.language if invited else invitation.customer.language,
        user=invited,
    )


def _confirm_address(user: User, email: str) -> None:
    address, _made = EmailAddress.objects.get_or_create(
        user=user, email=email, defaults={"primary": user.email.lower() == email}
    )
    if not address.verified:
        address.set_verified()
