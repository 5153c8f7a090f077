"""Invitations as tests make them: through the service, with the token read from the mail."""

from django.db import transaction

from accounts import crypto, invitations
from accounts.models import Customer, Invitation, OutboxEmail, User
from accounts.roles import Role


def invite(
    customer: Customer, actor: User, *, email: str = "budi@example.com", role: Role = Role.BILLING
) -> tuple[Invitation, str]:
    """The invitation and the token that only the mail knows."""
    # Read before the commit sends the mail and forgets the token.
    with transaction.atomic():
        invitation = invitations.invite(customer=customer, email=email, role=role, actor=actor)
        return invitation, token_of(invitation)


def token_of(invitation: Invitation) -> str:
    mail = OutboxEmail.objects.filter(key__startswith=f"invitation:{invitation.pk}:").latest("pk")
    return crypto.decrypt(mail.arguments["secret"]).rstrip("/").rpartition("/")[2]
